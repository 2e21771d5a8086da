/** L14: whose turn a `turn/start` begins or joins, and what follows when nobody knows whether it began one. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { IDLE_STATUS_GRACE_MS } from '../../../src/support/defaults.js';
import { methodsOf, PlayedServer, turnOf } from '../played-server.js';
import { startedByHand } from './by-hand.js';

afterEach(() => {
  vi.useRealTimers();
});

describe("L14 whenBusy: 'steer'", () => {
  test('adds to the turn that runs, and says so', async () => {
    await using server = new PlayedServer();
    const other = await startedByHand(server);
    const run = server.client.turnRun({ threadId: 't', input: 'x' }, { whenBusy: 'steer' });
    const methods = methodsOf(run);
    const request = await server.next('turn/start');
    server.answer(request, { turn: turnOf(other.turnId) });
    other.say('for both').complete();
    expect(await run.result()).toMatchObject({ joined: true, finalMessage: 'for both' });
    expect(await methods).toEqual(['item/agentMessage/delta', 'turn/completed']);
    expect(server.sent('thread/goal/get')).toBe(0);
  });

  test.each([
    ['left', async (run: AsyncIterator<unknown>) => void (await run.return?.())],
    [
      'aborted',
      async (_: AsyncIterator<unknown>, abort: AbortController) => abort.abort(new Error('enough')),
    ],
  ])('L11 never interrupts it when the run is %s', async (_, giveUp) => {
    await using server = new PlayedServer();
    const other = await startedByHand(server);
    const abort = new AbortController();
    const options = { whenBusy: 'steer', signal: abort.signal } as const;
    const run = server.client.turnRun({ threadId: 't', input: 'x' }, options);
    server.answer(await server.next('turn/start'), { turn: turnOf(other.turnId) });
    other.say('1');
    await run.next();
    await giveUp(run, abort);
    await server.piped.quiet();
    other.complete();
    await server.piped.quiet();
    expect(server.sent('turn/interrupt')).toBe(0);
  });

  test('L11 never interrupts it when the run is left before the server has named the turn', async () => {
    await using server = new PlayedServer();
    const other = await startedByHand(server);
    const run = server.client.turnRun({ threadId: 't', input: 'x' }, { whenBusy: 'steer' });
    const request = await server.next('turn/start');
    await run.return();
    server.answer(request, { turn: turnOf(other.turnId) });
    await server.piped.quiet();
    other.complete();
    expect((await run.result()).joined).toBe(true);
    expect(server.sent('turn/interrupt')).toBe(0);
  });

  test('adds to a turn whose name is not known, and says so', async () => {
    await using server = new PlayedServer();
    const status = { type: 'active', activeFlags: [] };
    server.piped.send({ method: 'thread/status/changed', params: { threadId: 't', status } });
    await server.piped.quiet();
    const run = server.client.turnRun({ threadId: 't', input: 'x' }, { whenBusy: 'steer' });
    const turn = (await server.turn()).accept();
    await server.piped.quiet();
    await run.return();
    turn.complete();
    expect((await run.result()).joined).toBe(true);
    expect(server.sent('turn/interrupt')).toBe(0);
  });

  test('starts a turn of its own when the one that ran was over before the server looked', async () => {
    await using server = new PlayedServer();
    await startedByHand(server);
    const result = server.client.turnRun({ threadId: 't', input: 'x' }, { whenBusy: 'steer' }).result();
    (await server.turn()).accept().complete();
    expect(await result).toMatchObject({ joined: false, raw: { turn: { id: 'turn-2' } } });
  });

  test('starts a turn of its own on a thread that is free', async () => {
    await using server = new PlayedServer();
    const result = server.client.turnRun({ threadId: 't', input: 'x' }, { whenBusy: 'steer' }).result();
    (await server.turn()).accept().complete();
    expect((await result).joined).toBe(false);
  });
});

test('L4 the answer to turn/start is read although unread messages stop the reading', async () => {
  await using server = new PlayedServer({ buffer: { highWaterMark: 1 } });
  server.piped.send({ method: 'account/updated', params: { authMode: null } });
  await server.piped.quiet();
  expect(server.client.stats().paused.now).toBe(true);
  const run = server.client.turnRun({ threadId: 't', input: 'x' });
  (await server.turn()).accept();
  await server.piped.quiet();
  expect(run.turnId).toBe('turn-1');
});

test.each([[null], [{}], [{ turn: null }], [{ turn: { id: 7 } }]])(
  'L10 a turn/start that is answered with %j ends the run, and frees the queue',
  async (answer) => {
    await using server = new PlayedServer();
    const result = server.client.turnRun({ threadId: 't', input: '1' }).result();
    const next = server.client.turnRun({ threadId: 't', input: '2' }).result();
    server.piped.send({ id: (await server.turn()).request.id, result: answer });
    await expect(result).rejects.toMatchObject({
      code: 'CODEX_PROTOCOL',
      message: expect.stringMatching(/^turn\/start was answered with(out a turn| null)/),
    });
    (await server.turn()).accept().complete();
    expect((await next).status).toBe('completed');
  },
);

describe('L14 a turn/start that is not answered in time', () => {
  const options = { startTimeoutMs: 10 };

  test('holds the queue until the server has said that the thread has no turn', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    await using server = new PlayedServer();
    const lost = server.client.turnRun({ threadId: 't', input: '1' }, options).result();
    await server.turn();
    vi.advanceTimersByTime(options.startTimeoutMs);
    await expect(lost).rejects.toMatchObject({ code: 'CODEX_REQUEST_TIMEOUT', method: 'turn/start' });
    const next = server.client.turnRun({ threadId: 't', input: '2' }).result();
    await server.piped.quiet();
    vi.advanceTimersByTime(IDLE_STATUS_GRACE_MS);
    const question = await server.next('thread/read');
    expect(server.sent('turn/start')).toBe(1);
    server.answer(question, { thread: { id: 't', status: { type: 'idle' }, turns: [] } });
    (await server.turn()).accept().complete();
    expect((await next).joined).toBe(false);
  });

  test('is interrupted when its turn begins late, and the next run waits for that end', async () => {
    await using server = new PlayedServer();
    const lost = server.client.turnRun({ threadId: 't', input: '1' }, options).result();
    const late = await server.turn();
    await expect(lost).rejects.toMatchObject({ code: 'CODEX_REQUEST_TIMEOUT' });
    const next = server.client.turnRun({ threadId: 't', input: '2' }).result();
    late.started();
    const interrupt = await server.next('turn/interrupt');
    expect(interrupt.params).toEqual({ threadId: 't', turnId: late.turnId });
    expect(server.sent('turn/start')).toBe(1);
    server.answer(interrupt, {});
    late.complete('interrupted');
    (await server.turn()).accept().say('own').complete();
    expect(await next).toMatchObject({ joined: false, finalMessage: 'own' });
  });

  test('frees the queue when the server does not answer that question either', async () => {
    await using server = new PlayedServer({ requestTimeoutMs: 20 });
    const lost = server.client
      .turnRun({ threadId: 't', input: '1' }, { ...options, idleTimeoutMs: 5 })
      .result();
    await server.turn();
    await expect(lost).rejects.toMatchObject({ code: 'CODEX_REQUEST_TIMEOUT' });
    const next = server.client.turnRun({ threadId: 't', input: '2' }).result();
    (await server.turn()).accept().complete();
    expect((await next).status).toBe('completed');
    expect(server.sent('thread/read')).toBe(2);
  });
});
