/** The limits of `thread/start` in a thread run: who gives it up waits no longer. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { PlayedServer } from '../played-server.js';

afterEach(() => {
  vi.useRealTimers();
});

describe('a thread that is not started in time', () => {
  test.each([
    ['timeoutMs', { timeoutMs: 50 }],
    ['startTimeoutMs', { startTimeoutMs: 50 }],
  ])('ends the run after %s', async (_, options) => {
    await using server = new PlayedServer();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    const run = server.client.threadRun({ turn: 'hi' }, options);
    const failed = expect(run.result()).rejects.toMatchObject({
      code: 'CODEX_REQUEST_TIMEOUT',
      method: 'thread/start',
      timeoutMs: 50,
    });
    const start = await server.next('thread/start');
    vi.advanceTimersByTime(50);
    vi.useRealTimers();
    await failed;
    server.answer(start, { thread: { id: 't' } });
    await server.piped.quiet();
    expect(server.sent('turn/start')).toBe(0);
  });

  test.each([[null], [{}], [{ thread: {} }]])(
    'is a ProtocolError when it is answered with %j',
    async (answer) => {
      await using server = new PlayedServer();
      const run = server.client.threadRun({ turn: 'hi' });
      const failed = expect(run.result()).rejects.toMatchObject({ code: 'CODEX_PROTOCOL' });
      const { id } = await server.next('thread/start');
      server.piped.send({ id, result: answer });
      await failed;
      expect(run.thread).toBeUndefined();
    },
  );

  test('is not started at all when it was given up before its request was sent', async () => {
    await using server = new PlayedServer({ maxInFlightRequests: 1 });
    const list = server.client.threadLoadedList();
    const abort = new AbortController();
    const run = server.client.threadRun({ turn: 'hi' }, { signal: abort.signal });
    const failed = expect(run.result()).rejects.toBe('enough');
    abort.abort('enough');
    await failed;
    server.answer(await server.next('thread/loaded/list'), { data: [], nextCursor: null });
    await list;
    await server.piped.quiet();
    expect(server.sent('thread/start')).toBe(0);
  });
});
