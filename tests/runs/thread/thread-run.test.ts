/** A thread and its first turn in one. */
import { type protocol, RpcError, ThreadRunError, TurnFailedError, type TurnRun } from 'codex-async-client';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ThreadRun, turnParamsOf } from '../../../src/runs/thread/thread-run.js';
import { deferred } from '../../../src/support/deferred.js';
import { outcomeOf } from '../../helpers/piped-server.js';
import { expectRefused, type Mistake } from '../mistakes.js';
import { methodsOf, PlayedServer } from '../played-server.js';

const THREAD = { id: 't', preview: '' };
// With no more members than the tests look at.
const threadOf = (thread: object) => thread as protocol.Thread;

describe('threadRun()', () => {
  test('starts the thread, then the turn, and its result has both', async () => {
    await using server = new PlayedServer();
    const run = server.client.threadRun({ thread: { cwd: '/tmp' }, turn: { input: 'hi', model: 'm' } });
    expect([run.thread, run.threadId, run.turnId]).toEqual([undefined, undefined, undefined]);
    const methods = methodsOf(run);
    const start = await server.next('thread/start');
    expect(start.params).toEqual({ cwd: '/tmp' });
    server.answer(start, { thread: THREAD });
    const turn = await server.turn();
    expect(turn.request.params).toMatchObject({ threadId: 't', model: 'm', input: [{ text: 'hi' }] });
    turn.accept().started().say('hello').complete();
    expect(await methods).toEqual(['turn/started', 'item/agentMessage/delta', 'turn/completed']);
    expect(await run.result()).toMatchObject({ thread: THREAD, status: 'completed', finalMessage: 'hello' });
    expect([run.thread, run.threadId, run.turnId]).toEqual([THREAD, 't', 'turn-1']);
  });

  test('keeps the thread in the error when its turn fails, and the thread can be used on', async () => {
    await using server = new PlayedServer();
    const result = server.client.threadRun({ turn: 'hi' }).result();
    server.answer(await server.next('thread/start'), { thread: THREAD });
    (await server.turn()).accept().complete('failed', 'no luck');
    const error: unknown = await result.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ThreadRunError);
    expect(error).toMatchObject({
      message: 'thread t was started, and its first turn did not succeed: the turn failed: no luck',
      thread: THREAD,
      cause: expect.any(TurnFailedError),
    });
    if (!(error instanceof ThreadRunError)) return;
    const again = server.client.thread(error.thread).run('again').result();
    (await server.turn()).accept().complete();
    expect((await again).status).toBe('completed');
  });

  test('keeps the thread also when the server goes in the middle', async () => {
    await using server = new PlayedServer();
    const result = server.client.threadRun({ turn: 'hi' }).result();
    const failed = expect(result).rejects.toMatchObject({
      code: 'CODEX_THREAD_RUN',
      thread: THREAD,
      cause: { code: 'CODEX_SERVER_CLOSED' },
    });
    server.answer(await server.next('thread/start'), { thread: THREAD });
    (await server.turn()).accept().started();
    await server.piped.quiet();
    server.piped.end();
    await failed;
  });

  test('rejects with the RpcError of a refused thread/start everywhere', async () => {
    await using server = new PlayedServer();
    const run = server.client.threadRun({ turn: 'hi' });
    server.refuse(await server.next('thread/start'), 'no such model');
    await expect(run.result()).rejects.toThrow(RpcError);
    await expect(run.next()).rejects.toThrow(RpcError);
    await expect(run.steer('x')).rejects.toThrow(RpcError);
    await expect(run.interrupt()).rejects.toThrow(RpcError);
  });

  test('that is left before the thread was started sends no turn', async () => {
    await using server = new PlayedServer();
    const run = server.client.threadRun({ turn: 'hi' });
    const waiting = run.next();
    const start = await server.next('thread/start');
    await run.return();
    server.answer(start, { thread: THREAD });
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(await run.next()).toEqual({ done: true, value: undefined });
    await expect(run.result()).rejects.toMatchObject({
      name: 'AbortError',
      message: 'the run was left before its turn was started',
    });
    expect(run.threadId).toBe('t');
    expect(server.sent('turn/start')).toBe(0);
  });

  test('is left by await using, steered and interrupted like a turn run', async () => {
    await using server = new PlayedServer();
    {
      await using run = server.client.threadRun({ turn: 'hi' });
      server.answer(await server.next('thread/start'), { thread: THREAD });
      (await server.turn()).accept().started();
      const steered = run.steer('more');
      server.answer(await server.next('turn/steer'), { turnId: 'turn-1' });
      expect(await steered).toEqual({ turnId: 'turn-1' });
      const interrupted = run.interrupt();
      server.answer(await server.next('turn/interrupt'), {});
      await interrupted;
    }
    expect((await server.next('turn/interrupt')).params).toEqual({ threadId: 't', turnId: 'turn-1' });
  });

  test('gives up thread/start when its signal fires', async () => {
    await using server = new PlayedServer();
    const abort = new AbortController();
    const run = server.client.threadRun({ turn: 'hi' }, { signal: abort.signal });
    const failed = expect(run.result()).rejects.toBe('enough');
    await server.next('thread/start');
    abort.abort('enough');
    await failed;
    expect(server.sent('turn/start')).toBe(0);
  });

  test('rejects with the reason of a signal that fires during the turn, as it is', async () => {
    await using server = new PlayedServer();
    const abort = new AbortController();
    const result = server.client.threadRun({ turn: 'hi' }, { signal: abort.signal }).result();
    server.answer(await server.next('thread/start'), { thread: THREAD });
    (await server.turn()).accept().started();
    await server.piped.quiet();
    const reason = new Error('enough');
    abort.abort(reason);
    await expect(result).rejects.toBe(reason);
  });

  test('L11 that is left in the moment its thread is there interrupts the turn, or never starts it', async () => {
    await using server = new PlayedServer();
    const run = server.client.threadRun({ turn: 'x' });
    // Settles between the moment the turn is begun and the moment the run knows of it.
    const left = server.client.request('x/mark').then(() => run.return());
    const [start, mark] = [await server.next('thread/start'), await server.next('x/mark')];
    server.piped.send({ id: start.id, result: { thread: { id: 't' } } }, { id: mark.id, result: {} });
    await left;
    await server.piped.quiet();
    if (server.sent('turn/start') === 0) return;
    (await server.turn()).accept().started();
    expect((await server.next('turn/interrupt')).params).toEqual({ threadId: 't', turnId: 'turn-1' });
  });
});

describe('the time of a thread run', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  });
  afterEach(() => {
    vi.restoreAllMocks();
    vi.useRealTimers();
  });

  test.each([
    ['timeoutMs', { timeoutMs: 500, startTimeoutMs: 900 }],
    ['startTimeoutMs without a timeoutMs', { startTimeoutMs: 500 }],
    ['startTimeoutMs with timeoutMs 0', { timeoutMs: 0, startTimeoutMs: 500 }],
  ])('limits thread/start by %s', async (_, options) => {
    await using server = new PlayedServer();
    const result = outcomeOf(server.client.threadRun({ turn: 'hi' }, options).result());
    await server.next('thread/start');
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(500);
    expect(await result).toMatchObject({
      code: 'CODEX_REQUEST_TIMEOUT',
      method: 'thread/start',
      timeoutMs: 500,
    });
  });

  /** A thread run whose thread was there after some of its time, with its turn begun. */
  async function begun(server: PlayedServer, timeoutMs: number | undefined, spentMs: number) {
    const run = server.client.threadRun({ turn: 'hi' }, { timeoutMs });
    const start = await server.next('thread/start');
    const nowMs = performance.now() + spentMs;
    vi.spyOn(performance, 'now').mockImplementation(() => nowMs);
    server.answer(start, { thread: THREAD });
    const turn = (await server.turn()).accept().started();
    await server.piped.quiet();
    return { run, turn };
  }

  test.each([
    ['what is left of it', 600, 400],
    ['what is left of it, and no less', 600.5, 400],
    ['a last moment when nothing is left', 1_001, 1],
  ])('L10 the turn gets %s', async (_, spentMs, leftMs) => {
    await using server = new PlayedServer();
    const { run } = await begun(server, 1_000, spentMs);
    const result = run.result();
    vi.advanceTimersByTime(leftMs - 1);
    expect(await outcomeOf(result)).toBe('pending');
    vi.advanceTimersByTime(1);
    await expect(result).rejects.toMatchObject({
      code: 'CODEX_THREAD_RUN',
      cause: { code: 'CODEX_REQUEST_TIMEOUT', method: 'turn/start', timeoutMs: leftMs },
    });
  });

  test.each([0, undefined])('L10 the turn has no limit with timeoutMs %s', async (timeoutMs) => {
    await using server = new PlayedServer();
    const { run, turn } = await begun(server, timeoutMs, 600);
    const result = run.result();
    vi.advanceTimersByTime(20_000);
    expect(await outcomeOf(result)).toBe('pending');
    turn.complete();
    expect((await result).status).toBe('completed');
  });
});

test('L11 a thread run that is left between the start of its turn and the moment it knows of it leaves the turn', async () => {
  await using server = new PlayedServer();
  const turn = server.client.turnRun({ threadId: 't', input: 'x' });
  const played = (await server.turn()).accept().started();
  await server.piped.quiet();
  const begun = deferred<{ thread: protocol.Thread; turn: TurnRun }>();
  const thread = threadOf(THREAD);
  const readiness: boolean[] = [];
  const run = new ThreadRun((ready) => {
    readiness.push(ready(thread));
    return begun.promise;
  });
  expect([readiness, run.threadId]).toEqual([[true], 't']);
  await run.return();
  begun.resolve({ thread, turn });
  expect((await server.next('turn/interrupt')).params).toEqual({ threadId: 't', turnId: played.turnId });
});

test('the first turn is its input, or params with an input', () => {
  expect(turnParamsOf('x')).toEqual({ input: 'x' });
  expect(turnParamsOf({ input: 'x', model: 'm' })).toEqual({ input: 'x', model: 'm' });
  expect(turnParamsOf({ type: 'text', text: 'x' } as never)).toEqual({ input: { type: 'text', text: 'x' } });
});

const MISTAKES: readonly Mistake[] = [
  ['threadRun', [], 'params'],
  ['threadRun', ['hello'], 'params'],
  ['threadRun', [{ turn: 'x', threads: {} }], 'params.threads'],
  ['threadRun', [{ thread: {} }], 'params.input'],
  ['threadRun', [{ turn: { input: [] } }], 'params.input'],
  ['threadRun', [{ turn: 'x', thread: 'y' }], 'params.thread'],
  ['threadRun', [{ turn: 'x' }, { detach: 1 }], 'options.detach'],
];

test.each(MISTAKES)('L20 %s(...%j) throws and names %s', expectRefused);
