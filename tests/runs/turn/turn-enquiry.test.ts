/** L15: a run always ends. What the server never says by itself is asked for after a silence. */
import { TurnFailedError } from 'codex-async-client';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { IDLE_STATUS_GRACE_MS } from '../../../src/support/defaults.js';
import { agentMessage, methodsOf, PlayedServer, turnOf } from '../played-server.js';

/** Short, so that a test waits for the question and not for the clock. */
const IDLE = { idleTimeoutMs: 10 };

const threadOf = (status: string, turns: readonly object[] = []) => ({
  thread: { id: 't', status: { type: status }, turns },
});

afterEach(() => {
  vi.useRealTimers();
});

describe('a turn whose end never comes', () => {
  test('L15 a turn waits for ever because turn/completed never comes: thread/read calls it over, and it ends, marked recovered', async () => {
    await using server = new PlayedServer();
    const run = server.client.turnRun({ threadId: 't', input: 'x' }, IDLE);
    const result = run.result();
    (await server.turn()).accept().started().item(agentMessage('m1', 'all of it'));
    const question = await server.next('thread/read');
    expect(question.params).toEqual({ threadId: 't' });
    server.answer(question, threadOf('idle'));
    const turns = await server.next('thread/read');
    expect(turns.params).toEqual({ threadId: 't', includeTurns: true });
    server.answer(turns, threadOf('idle', [turnOf('turn-0', 'failed'), turnOf('turn-1', 'completed')]));
    expect(await result).toMatchObject({
      recovered: true,
      status: 'completed',
      raw: { turn: { id: 'turn-1' }, completed: undefined },
      finalMessage: 'all of it',
    });
    await expect(run.next()).rejects.toMatchObject({ code: 'CODEX_ALREADY_READ' });
  });

  test('L15 ends the loop over its messages after the last one', async () => {
    await using server = new PlayedServer();
    const run = server.client.turnRun({ threadId: 't', input: 'x' }, IDLE);
    const methods = methodsOf(run);
    (await server.turn()).accept().started();
    server.answer(await server.next('thread/read'), threadOf('idle'));
    server.answer(await server.next('thread/read'), threadOf('idle', [turnOf('turn-1', 'interrupted')]));
    expect(await methods).toEqual(['turn/started']);
    expect(await run.result()).toMatchObject({ recovered: true, status: 'interrupted' });
  });

  test('L15 rejects with TurnFailedError when the server calls it failed', async () => {
    await using server = new PlayedServer();
    const result = server.client.turnRun({ threadId: 't', input: 'x' }, IDLE).result();
    (await server.turn()).accept().started();
    server.answer(await server.next('thread/read'), threadOf('systemError'));
    server.answer(
      await server.next('thread/read'),
      threadOf('systemError', [turnOf('turn-1', 'failed', 'broken')]),
    );
    await expect(result).rejects.toThrow(TurnFailedError);
    await expect(result).rejects.toThrow('broken');
  });

  test('L15 goes on while the thread is active, and is asked about again after the next silence', async () => {
    await using server = new PlayedServer();
    const run = server.client.turnRun({ threadId: 't', input: 'x' }, IDLE);
    const result = run.result();
    const turn = (await server.turn()).accept().started();
    server.answer(await server.next('thread/read'), threadOf('active'));
    server.answer(await server.next('thread/read'), threadOf('active'));
    server.answer(await server.next('thread/read'), threadOf('active'));
    turn.say('took its time').complete();
    expect(await result).toMatchObject({ recovered: false, finalMessage: 'took its time' });
  });

  test.each([['thread not loaded: t'], ['thread not found: t']])(
    'L10 L15 ends when the server no longer has its thread: %s',
    async (refusal) => {
      await using server = new PlayedServer();
      const lost = server.client.turnRun({ threadId: 't', input: 'x' }, IDLE).result();
      const next = server.client.turnRun({ threadId: 't', input: 'next' }).result();
      (await server.turn()).accept().started().say('half');
      server.refuse(await server.next('thread/read'), refusal);
      await expect(lost).rejects.toMatchObject({
        code: 'CODEX_TURN_OUTCOME_UNKNOWN',
        result: { raw: { turn: { id: 'turn-1' } }, finalMessage: 'half', recovered: false },
        cause: { code: 'CODEX_RPC' },
      });
      (await server.turn()).accept().complete();
      expect((await next).status).toBe('completed');
    },
  );

  test.each([
    ['thread/closed', {}],
    ['thread/status/changed', { status: { type: 'notLoaded' } }],
  ])('L10 L15 ends after %s, however long idleTimeoutMs is', async (method, params) => {
    await using server = new PlayedServer();
    const options = { idleTimeoutMs: 3_600_000 };
    const lost = server.client.turnRun({ threadId: 't', input: 'x' }, options).result();
    const turn = (await server.turn()).accept().started();
    await server.piped.quiet();
    turn.send(method, params);
    server.refuse(await server.next('thread/read'), 'thread not loaded: t');
    await expect(lost).rejects.toMatchObject({ code: 'CODEX_TURN_OUTCOME_UNKNOWN' });
  });

  test('L15 is recovered after thread/closed when the server still knows how it ended', async () => {
    await using server = new PlayedServer();
    const run = server.client.turnRun({ threadId: 't', input: 'x' }).result();
    const turn = (await server.turn()).accept().started();
    await server.piped.quiet();
    turn.send('thread/closed', {});
    server.answer(await server.next('thread/read'), threadOf('notLoaded'));
    server.answer(await server.next('thread/read'), threadOf('notLoaded', [turnOf('turn-1', 'interrupted')]));
    expect(await run).toMatchObject({ recovered: true, status: 'interrupted' });
  });

  test('L10 L15 ends when the server leaves two questions in a row without an answer', async () => {
    await using server = new PlayedServer({ requestTimeoutMs: 20 });
    const result = server.client.turnRun({ threadId: 't', input: 'x' }, IDLE).result();
    (await server.turn()).accept().started();
    await expect(result).rejects.toMatchObject({ code: 'CODEX_REQUEST_TIMEOUT', method: 'thread/read' });
    expect(server.sent('thread/read')).toBe(2);
  });

  test('L15 is asked about soon after its thread went idle, however long idleTimeoutMs is', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    await using server = new PlayedServer();
    const result = server.client
      .turnRun({ threadId: 't', input: 'x' }, { idleTimeoutMs: 3_600_000 })
      .result();
    const turn = (await server.turn()).accept().started();
    await server.piped.quiet();
    turn.send('thread/status/changed', { status: { type: 'idle' } });
    await server.piped.quiet();
    vi.advanceTimersByTime(IDLE_STATUS_GRACE_MS);
    server.answer(await server.next('thread/read'), threadOf('idle'));
    server.answer(await server.next('thread/read'), threadOf('idle', [turnOf('turn-1', 'completed')]));
    expect((await result).recovered).toBe(true);
  });

  test('L15 frees the line of its thread', async () => {
    await using server = new PlayedServer();
    const lost = server.client.turnRun({ threadId: 't', input: 'x' }, IDLE).result();
    const next = server.client.turnRun({ threadId: 't', input: 'next' }).result();
    const turn = (await server.turn()).accept().started();
    server.answer(await server.next('thread/read'), threadOf('idle'));
    server.answer(await server.next('thread/read'), threadOf('idle', [turnOf('turn-1', 'completed')]));
    expect((await lost).recovered).toBe(true);
    const second = await server.turn();
    turn.complete();
    second.accept().started().say('own').complete();
    expect(await next).toMatchObject({
      recovered: false,
      raw: { turn: { id: 'turn-2' } },
      finalMessage: 'own',
    });
  });

  test('L15 that the server ends while it is being asked about is not called recovered', async () => {
    await using server = new PlayedServer();
    const result = server.client.turnRun({ threadId: 't', input: 'x' }, IDLE).result();
    const turn = (await server.turn()).accept().started();
    const question = await server.next('thread/read');
    turn.complete();
    server.answer(question, threadOf('idle'));
    expect((await result).recovered).toBe(false);
  });

  test('L15 is asked about also after its reader has left it', async () => {
    await using server = new PlayedServer();
    const run = server.client.turnRun({ threadId: 't', input: 'x' }, IDLE);
    (await server.turn()).accept().started();
    await run.next();
    await run.return();
    server.answer(await server.next('turn/interrupt'), {});
    server.answer(await server.next('thread/read'), threadOf('idle'));
    server.answer(await server.next('thread/read'), threadOf('idle', [turnOf('turn-1', 'interrupted')]));
    expect(await run.result()).toMatchObject({ recovered: true, status: 'interrupted' });
  });

  test('L15 asks for the end of a turn that was given up, although messages of it are unread', async () => {
    await using server = new PlayedServer();
    const abort = new AbortController();
    server.client.turnRun({ threadId: 't', input: '1' }, { idleTimeoutMs: 20, signal: abort.signal });
    (await server.turn()).accept().started().say('unread');
    await server.piped.quiet();
    abort.abort();
    expect((await server.next('thread/read')).params).toEqual({ threadId: 't' });
  });
});

describe('a silence of nine minutes', () => {
  const NINE_MINUTES_MS = 540_000;

  test('L15 while the pipe is left to fill is the reader’s, and nothing is asked', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    await using server = new PlayedServer({ buffer: { highWaterMark: 1 } });
    const run = server.client.turnRun({ threadId: 't', input: 'x' }, { idleTimeoutMs: 60_000 });
    const first = run.next();
    const turn = (await server.turn()).accept().started().say('unread');
    await first;
    await server.piped.quiet();
    expect(server.client.stats().paused.now).toBe(true);
    await vi.advanceTimersByTimeAsync(NINE_MINUTES_MS);
    await server.piped.quiet();
    expect(server.sent('thread/read')).toBe(0);
    turn.complete();
    expect(await methodsOf(run)).toEqual(['item/agentMessage/delta', 'turn/completed']);
  });

  test('L15 is asked about when the messages were read', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    await using server = new PlayedServer();
    const run = server.client.turnRun({ threadId: 't', input: 'x' }, { idleTimeoutMs: NINE_MINUTES_MS });
    const result = run.result();
    const turn = (await server.turn()).accept().started();
    await server.piped.quiet();
    await vi.advanceTimersByTimeAsync(NINE_MINUTES_MS - 1);
    await server.piped.quiet();
    expect(server.sent('thread/read')).toBe(0);
    await vi.advanceTimersByTimeAsync(1);
    await server.next('thread/read');
    turn.complete();
    expect((await result).recovered).toBe(false);
  });

  test('L15 is never asked about with idleTimeoutMs 0', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    await using server = new PlayedServer();
    const result = server.client.turnRun({ threadId: 't', input: 'x' }, { idleTimeoutMs: 0 }).result();
    const turn = (await server.turn()).accept().started();
    await server.piped.quiet();
    await vi.advanceTimersByTimeAsync(NINE_MINUTES_MS);
    await server.piped.quiet();
    expect(server.piped.received).toHaveLength(1);
    turn.complete();
    expect((await result).recovered).toBe(false);
  });
});
