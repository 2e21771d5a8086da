/** What the tests of the client share: a scripted server before its handshake, and what it saw and became. */
import { AsyncClient, type StartOptions } from 'codex-async-client';
import { scriptedCommand } from '../helpers/scripted.js';

/** A line that a scripted server received. */
export interface RecordedLine {
  readonly id?: string | number;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: unknown;
  readonly trace?: unknown;
}

/** Spawns a scripted server without the handshake. */
export function spawnScripted(
  name: string,
  args: readonly string[] = [],
  options: StartOptions = {},
): Promise<AsyncClient> {
  return AsyncClient.spawn({ ...options, command: scriptedCommand(name, ...args) });
}

/** Everything that the server `records-lines` has received. */
export async function recordedLines(client: AsyncClient): Promise<RecordedLine[]> {
  // The edge of the wire: the scripted server answers with the lines it parsed.
  return (await client.request('recorded')) as RecordedLine[];
}

/** What a call rejects with, or throws; an error of its own when it succeeds. */
export async function errorOf(call: Promise<unknown> | (() => unknown)): Promise<unknown> {
  try {
    await (typeof call === 'function' ? call() : call);
  } catch (error) {
    return error;
  }
  throw new Error('the call was expected to fail');
}
