/** L11 and L10: the ways to leave a run early, what each of them does to the turn, and that the thread goes on after it. */
import type { TurnRun } from 'codex-async-client';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { outcomeOf } from '../../helpers/piped-server.js';
import { collected, PlayedServer, type PlayedTurn, turnOf } from '../played-server.js';

afterEach(() => {
  vi.useRealTimers();
});

/** A turn that has begun and whose first message was read. */
async function runningTurn(
  server: PlayedServer,
  options: Parameters<PlayedServer['client']['turnRun']>[1] = {},
): Promise<{ run: TurnRun; turn: PlayedTurn }> {
  const run = server.client.turnRun({ threadId: 't', input: 'x' }, options);
  const turn = (await server.turn()).accept().started();
  await run.next();
  return { run, turn };
}

/** Takes the interruption, ends the turn, and shows that only now the thread's next run is sent. */
async function expectInterruptedThenNext(server: PlayedServer, turn: PlayedTurn): Promise<void> {
  const next = server.client.turnRun({ threadId: 't', input: 'next' }).result();
  const interrupt = await server.next('turn/interrupt');
  expect(interrupt.params).toEqual({ threadId: 't', turnId: turn.turnId });
  server.answer(interrupt, {});
  await server.piped.quiet();
  expect(server.sent('turn/start')).toBe(1);
  turn.say('still writing').complete('interrupted');
  (await server.turn()).accept().started().complete();
  expect((await next).status).toBe('completed');
  expect(server.sent('turn/interrupt')).toBe(1);
}

describe('leaving a run', () => {
  test('L11 by break interrupts the turn, and the next run of the thread starts only after its end', async () => {
    await using server = new PlayedServer();
    const run = server.client.turnRun({ threadId: 't', input: 'x' });
    const turn = (await server.turn()).accept().started();
    for await (const { method } of run) if (method === 'turn/started') break;
    await expectInterruptedThenNext(server, turn);
    expect((await run.result()).status).toBe('interrupted');
    expect(await run.next()).toEqual({ done: true, value: undefined });
  });

  test('L11 by an error thrown in the loop interrupts it too', async () => {
    await using server = new PlayedServer();
    const run = server.client.turnRun({ threadId: 't', input: 'x' });
    const turn = (await server.turn()).accept().started();
    const mistake = new Error('a bug in the loop');
    const loop = (async () => {
      for await (const _ of run) throw mistake;
    })();
    await expect(loop).rejects.toBe(mistake);
    await expectInterruptedThenNext(server, turn);
  });

  test.each(['in one chunk', 'later'])(
    'L11 interrupts a turn that the server, asked how it stands, does not have yet, and names %s',
    async (when) => {
      await using server = new PlayedServer();
      const run = server.client.turnRun({ threadId: 't', input: 'x' }, { idleTimeoutMs: 10 });
      const turn = await server.turn();
      await run.return();
      const { id } = await server.next('thread/read');
      const idle = { id, result: { thread: { id: 't', status: { type: 'idle' }, turns: [] } } };
      const named = { id: turn.request.id, result: { turn: turnOf(turn.turnId) } };
      server.piped.send(...(when === 'later' ? [idle] : [idle, named]));
      await server.piped.quiet();
      if (when === 'later') server.piped.send(named);
      const interrupt = await server.next('turn/interrupt');
      expect(interrupt.params).toEqual({ threadId: 't', turnId: turn.turnId });
    },
  );

  test('L11 by await using interrupts it too', async () => {
    await using server = new PlayedServer();
    let turn: PlayedTurn | undefined;
    {
      await using run = server.client.turnRun({ threadId: 't', input: 'x' });
      turn = (await server.turn()).accept().started();
      await run.next();
    }
    await expectInterruptedThenNext(server, turn);
  });

  test('L11 by leaving text() early interrupts it too', async () => {
    await using server = new PlayedServer();
    const run = server.client.turnRun({ threadId: 't', input: 'x' });
    const turn = (await server.turn()).accept().started().say('one', 'two');
    for await (const piece of run.text()) if (piece === 'one') break;
    await expectInterruptedThenNext(server, turn);
  });

  test('L11 before turn/start was answered interrupts the turn as soon as the server names it', async () => {
    await using server = new PlayedServer();
    const run = server.client.turnRun({ threadId: 't', input: 'x' });
    const waiting = run.next();
    const turn = await server.turn();
    await run.return();
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(server.sent('turn/interrupt')).toBe(0);
    turn.accept().started();
    await expectInterruptedThenNext(server, turn);
  });

  test('L11 after turn/completed was read sends nothing, and the result stands', async () => {
    await using server = new PlayedServer();
    const { run, turn } = await runningTurn(server);
    turn.complete();
    for await (const { method } of run) if (method === 'turn/completed') break;
    expect((await run.result()).status).toBe('completed');
    expect(server.sent('turn/interrupt')).toBe(0);
  });

  test('L11 hands unread server requests to the stream that wants them, and drops unread notifications', async () => {
    await using server = new PlayedServer();
    const { run, turn } = await runningTurn(server);
    turn.say('unread').ask(7);
    await server.piped.quiet();
    await run.return();
    expect(await server.client.nextMessage()).toMatchObject({ kind: 'request', id: 7 });
    expect(server.client.stats()).toMatchObject({ held: { messages: 0 }, messages: { discarded: 1 } });
  });

  test('L11 goes on reading the turn to its end although nobody reads a stream', async () => {
    await using server = new PlayedServer({ buffer: { highWaterMark: 1 } });
    const { run, turn } = await runningTurn(server);
    await run.return();
    server.answer(await server.next('turn/interrupt'), {});
    for (let n = 0; n < 50; n += 1) turn.say(String(n));
    turn.complete('interrupted');
    const next = server.client.turnRun({ threadId: 't', input: 'next' });
    (await server.turn()).accept().complete();
    await next.result();
  });
});

describe('detach', () => {
  test('L11 lets the turn run on, gives its messages back to the other streams, and holds the line until its end', async () => {
    await using server = new PlayedServer();
    const { run, turn } = await runningTurn(server, { detach: true });
    await run.return();
    const next = server.client.turnRun({ threadId: 't', input: 'next' }).result();
    turn.say('on its own');
    expect(await server.client.nextMessage()).toMatchObject({ params: { delta: 'on its own' } });
    expect(server.sent('turn/start')).toBe(1);
    turn.complete();
    expect(await run.result()).toMatchObject({ status: 'completed', finalMessage: 'on its own' });
    (await server.turn()).accept().complete();
    await next;
    expect(server.sent('turn/interrupt')).toBe(0);
  });
});

describe('giving a run up', () => {
  test('by its signal interrupts the turn; the stream and the result fail with the reason', async () => {
    await using server = new PlayedServer();
    const abort = new AbortController();
    const { run, turn } = await runningTurn(server, { signal: abort.signal });
    turn.say('read before');
    await server.piped.quiet();
    const reason = new Error('enough');
    abort.abort(reason);
    expect((await run.next()).value).toMatchObject({ params: { delta: 'read before' } });
    await expect(run.next()).rejects.toBe(reason);
    await expect(run.result()).rejects.toBe(reason);
    await expectInterruptedThenNext(server, turn);
  });

  test('by its signal before turn/start was answered interrupts the turn all the same', async () => {
    await using server = new PlayedServer();
    const abort = new AbortController();
    const run = server.client.turnRun({ threadId: 't', input: 'x' }, { signal: abort.signal });
    const turn = await server.turn();
    abort.abort(new Error('enough'));
    await expect(run.result()).rejects.toThrow('enough');
    turn.accept().started();
    await expectInterruptedThenNext(server, turn);
  });

  test('after timeoutMs interrupts the turn and rejects with RequestTimeoutError', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    await using server = new PlayedServer();
    const { run, turn } = await runningTurn(server, { timeoutMs: 5 });
    const result = run.result();
    vi.advanceTimersByTime(5);
    await expect(result).rejects.toMatchObject({ code: 'CODEX_REQUEST_TIMEOUT', timeoutMs: 5 });
    // What had been read before the time was up comes first.
    await expect(collected(run)).rejects.toMatchObject({ code: 'CODEX_REQUEST_TIMEOUT' });
    await expectInterruptedThenNext(server, turn);
  });

  test('by an aborted signal after the turn is over changes nothing', async () => {
    await using server = new PlayedServer();
    const abort = new AbortController();
    const { run, turn } = await runningTurn(server, { signal: abort.signal });
    turn.complete();
    const result = await run.result();
    abort.abort();
    expect(await run.result()).toBe(result);
    expect(server.sent('turn/interrupt')).toBe(0);
  });

  test('harms no run of another thread', async () => {
    await using server = new PlayedServer();
    const abort = new AbortController();
    const { run } = await runningTurn(server, { signal: abort.signal });
    const other = server.client.turnRun({ threadId: 'other', input: 'x' }).result();
    const otherTurn = (await server.turn()).accept();
    abort.abort();
    await expect(run.result()).rejects.toMatchObject({ name: 'AbortError' });
    expect(await outcomeOf(other)).toBe('pending');
    otherTurn.complete();
    expect((await other).status).toBe('completed');
  });
});

test('L14 the first end of a turn is the truth, in one chunk and in two', async () => {
  for (const isOneChunk of [true, false]) {
    await using server = new PlayedServer();
    const result = server.client.turnRun({ threadId: 't', input: 'x' }).result();
    const turn = (await server.turn()).accept().started();
    await server.piped.quiet();
    const ends = (['completed', 'failed'] as const).map((status) => ({
      method: 'turn/completed',
      params: { threadId: 't', turn: turnOf(turn.turnId, status) },
    }));
    if (isOneChunk) server.piped.send(...ends);
    else for (const end of ends) server.piped.send(end);
    expect((await result).status).toBe('completed');
    expect(await outcomeOf(result)).not.toBe('pending');
  }
});
