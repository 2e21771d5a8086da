/** Calls that the types forbid, and what becomes of each: an error that names the argument, and nothing is sent. */
import { type AsyncClient, InvalidArgumentError } from 'codex-async-client';
import { expect } from 'vitest';
import { PlayedServer } from './played-server.js';

/** Calls `turnRun` and the like with what the types forbid, as a program without types would. */
type Untyped = Record<
  'turnRun' | 'threadRun' | 'thread' | 'turn' | 'reviewRun' | 'goalRun' | 'turnStart' | 'turnSteer',
  (...args: unknown[]) => unknown
>;
export const untyped = (client: AsyncClient): Untyped => ({
  turnRun: (...args) => Reflect.apply(client.turnRun, client, args),
  threadRun: (...args) => Reflect.apply(client.threadRun, client, args),
  turn: (...args) => Reflect.apply(client.turn, client, args),
  reviewRun: (...args) => Reflect.apply(client.reviewRun, client, args),
  goalRun: (...args) => Reflect.apply(client.goalRun, client, args),
  thread: (...args) => Reflect.apply(client.thread, client, args),
  turnStart: (...args) => Reflect.apply(client.turnStart, client, args),
  turnSteer: (...args) => Reflect.apply(client.turnSteer, client, args),
});

/** What is called, with what, and the argument that the error names. */
export type Mistake = readonly [call: keyof Untyped, args: readonly unknown[], argument: string];

/** What every message of a refused argument says: what was expected, or which names there are. */
export const SAYS_WHAT_WAS_EXPECTED =
  /: (expected [\w"].* got \S|unknown name; (known names: \w|did you mean "))/;

/** Makes the mistake. */
export async function expectRefused(...[call, args, argument]: Mistake): Promise<void> {
  await using server = new PlayedServer();
  const error = await failureOf(() => untyped(server.client)[call](...args));
  expect(error).toBeInstanceOf(InvalidArgumentError);
  const name = argument.slice(argument.lastIndexOf('.') + 1);
  expect(error).toMatchObject({ argument, message: expect.stringContaining(name) });
  expect(String(error)).toMatch(SAYS_WHAT_WAS_EXPECTED);
  expect(server.piped.received).toEqual([]);
}

/** What a call throws or rejects with, or what its run rejects with. */
export async function failureOf(call: () => unknown): Promise<unknown> {
  try {
    const run = await call();
    await (run as { result?: () => Promise<unknown> }).result?.();
    return undefined;
  } catch (error) {
    return error;
  }
}
