/**
 * A filter is data: which messages a stream takes. Owns its check, its meaning and how specific it is.
 */
import { checkKnownKeys, checkText, checkTextList, rejectArgument } from '../../support/argument-checks.js';
import type { NotificationMethod, ServerMessage, ServerRequestMethod } from '../server-message.js';
import type { RouteClaim } from './router.js';

/** Which messages a filtered stream takes; a message has to satisfy every member that is given. */
export interface EventFilter {
  /** Only notifications, or only server requests. */
  readonly kind?: ServerMessage['kind'] | undefined;
  /** Only these methods; narrows the type of the stream's messages. */
  readonly methods?: readonly (NotificationMethod | ServerRequestMethod)[] | undefined;
  /** Only messages of this thread. Sub-agents are threads of their own. */
  readonly threadId?: string | undefined;
  /** Only messages of this turn. */
  readonly turnId?: string | undefined;
}

/** The messages that a filter lets through, as a type. */
export type Filtered<F extends EventFilter> = Extract<
  ServerMessage,
  (F extends { readonly kind: infer K extends ServerMessage['kind'] } ? { readonly kind: K } : unknown) &
    (F extends { readonly methods: readonly (infer M extends string)[] } ? { readonly method: M } : unknown)
>;

const FILTER_NAMES = ['kind', 'methods', 'threadId', 'turnId'] as const;

/** Weights by which a narrower member outranks any set of wider ones. */
const TURN_WEIGHT = 8;
const THREAD_WEIGHT = 4;
const METHODS_WEIGHT = 2;
const KIND_WEIGHT = 1;

/** @throws {@link InvalidArgumentError} when the filter has an unknown member or a value of the wrong kind */
export function checkEventFilter(filter: EventFilter): void {
  checkKnownKeys('filter', filter, FILTER_NAMES);
  const { kind, methods } = filter;
  if (kind !== undefined && kind !== 'notification' && kind !== 'request') {
    rejectArgument('filter.kind', kind, '"notification" or "request"');
  }
  checkTextList('filter.methods', methods);
  if (methods?.length === 0) rejectArgument('filter.methods', methods, 'at least one method');
  checkText('filter.threadId', filter.threadId);
  checkText('filter.turnId', filter.turnId);
}

/** No member is given: the filter of the main stream. */
export function isEmptyFilter(filter: EventFilter): boolean {
  return Object.values(filter).every((value) => value === undefined);
}

/** How specific a filter is: turn before thread before methods before kind. */
export function specificityOf(filter: EventFilter): number {
  return (
    (filter.turnId === undefined ? 0 : TURN_WEIGHT) +
    (filter.threadId === undefined ? 0 : THREAD_WEIGHT) +
    (filter.methods === undefined ? 0 : METHODS_WEIGHT) +
    (filter.kind === undefined ? 0 : KIND_WEIGHT)
  );
}

/** The filter as a test of one message. @internal */
export function matcherOf(filter: EventFilter): RouteClaim['matches'] {
  const { kind, threadId, turnId } = filter;
  const methods = filter.methods === undefined ? undefined : new Set<string>(filter.methods);
  return (message, scope) => {
    if (kind !== undefined && message.kind !== kind) return false;
    if (methods !== undefined && !methods.has(message.method)) return false;
    return (
      (threadId === undefined || scope.threadId === threadId) &&
      (turnId === undefined || scope.turnId === turnId)
    );
  };
}
