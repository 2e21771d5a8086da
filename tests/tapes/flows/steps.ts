/** What several flows do: start a thread, and run a turn in which something is asked. */
import type { AsyncClient, protocol, ServerMessage, ServerRequest, TurnRun } from 'codex-async-client';
import type { Stage } from '../flow.js';

/** Starts a thread in the stage's folder, and lets the server say all that it says of its start; gives back its id. */
export async function newThread(
  client: AsyncClient,
  stage: Stage,
  params: protocol.ThreadStartParams = {},
): Promise<string> {
  const { thread } = await client.threadStart({ cwd: stage.cwd, ...params });
  await client.nextMessage({ methods: ['thread/started'], threadId: thread.id });
  return thread.id;
}

/** Reads a run to its end, and lets `answer` see what is asked; gives back the methods of the questions. */
export async function asked(
  run: TurnRun,
  answer: (request: ServerRequest) => Promise<unknown>,
): Promise<string[]> {
  const methods: string[] = [];
  for await (const message of run) {
    if (message.kind !== 'request') continue;
    methods.push(message.method);
    await answer(message);
  }
  return methods;
}

/** The items of one type that a run completed, with their status. */
export async function statusesOf(run: TurnRun, type: string): Promise<string[]> {
  const { items } = await run.result();
  return items.flatMap((item) => (item.type === type && 'status' in item ? [item.status] : []));
}

/** Everything that an iterable has. */
export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

/** Is it a piece of the agent's text? */
export const isDelta = ({ method }: ServerMessage): boolean => method === 'item/agentMessage/delta';

/** The code of the error that a call is expected to end with; every other error passes. */
export async function codeOf(call: Promise<unknown>, expected: string): Promise<unknown> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === expected) return error.code;
    throw error;
  }
}
