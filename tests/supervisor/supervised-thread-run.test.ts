/** A new thread with its first turn, over lives. */
import { InvalidArgumentError, RequestTimeoutError, ServerClosedError } from 'codex-async-client';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { collected } from '../runs/played-server.js';
import { PlayedLives } from './played-lives.js';

/** The answer to `thread/start`, of which the thread is a part. */
const STARTED = { thread: { id: 't', preview: '' }, model: 'm', cwd: '/tmp' };

afterEach(() => {
  vi.useRealTimers();
});

describe('a supervised thread run', () => {
  test('waits for a server, starts its thread there, and its result has both', async () => {
    await using lives = new PlayedLives();
    const run = lives.runs.threadRun({ thread: { cwd: '/tmp' }, turn: 'hi' });
    const text = collected(run.text());
    expect([run.thread, run.threadId, run.turnId]).toEqual([undefined, undefined, undefined]);
    const { server } = lives.begin();
    const start = await server.next('thread/start');
    expect(start.params).toEqual({ cwd: '/tmp' });
    server.answer(start, STARTED);
    (await server.turn()).accept().started().say('hello').complete();
    expect(await text).toEqual(['hello']);
    expect(await run.result()).toMatchObject({ thread: STARTED, threadId: 't', finalMessage: 'hello' });
    expect([run.thread, run.threadId, run.turnId]).toEqual([STARTED, 't', 'turn-1']);
  });

  test('that was never sent goes on with the next server', async () => {
    await using lives = new PlayedLives({ pipeBytes: 64 } as object);
    const life = lives.begin();
    life.server.piped.stopReading();
    const filled = life.client.request('thread/list', { cwd: 'x'.repeat(1_000) }).catch(() => {});
    await life.server.piped.quiet();
    const result = lives.runs.threadRun({ turn: 'hi' }).result();
    await life.server.piped.quiet();
    const next = await lives.restart();
    await filled;
    next.server.answer(await next.server.next('thread/start'), STARTED);
    (await next.server.turn()).accept().complete();
    expect((await result).status).toBe('completed');
  });

  test.each(['return', 'interrupt'] as const)(
    'that is ended by %s() before it was written is not asked of the next server',
    async (stop) => {
      await using lives = new PlayedLives({ pipeBytes: 64 } as object);
      const life = lives.begin();
      life.server.piped.stopReading();
      const filled = life.client.request('thread/list', { cwd: 'x'.repeat(1_000) }).catch(() => {});
      await life.server.piped.quiet();
      const run = lives.runs.threadRun({ turn: 'hi' });
      const result = expect(run.result()).rejects.toMatchObject({ name: 'AbortError' });
      await life.server.piped.quiet();
      const stopped = run[stop]().catch(() => {});
      const next = await lives.restart();
      await Promise.all([filled, stopped, result]);
      await next.server.piped.quiet();
      expect(next.server.sent('thread/start')).toBe(0);
    },
  );

  test('L24 that was sent rejects with its server, and no second thread is started', async () => {
    await using lives = new PlayedLives();
    const life = lives.begin();
    const run = lives.runs.threadRun({ turn: 'hi' });
    const failed = [run.result(), run.next(), run.started()].map((promise) =>
      expect(promise).rejects.toThrow(ServerClosedError),
    );
    await life.server.next('thread/start');
    const next = await lives.restart();
    await Promise.all(failed);
    await next.server.piped.quiet();
    expect(next.server.sent('thread/start')).toBe(0);
  });

  test('says which thread it started when the crash came later', async () => {
    await using lives = new PlayedLives();
    const life = lives.begin();
    const run = lives.runs.threadRun({ turn: 'hi' });
    const failed = expect(run.result()).rejects.toMatchObject({
      code: 'CODEX_THREAD_RUN',
      thread: STARTED,
      cause: { code: 'CODEX_SERVER_CLOSED', result: { agentMessages: [{ text: 'half' }] } },
    });
    life.server.answer(await life.server.next('thread/start'), STARTED);
    (await life.server.turn()).accept().started().say('half');
    await lives.restart();
    await failed;
    expect(run.threadId).toBe('t');
  });

  test.each(['interrupt', 'return'] as const)(
    'that is ended by %s() while no server has come is never sent',
    async (stop) => {
      await using lives = new PlayedLives();
      const run = lives.runs.threadRun({ turn: 'hi' });
      const result = expect(run.result()).rejects.toMatchObject({ name: 'AbortError' });
      await run[stop]();
      await result;
      const { server } = lives.begin();
      await server.piped.quiet();
      expect(server.sent('thread/start')).toBe(0);
    },
  );

  test('is interrupted, steered and left like any other', async () => {
    await using lives = new PlayedLives();
    const { server } = lives.begin();
    const run = lives.runs.threadRun({ turn: 'hi' });
    server.answer(await server.next('thread/start'), STARTED);
    const turn = (await server.turn()).accept().started();
    const steered = run.steer('more');
    server.answer(await server.next('turn/steer'), { turnId: 'turn-1' });
    expect(await steered).toEqual({ turnId: 'turn-1' });
    const interrupted = run.interrupt();
    server.answer(await server.next('turn/interrupt'), {});
    await interrupted;
    await run.return();
    turn.complete('interrupted');
    expect((await run.result()).status).toBe('interrupted');
  });

  test('rejects by its signal and its time limit while no server has come', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    await using lives = new PlayedLives();
    const signal = AbortSignal.abort('too late');
    await expect(lives.runs.threadRun({ turn: 'hi' }, { signal }).result()).rejects.toBe('too late');
    const late = expect(lives.runs.threadRun({ turn: 'hi' }, { timeoutMs: 500 }).result());
    const failed = late.rejects.toThrow(RequestTimeoutError);
    vi.advanceTimersByTime(500);
    await failed;
  });

  test('rejects when no server comes any more', async () => {
    await using lives = new PlayedLives();
    const result = lives.runs.threadRun({ turn: 'hi' }).result();
    lives.giveUp(new Error('gave up'));
    await expect(result).rejects.toThrow('gave up');
  });

  test('L20 is refused at once for bad params, and takes no key', () => {
    const lives = new PlayedLives();
    expect(() => lives.runs.threadRun({ turn: [] })).toThrow(InvalidArgumentError);
    expect(() => lives.runs.threadRun({ turn: 'hi', thread: 7 as never })).toThrow(
      /params.thread: expected an object/,
    );
    const keyed = { idempotencyKey: 'k' } as object;
    expect(() => lives.runs.threadRun({ turn: 'hi' }, keyed)).toThrow(/options.idempotencyKey: unknown name/);
  });
});
