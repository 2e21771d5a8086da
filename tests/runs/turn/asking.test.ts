/** L15, the details: what puts the question off, what brings it forward, and who is interrupted how often. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { outcomeOf } from '../../helpers/piped-server.js';
import { methodsOf, PlayedServer, turnOf } from '../played-server.js';

const threadOf = (status: string, turns: readonly object[] = []) => ({
  thread: { id: 't', status: { type: status }, turns },
});

describe('the question after a silence, by a clock that the test moves', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** A run whose turn has started, with its result awaited. */
  async function started(server: PlayedServer, idleTimeoutMs = 1_000) {
    const result = server.client.turnRun({ threadId: 't', input: 'x' }, { idleTimeoutMs }).result();
    const turn = (await server.turn()).accept().started();
    await server.piped.quiet();
    return { result, turn };
  }

  const pass = async (server: PlayedServer, ms: number) => {
    await vi.advanceTimersByTimeAsync(ms);
    await server.piped.quiet();
  };

  test('is asked after the silence and not before, and activity puts it off', async () => {
    await using server = new PlayedServer();
    const { result, turn } = await started(server);
    await pass(server, 900);
    turn.say('still here');
    await server.piped.quiet();
    await pass(server, 900);
    expect(server.sent('thread/read')).toBe(0);
    await pass(server, 101);
    expect(server.sent('thread/read')).toBe(1);
    turn.complete();
    await result;
  });

  test.each([
    ['active', 0],
    ['idle', 1],
    ['systemError', 1],
  ])('comes soon after the status %s only if that is at rest', async (type, asked) => {
    await using server = new PlayedServer();
    const { result, turn } = await started(server, 60_000);
    turn.send('thread/status/changed', { status: { type, activeFlags: [] } });
    await server.piped.quiet();
    await pass(server, 1_001);
    expect(server.sent('thread/read')).toBe(asked);
    turn.complete();
    await result;
  });

  test('is not asked after the turn was recovered', async () => {
    await using server = new PlayedServer();
    const { result } = await started(server);
    await pass(server, 1_001);
    server.answer(await server.next('thread/read'), threadOf('idle'));
    server.answer(await server.next('thread/read'), threadOf('idle', [turnOf('turn-1', 'completed')]));
    expect((await result).recovered).toBe(true);
    await pass(server, 10_000);
    expect(server.sent('thread/read')).toBe(2);
  });
});

describe('interruptions', () => {
  test('a turn/start that is not answered in time after turn/started interrupts the turn', async () => {
    await using server = new PlayedServer();
    const result = server.client
      .turnRun({ threadId: 't', input: 'x' }, { startTimeoutMs: 10, idleTimeoutMs: 0 })
      .result();
    const turn = (await server.turn()).started();
    await expect(result).rejects.toMatchObject({ code: 'CODEX_REQUEST_TIMEOUT' });
    expect((await server.next('turn/interrupt')).params).toEqual({ threadId: 't', turnId: turn.turnId });
  });

  test('an abort and then return() interrupt once', async () => {
    await using server = new PlayedServer();
    const abort = new AbortController();
    const run = server.client.turnRun({ threadId: 't', input: 'x' }, { signal: abort.signal });
    const turn = (await server.turn()).accept().started();
    await run.next();
    abort.abort();
    await run.return();
    server.answer(await server.next('turn/interrupt'), {});
    turn.complete('interrupted');
    await server.piped.quiet();
    expect(server.sent('turn/interrupt')).toBe(1);
  });

  test('interrupt() after the server has gone settles', async () => {
    await using server = new PlayedServer();
    const run = server.client.turnRun({ threadId: 't', input: 'x' });
    (await server.turn()).accept().started();
    await server.piped.quiet();
    server.piped.end();
    await server.client.closed;
    expect(await outcomeOf(run.interrupt())).not.toBe('pending');
  });
});

test('L1 what the thread said before the run stays on the main stream', async () => {
  await using server = new PlayedServer();
  server.piped.send({ method: 'thread/name/updated', params: { threadId: 't', threadName: 'before' } });
  await server.piped.quiet();
  const methods = methodsOf(server.client.turnRun({ threadId: 't', input: 'x' }));
  (await server.turn()).accept().complete();
  expect(await methods).toEqual(['turn/completed']);
  expect(await server.client.nextMessage()).toMatchObject({ params: { threadName: 'before' } });
});

test('a sub-agent is known from item/started of its parent', async () => {
  await using server = new PlayedServer();
  const run = server.client.turnRun({ threadId: 't', input: 'x' }, { includeSubagents: true });
  const methods = methodsOf(run);
  const turn = (await server.turn()).accept().started();
  const item = { type: 'collabAgentToolCall', id: 'c', senderThreadId: 't', receiverThreadIds: ['child'] };
  turn.send('item/started', { turnId: turn.turnId, item });
  server.piped.send({ method: 'thread/name/updated', params: { threadId: 'child', threadName: 'c' } });
  turn.complete();
  expect(await methods).toEqual(['turn/started', 'item/started', 'thread/name/updated', 'turn/completed']);
});

test('thread().events() keeps other threads out', async () => {
  await using server = new PlayedServer();
  const events = server.client.thread('t').events();
  for (const threadId of ['other', 't'])
    server.piped.send({ method: 'thread/name/updated', params: { threadId, threadName: threadId } });
  expect((await events.next()).value).toMatchObject({ params: { threadId: 't' } });
  expect(await server.client.nextMessage()).toMatchObject({ params: { threadId: 'other' } });
});
