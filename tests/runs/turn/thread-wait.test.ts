/** L14: a turn on the thread that is not a run's. */
import { ThreadBusyError } from 'codex-async-client';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { DEFAULT_IDLE_TIMEOUT_MS } from '../../../src/support/defaults.js';
import { PlayedServer, turnOf } from '../played-server.js';
import { INPUT, startedByHand } from './by-hand.js';

afterEach(() => {
  vi.useRealTimers();
});

describe('L14 a run beside a turn that was started by hand', () => {
  test('waits for its end, then starts a turn of its own', async () => {
    await using server = new PlayedServer();
    const other = await startedByHand(server);
    const result = server.client.turnRun({ threadId: 't', input: 'x' }).result();
    await server.next('thread/goal/get');
    await server.piped.quiet();
    expect(server.sent('turn/start')).toBe(1);
    other.complete();
    (await server.turn()).accept().started().say('own').complete();
    expect(await result).toMatchObject({
      joined: false,
      finalMessage: 'own',
      raw: { turn: { id: 'turn-2' } },
    });
  });

  test('waits also while the server has not answered the start by hand', async () => {
    await using server = new PlayedServer();
    const answer = server.client.turnStart({ threadId: 't', input: INPUT });
    const other = await server.turn();
    const result = server.client.turnRun({ threadId: 't', input: 'x' }).result();
    await server.piped.quiet();
    expect(server.sent('turn/start')).toBe(1);
    server.refuse(other.request, 'no such thread');
    await expect(answer).rejects.toThrow('no such thread');
    (await server.turn()).accept().complete();
    expect((await result).joined).toBe(false);
  });

  test('knows of a turn that only the messages tell of, and of a thread that is only called active', async () => {
    await using server = new PlayedServer();
    server.piped.send({ method: 'turn/started', params: { threadId: 't', turn: turnOf('foreign') } });
    server.piped.send({
      method: 'thread/status/changed',
      params: { threadId: 'u', status: { type: 'active', activeFlags: [] } },
    });
    await server.piped.quiet();
    const results = ['t', 'u'].map((threadId) => server.client.turnRun({ threadId, input: 'x' }).result());
    await server.piped.quiet();
    expect(server.sent('turn/start')).toBe(0);
    server.piped.send({
      method: 'turn/completed',
      params: { threadId: 't', turn: turnOf('foreign', 'failed') },
    });
    server.piped.send({
      method: 'thread/status/changed',
      params: { threadId: 'u', status: { type: 'idle' } },
    });
    for (let n = 0; n < 2; n += 1) (await server.turn()).accept().complete();
    expect((await Promise.all(results)).map(({ status }) => status)).toEqual(['completed', 'completed']);
  });

  test('asks after a silence whether the thread is still busy', async () => {
    await using server = new PlayedServer();
    await startedByHand(server);
    const result = server.client.turnRun({ threadId: 't', input: 'x' }, { idleTimeoutMs: 5 }).result();
    server.answer(await server.next('thread/read'), {
      thread: { id: 't', status: { type: 'idle' }, turns: [] },
    });
    (await server.turn()).accept().complete();
    expect((await result).status).toBe('completed');
  });

  test('goes on waiting while the server calls the thread active, and asks once about its goal', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    await using server = new PlayedServer();
    const other = await startedByHand(server);
    const result = server.client.turnRun({ threadId: 't', input: 'x' }, { idleTimeoutMs: 1_000 }).result();
    server.answer(await server.next('thread/goal/get'), { goal: null });
    for (let n = 0; n < 3; n += 1) {
      await vi.advanceTimersByTimeAsync(1_000);
      server.answer(await server.next('thread/read'), { thread: { id: 't', status: { type: 'active' } } });
      await server.piped.quiet();
    }
    expect([server.sent('turn/start'), server.sent('thread/goal/get')]).toEqual([1, 1]);
    other.complete();
    (await server.turn()).accept().complete();
    expect((await result).status).toBe('completed');
    expect(server.sent('thread/goal/get')).toBe(1);
  });

  test('L10 goes on when two questions in a row are left without an answer', async () => {
    await using server = new PlayedServer({ requestTimeoutMs: 10 });
    await startedByHand(server);
    const result = server.client.turnRun({ threadId: 't', input: 'x' }, { idleTimeoutMs: 5 }).result();
    const first = await server.turn();
    expect(server.sent('thread/read')).toBe(2);
    first.accept().complete();
    expect((await result).status).toBe('completed');
  });

  test('asks nothing more once the thread is free, and nothing at all with idleTimeoutMs 0', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    await using server = new PlayedServer();
    const other = await startedByHand(server);
    const result = server.client.turnRun({ threadId: 't', input: 'x' }, { idleTimeoutMs: 0 }).result();
    await server.next('thread/goal/get');
    await vi.advanceTimersByTimeAsync(50_000);
    await server.piped.quiet();
    expect(server.sent('thread/read')).toBe(0);
    other.complete();
    const own = (await server.turn()).accept().started();
    await vi.advanceTimersByTimeAsync(50_000);
    await server.piped.quiet();
    expect(server.sent('thread/read')).toBe(0);
    own.complete();
    expect((await result).status).toBe('completed');
  });

  test('asks after thirty seconds when nothing else is said, and no more once it was left', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    await using server = new PlayedServer();
    await startedByHand(server);
    const run = server.client.turnRun({ threadId: 't', input: 'x' });
    await server.next('thread/goal/get');
    await vi.advanceTimersByTimeAsync(DEFAULT_IDLE_TIMEOUT_MS - 1);
    await server.piped.quiet();
    expect(server.sent('thread/read')).toBe(0);
    await vi.advanceTimersByTimeAsync(1);
    await server.next('thread/read');
    await run.return();
    await server.piped.quiet();
    await vi.advanceTimersByTimeAsync(10 * DEFAULT_IDLE_TIMEOUT_MS);
    await server.piped.quiet();
    expect(server.sent('thread/read')).toBe(1);
  });

  test('reads on for the end although unread messages stop the reading', async () => {
    await using server = new PlayedServer({ buffer: { highWaterMark: 1 } });
    const other = await startedByHand(server);
    await server.piped.quiet();
    expect(server.client.stats().paused.now).toBe(true);
    const run = server.client.turnRun({ threadId: 't', input: 'x' });
    server.answer(await server.next('thread/goal/get'), { goal: null });
    await server.piped.quiet();
    other.say('1', '2').complete();
    expect((await server.turn()).request.params).toMatchObject({ threadId: 't' });
    await run.return();
  });

  test('counts the wait against timeoutMs, and sends nothing after it', async () => {
    await using server = new PlayedServer();
    const other = await startedByHand(server);
    const run = server.client.turnRun({ threadId: 't', input: 'x' }, { timeoutMs: 10 });
    await expect(run.result()).rejects.toMatchObject({ code: 'CODEX_REQUEST_TIMEOUT' });
    other.complete();
    await server.piped.quiet();
    expect(server.sent('turn/start')).toBe(1);
    expect(server.sent('turn/interrupt')).toBe(0);
  });

  test('obeys its signal, leaving and interrupt() while it waits', async () => {
    await using server = new PlayedServer();
    await startedByHand(server);
    const abort = new AbortController();
    const aborted = server.client.turnRun({ threadId: 't', input: 'x' }, { signal: abort.signal });
    abort.abort(new Error('enough'));
    await expect(aborted.next()).rejects.toThrow('enough');
    const left = server.client.turnRun({ threadId: 't', input: 'x' });
    const waiting = left.next();
    await left.return();
    expect(await waiting).toEqual({ done: true, value: undefined });
    const interrupted = server.client.turnRun({ threadId: 't', input: 'x' });
    await interrupted.interrupt();
    await expect(interrupted.result()).rejects.toMatchObject({ name: 'AbortError' });
    expect(server.sent('turn/start')).toBe(1);
    expect(server.sent('turn/interrupt')).toBe(0);
  });

  test('rejects at once with ThreadBusyError while a goal is active, and frees the queue', async () => {
    await using server = new PlayedServer();
    const other = await startedByHand(server);
    const refused = server.client.turnRun({ threadId: 't', input: 'x' });
    const goal = { threadId: 't', objective: 'all of it', status: 'active' };
    server.answer(await server.next('thread/goal/get'), { goal });
    await expect(refused.result()).rejects.toThrow(ThreadBusyError);
    await expect(refused.result()).rejects.toThrow(
      /^thread t is busy with an active goal.*whenBusy: 'steer'/,
    );
    await expect(refused.next()).rejects.toMatchObject({ threadId: 't' });
    const next = server.client.turnRun({ threadId: 't', input: 'y' }).result();
    server.answer(await server.next('thread/goal/get'), { goal: null });
    other.complete();
    (await server.turn()).accept().complete();
    expect((await next).status).toBe('completed');
  });

  test('settles when the server goes while it waits', async () => {
    await using server = new PlayedServer();
    await startedByHand(server);
    const run = server.client.turnRun({ threadId: 't', input: 'x' });
    const result = run.result();
    await server.piped.quiet();
    server.piped.end();
    await expect(result).rejects.toMatchObject({ code: 'CODEX_SERVER_CLOSED' });
    await expect(run.next()).rejects.toMatchObject({ code: 'CODEX_SERVER_CLOSED' });
  });
});
