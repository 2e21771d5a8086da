/** A turn of which the server speaks before it answers `turn/start`: nothing promises that the answer comes first. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { Followers } from '../../../src/session/streams/followers.js';
import { outcomeOf } from '../../helpers/piped-server.js';
import { PlayedServer, turnOf } from '../played-server.js';

afterEach(() => {
  vi.restoreAllMocks();
});

test('L10 started() of a turn that was cut off after turn/started and before its answer fails nobody else', async () => {
  const server = new PlayedServer();
  const unhandled: unknown[] = [];
  const note = (error: unknown) => unhandled.push(error);
  process.on('unhandledRejection', note);
  const run = server.client.turnRun({ threadId: 't', input: 'x' });
  (await server.turn()).started();
  await server.piped.quiet();
  server.piped.end();
  await server.client.closed;
  expect(await outcomeOf(run.started())).toEqual({ threadId: 't', turnId: 'turn-1' });
  await server.piped.quiet();
  process.off('unhandledRejection', note);
  expect(unhandled).toEqual([]);
});

test('L16 a sub-agent that began before the answer is refused what it asks', async () => {
  await using server = new PlayedServer();
  const result = server.client.turnRun({ threadId: 't', input: 'x' }).result();
  const turn = (await server.turn()).started();
  turn.send('turn/started', { threadId: 'sub', turn: { ...turnOf('sub-1'), rootTurnId: turn.turnId } });
  await server.piped.quiet();
  turn.ask(7, 'item/fileChange/requestApproval', { threadId: 'sub', turnId: 'sub-1' });
  expect(await server.answerTo(7)).toMatchObject({ result: { decision: 'decline' } });
  turn.accept().complete();
  await result;
});

describe('given up, and over before its answer', () => {
  async function overBefore() {
    const server = new PlayedServer();
    const abort = new AbortController();
    const run = server.client.turnRun({ threadId: 't', input: 'x' }, { signal: abort.signal });
    const result = run.result();
    const turn = (await server.turn()).started().complete();
    await server.piped.quiet();
    return { server, abort, run, result, turn };
  }

  test('is followed no more once the answer has come', async () => {
    const add = vi.spyOn(Followers.prototype, 'add');
    const { server, abort, result, turn } = await overBefore();
    abort.abort(new Error('enough'));
    await expect(result).rejects.toThrow('enough');
    turn.accept();
    await server.piped.quiet();
    expect(new Set(add.mock.contexts.map((followers) => (followers as Followers).size))).toEqual(
      new Set([0]),
    );
    await server[Symbol.asyncDispose]();
  });

  test('cannot be steered: the server says why', async () => {
    const server = new PlayedServer();
    const abort = new AbortController();
    const run = server.client.turnRun({ threadId: 't', input: 'x' }, { signal: abort.signal });
    const turn = await server.turn();
    const steered = run.steer('more');
    abort.abort(new Error('enough'));
    turn.started().complete();
    server.refuse(await server.next('turn/steer'), 'no active turn to steer');
    await expect(steered).rejects.toMatchObject({ code: 'CODEX_RPC' });
    turn.accept();
    await server[Symbol.asyncDispose]();
  });
});
