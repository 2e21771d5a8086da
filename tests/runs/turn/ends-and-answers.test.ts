/** L10 and L14: in which order a turn's start, its answer, its end and the end of its run may come, and what follows. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { DEFAULT_IDLE_TIMEOUT_MS } from '../../../src/support/defaults.js';
import { outcomeOf } from '../../helpers/piped-server.js';
import { methodsOf, PlayedServer, PlayedTurn, turnOf } from '../played-server.js';
import { threadOf } from './asked-peer.js';
import { startedByHand } from './by-hand.js';

afterEach(() => {
  vi.useRealTimers();
});

const fakeClock = () => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });

test('a run has the id of its turn from the answer on, also when it is over', async () => {
  await using server = new PlayedServer();
  const run = server.client.turnRun({ threadId: 't', input: 'x' });
  const turn = await server.turn();
  expect(run.turnId).toBeUndefined();
  turn.accept();
  await server.piped.quiet();
  expect(run.turnId).toBe('turn-1');
  turn.complete();
  await run.result();
  expect(run.turnId).toBe('turn-1');
});

test('what the thread said before the answer stays among the events', async () => {
  await using server = new PlayedServer();
  const result = server.client.turnRun({ threadId: 't', input: 'x' }, { collectEvents: true }).result();
  const turn = await server.turn();
  turn.send('thread/status/changed', { status: { type: 'active', activeFlags: [] } });
  turn.started();
  turn.accept().complete();
  expect((await result).events?.map(({ method }) => method)).toEqual([
    'thread/status/changed',
    'turn/started',
    'turn/completed',
  ]);
});

test('what another said before the answer is forgotten: text, items, usage and events', async () => {
  await using server = new PlayedServer();
  const result = server.client.turnRun({ threadId: 't', input: 'x' }, { collectEvents: true }).result();
  const own = await server.turn();
  own.send('turn/started', { turn: turnOf('foreign') });
  own.send('item/agentMessage/delta', { turnId: 'foreign', itemId: 'm1', delta: 'theirs' });
  own.send('thread/tokenUsage/updated', { turnId: 'foreign', tokenUsage: { total: 1 } });
  own.accept().started().say('own').complete();
  const { events, agentMessages, usage } = await result;
  expect([events?.length, agentMessages, usage]).toEqual([
    3,
    [{ id: 'm1', phase: null, text: 'own' }],
    undefined,
  ]);
});

describe('an end that comes before the answer', () => {
  test('L1 leaves what the thread says afterwards to others', async () => {
    await using server = new PlayedServer();
    const methods = methodsOf(server.client.turnRun({ threadId: 't', input: 'x' }));
    const turn = (await server.turn()).started().complete();
    turn.send('thread/name/updated', { threadName: 'after' });
    await server.piped.quiet();
    turn.accept();
    expect(await methods).toEqual(['turn/started', 'turn/completed']);
    expect((await server.client.nextMessage())?.method).toBe('thread/name/updated');
  });

  test('L10 is the end also when the thread is closed, and the server knows nothing of it, before the answer', async () => {
    await using server = new PlayedServer();
    const result = server.client.turnRun({ threadId: 't', input: 'x' }).result();
    const turn = (await server.turn()).started().complete();
    turn.send('thread/closed', {});
    server.refuse(await server.next('thread/read'), 'thread not loaded: t');
    await server.piped.quiet();
    turn.accept();
    expect(await result).toMatchObject({ status: 'completed', recovered: false });
  });

  test('L10 frees the queue when the answer does not come in time, and nothing is asked', async () => {
    fakeClock();
    await using server = new PlayedServer();
    const result = server.client.turnRun({ threadId: 't', input: '1' }, { startTimeoutMs: 500 }).result();
    const next = server.client.turnRun({ threadId: 't', input: '2' }).result();
    (await server.turn()).started().complete();
    await server.piped.quiet();
    vi.advanceTimersByTime(500);
    await expect(result).rejects.toMatchObject({ code: 'CODEX_REQUEST_TIMEOUT', method: 'turn/start' });
    (await server.turn()).accept().complete();
    expect((await next).status).toBe('completed');
    expect([server.sent('thread/read'), server.sent('turn/interrupt')]).toEqual([0, 0]);
  });

  test('L10 frees the queue when the run was given up before, and the answer never comes', async () => {
    await using server = new PlayedServer();
    const abort = new AbortController();
    const run = server.client.turnRun({ threadId: 't', input: '1' }, { signal: abort.signal });
    const next = server.client.turnRun({ threadId: 't', input: '2' }).result();
    const turn = await server.turn();
    abort.abort(new Error('enough'));
    await expect(run.result()).rejects.toThrow('enough');
    turn.started().complete('interrupted');
    (await server.turn()).accept().complete();
    expect((await next).status).toBe('completed');
  });
});

describe('a run that was given up', () => {
  test('L14 before its answer keeps the queue until the end of its turn', async () => {
    await using server = new PlayedServer();
    const abort = new AbortController();
    const run = server.client.turnRun({ threadId: 't', input: '1' }, { signal: abort.signal });
    const next = server.client.turnRun({ threadId: 't', input: '2' }).result();
    const turn = await server.turn();
    abort.abort(new Error('enough'));
    await expect(run.result()).rejects.toThrow('enough');
    turn.accept();
    await server.piped.quiet();
    expect(server.sent('turn/start')).toBe(1);
    turn.complete('interrupted');
    (await server.turn()).accept().complete();
    await next;
  });

  test('L14 frees the queue at the answer that says it was joined', async () => {
    await using server = new PlayedServer();
    const other = await startedByHand(server);
    const abort = new AbortController();
    const options = { whenBusy: 'steer', signal: abort.signal } as const;
    const run = server.client.turnRun({ threadId: 't', input: '1' }, options);
    const next = server.client.turnRun({ threadId: 't', input: '2' }, { whenBusy: 'steer' });
    const request = await server.next('turn/start');
    abort.abort(new Error('enough'));
    await expect(run.result()).rejects.toThrow('enough');
    server.answer(request, { turn: turnOf(other.turnId) });
    server.answer(await server.next('turn/start'), { turn: turnOf(other.turnId) });
    other.complete();
    expect((await next.result()).joined).toBe(true);
  });

  test('L15 is asked about after thirty seconds, also with idleTimeoutMs 0', async () => {
    fakeClock();
    await using server = new PlayedServer();
    const run = server.client.turnRun({ threadId: 't', input: 'x' }, { idleTimeoutMs: 0 });
    (await server.turn()).accept().started();
    await run.next();
    await run.return();
    await server.next('turn/interrupt');
    await vi.advanceTimersByTimeAsync(DEFAULT_IDLE_TIMEOUT_MS - 1);
    await server.piped.quiet();
    expect(server.sent('thread/read')).toBe(0);
    await vi.advanceTimersByTimeAsync(1);
    await server.next('thread/read');
  });

  test('L14 while it waited in line asks nothing of the server when its place comes', async () => {
    await using server = new PlayedServer();
    const first = server.client.turnRun({ threadId: 't', input: '1' }).result();
    const left = server.client.turnRun({ threadId: 't', input: '2' });
    const turn = (await server.turn()).accept();
    await server.piped.quiet();
    await left.return();
    server.piped.send(
      { method: 'turn/completed', params: { threadId: 't', turn: turnOf(turn.turnId, 'completed') } },
      { method: 'turn/started', params: { threadId: 't', turn: turnOf('foreign') } },
    );
    await first;
    await server.piped.quiet();
    expect(server.piped.received.map(({ method }) => method)).toEqual(['turn/start']);
  });

  test('says that it was never sent', async () => {
    await using server = new PlayedServer();
    server.client.turnRun({ threadId: 't', input: '1' });
    const waiting = server.client.turnRun({ threadId: 't', input: '2' });
    await server.turn();
    await waiting.interrupt();
    await expect(waiting.result()).rejects.toMatchObject({
      name: 'AbortError',
      message: expect.stringContaining(
        'while it waited for an earlier turn of its thread; it was never sent',
      ),
    });
  });
});

test('L15 a turn is asked about after thirty seconds of silence unless another time is given', async () => {
  fakeClock();
  await using server = new PlayedServer();
  server.client.turnRun({ threadId: 't', input: 'x' });
  (await server.turn()).accept().started();
  await server.piped.quiet();
  await vi.advanceTimersByTimeAsync(DEFAULT_IDLE_TIMEOUT_MS - 1);
  await server.piped.quiet();
  expect(server.sent('thread/read')).toBe(0);
  await vi.advanceTimersByTimeAsync(1);
  await server.next('thread/read');
});

test('L14 the queue goes on at the end of a turn that was left, although unread messages stop the reading', async () => {
  await using server = new PlayedServer({ buffer: { highWaterMark: 1 } });
  const run = server.client.turnRun({ threadId: 't', input: '1' });
  const turn = (await server.turn()).accept().started();
  await run.next();
  await run.return();
  server.answer(await server.next('turn/interrupt'), {});
  server.piped.send({ method: 'account/updated', params: { authMode: null } });
  await server.piped.quiet();
  server.client.turnRun({ threadId: 't', input: '2' });
  turn.complete('interrupted');
  expect((await server.turn()).request.params).toMatchObject({ input: [{ text: '2' }] });
});

describe('a turn that is never sent, because every place in the window is taken', () => {
  /** Its time is over, and another's turn has begun on its thread before that, or begins then. */
  async function neverSent(isBefore: boolean) {
    const server = new PlayedServer({ maxInFlightRequests: 1 });
    const models = server.client.modelList({});
    const holding = await server.next('model/list');
    fakeClock();
    const failed = server.client.turnRun({ threadId: 't', input: 'x' }, { startTimeoutMs: 500 }).started();
    failed.catch(() => {});
    const foreign = new PlayedTurn(server, { params: { threadId: 't' } }, 'foreign');
    const begin = async () => {
      foreign.started().say('theirs');
      await server.piped.quiet();
    };
    if (isBefore) await begin();
    vi.advanceTimersByTime(500);
    await expect(failed).rejects.toMatchObject({ code: 'CODEX_REQUEST_TIMEOUT', method: 'turn/start' });
    if (!isBefore) await begin();
    server.answer(holding, { data: [], nextCursor: null });
    await models;
    return { server, foreign };
  }

  test.each([true, false])(
    'L1 L11 leaves the turn of another alone, whether that began before (%s), and its messages to others',
    async (isBefore) => {
      const { server, foreign } = await neverSent(isBefore);
      await using _ = server;
      foreign.complete();
      const read: (string | undefined)[] = [];
      while (read.at(-1) !== 'turn/completed') read.push((await server.client.nextMessage())?.method);
      expect(read).toEqual(['turn/started', 'item/agentMessage/delta', 'turn/completed']);
      expect([server.sent('turn/interrupt'), server.sent('turn/start')]).toEqual([0, 0]);
    },
  );

  test('L14 lets the next one of its thread begin, and nothing is asked', async () => {
    const { server, foreign } = await neverSent(true);
    await using _ = server;
    foreign.complete();
    const next = server.client.turnRun({ threadId: 't', input: '2' }).result();
    (await server.turn()).accept().complete();
    expect((await next).status).toBe('completed');
    expect(server.sent('thread/read')).toBe(0);
  });
});

test('L10 a loop ends at once when turn/start is not answered in time', async () => {
  fakeClock();
  await using server = new PlayedServer();
  const next = server.client.turnRun({ threadId: 't', input: 'x' }, { startTimeoutMs: 500 }).next();
  const outcome = outcomeOf(next);
  await server.turn();
  vi.advanceTimersByTime(500);
  expect(await outcome).toMatchObject({ code: 'CODEX_REQUEST_TIMEOUT' });
});

describe('what an error says', () => {
  test('of a failed turn without a reason', async () => {
    await using server = new PlayedServer();
    const result = server.client.turnRun({ threadId: 't', input: 'x' }).result();
    (await server.turn()).accept().complete('failed');
    await expect(result).rejects.toThrow('the turn failed: the server gave no reason');
  });

  test('of a run that took too long', async () => {
    fakeClock();
    await using server = new PlayedServer();
    const run = server.client.turnRun({ threadId: 't', input: 'x' }, { timeoutMs: 500 });
    await server.turn();
    vi.advanceTimersByTime(500);
    await expect(run.result()).rejects.toMatchObject({
      message: expect.stringContaining('the run was not over within 500 ms (timeoutMs)'),
      method: 'turn/start',
      timeoutMs: 500,
    });
  });

  test('of a turn whose end nobody knows: why, and the cause where there is one', async () => {
    await using server = new PlayedServer();
    const failureOf = async (answer: (request: Awaited<ReturnType<typeof server.next>>) => void) => {
      const result = server.client.turnRun({ threadId: 't', input: 'x' }, { idleTimeoutMs: 5 }).result();
      const outcome = result.catch((error: unknown) => error);
      (await server.turn()).accept().started();
      answer(await server.next('thread/read'));
      return outcome;
    };
    const refused = await failureOf((request) => server.refuse(request, 'thread not loaded: t'));
    expect(refused).toMatchObject({
      message: expect.stringMatching(
        /^turn turn-1 is over, and the server cannot say how it ended: .*thread not loaded: t.*; read the thread/,
      ),
      cause: { code: 'CODEX_RPC' },
    });
    const lost = await failureOf((request) => {
      server.answer(request, threadOf('idle'));
      void server.next('thread/read').then((again) => server.answer(again, threadOf('idle')));
    });
    expect(lost).toMatchObject({ message: expect.stringContaining('the thread is idle, and does not hold') });
    expect(lost).not.toHaveProperty('cause');
  });

  test('to those who steer a turn that was not answered in time and never began', async () => {
    fakeClock();
    await using server = new PlayedServer();
    const run = server.client.turnRun({ threadId: 't', input: 'x' }, { startTimeoutMs: 500 });
    await server.turn();
    const steered = outcomeOf(run.steer('more').catch((error: unknown) => error));
    vi.advanceTimersByTime(500);
    await expect(run.result()).rejects.toMatchObject({ code: 'CODEX_REQUEST_TIMEOUT' });
    expect(await steered).toBe('pending');
    const late = run.steer('more').catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(1_000);
    server.answer(await server.next('thread/read'), threadOf('idle'));
    expect(await late).toMatchObject({
      name: 'AbortError',
      message: 'turn/start was not answered in time, and the turn never began',
    });
  });
});
