/** The work of a soak: many short things on the real server, each of which should leave nothing behind. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { serverCommand } from '../../src/app-server/launch/server-command.js';
import { AsyncClient } from '../../src/index.js';
import type { LocalModelProvider } from '../../src/testing/index.js';

/** Turns that go on one thread at most: codex sends the whole history to the model each time. */
const TURNS_PER_THREAD = 20;
/** Threads at work side by side. */
const LANES = 4;

/** A client together with its process, whose streams can be looked at. */
export interface Watched {
  readonly client: AsyncClient;
  readonly child: ChildProcess;
}

/** Starts a real codex whose process is at hand. */
export async function startWatched(provider: LocalModelProvider): Promise<Watched> {
  const { file, args, env } = serverCommand(provider.options);
  const child = spawn(file, [...args], { env });
  const client = AsyncClient.attach(child);
  await client.initialize();
  return { client, child };
}

/** Requests, all at once. */
export async function manyRequests(client: AsyncClient, count: number): Promise<void> {
  await Promise.all(Array.from({ length: count }, () => client.threadLoadedList({})));
}

/** Turns, a multiple of 16 so that the last of each thread is waited for, on a few threads side by side, used in all the ways there are to use a run. */
export async function manyTurns(client: AsyncClient, count: number): Promise<void> {
  const lane = async () => {
    for (let left = count / LANES; left > 0; left -= TURNS_PER_THREAD) {
      await oneThread(client, Math.min(left, TURNS_PER_THREAD));
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  while ((await drained(client)) > 0);
}

/** Starts and shutdowns, one after another. */
export async function manyStarts(provider: LocalModelProvider, count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) {
    await using client = await AsyncClient.start(provider.options);
    await client.threadLoadedList({});
  }
}

/** Ends a watched server and waits until its pipes are closed as well. */
export async function stopWatched({ client, child }: Watched): Promise<void> {
  const closed = once(child, 'close');
  await client.shutdown();
  await closed;
}

async function oneThread(client: AsyncClient, turns: number): Promise<void> {
  const { thread } = await client.threadStart({ ephemeral: true });
  const signal = AbortSignal.timeout(600_000);
  for (let n = 0; n < turns; n += 1) {
    const run = client.turnRun({ threadId: thread.id, input: `turn ${n}` }, { signal });
    if (n % 4 === 0) for await (const { method } of run) if (method === 'item/agentMessage/delta') break;
    if (n % 4 === 1) for await (const _ of run.text());
    if (n % 4 === 2) for await (const _ of run);
    // The last one of a thread is waited for, so that all before it are over at the server as well.
    if (n % 4 === 3) await run.result();
  }
  await client.threadUnsubscribe({ threadId: thread.id });
}

/** Reads what is unread on the main stream; gives back how much that was. */
async function drained(client: AsyncClient): Promise<number> {
  let count = 0;
  for (; client.stats().held.messages > 0; count += 1) await client.nextMessage();
  return count;
}
