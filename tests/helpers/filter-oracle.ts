/** Which messages a filter takes, said a second time and without the sources, for tests that need to know better. */
import type { EventFilter, ServerMessage } from 'codex-async-client';

/** Whether a stream of this filter takes the message. */
export function takes(filter: EventFilter, message: ServerMessage): boolean {
  const methods: readonly string[] | undefined = filter.methods;
  return (
    isAsked(filter.kind, message.kind) &&
    (methods === undefined || methods.includes(message.method)) &&
    isAsked(filter.threadId, named(message, 'threadId') ?? idOf(message, 'thread')) &&
    isAsked(filter.turnId, named(message, 'turnId') ?? idOf(message, 'turn'))
  );
}

function isAsked(asked: string | undefined, said: unknown): boolean {
  return asked === undefined || asked === said;
}

function named({ params }: ServerMessage, name: string): unknown {
  return params === null || typeof params !== 'object' ? undefined : Reflect.get(params, name);
}

function idOf(message: ServerMessage, name: string): unknown {
  const object = named(message, name);
  return typeof object === 'object' && object !== null ? Reflect.get(object, 'id') : undefined;
}
