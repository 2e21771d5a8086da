/** L14: one turn at a time per thread, threads side by side; and what becomes of runs that wait in line. */
import { RpcError } from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import { turn as eventLoopTurn, outcomeOf } from '../../helpers/piped-server.js';
import { PlayedServer } from '../played-server.js';

/** More than `maxBytes` of the clients below. */
const LARGE = { method: 'x/large', params: { text: 'x'.repeat(3_000) } };

describe('the line of a thread', () => {
  test('L14 turn/start during a turn gives a phantom turn: it is sent only after the first one is over, in the order of the calls', async () => {
    await using server = new PlayedServer();
    const runs = ['first', 'second', 'third'].map((input) => server.client.turnRun({ threadId: 't', input }));
    const results = runs.map((run) => run.result());
    for (const [index, input] of ['first', 'second', 'third'].entries()) {
      const turn = await server.turn();
      expect(turn.request.params?.['input']).toEqual([{ type: 'text', text: input, text_elements: [] }]);
      turn.accept().started().say(input);
      await server.piped.quiet();
      expect(server.sent('turn/start')).toBe(index + 1);
      turn.complete();
    }
    expect((await Promise.all(results)).map(({ raw, finalMessage }) => [raw.turn.id, finalMessage])).toEqual([
      ['turn-1', 'first'],
      ['turn-2', 'second'],
      ['turn-3', 'third'],
    ]);
  });

  test('L14 lets other threads run side by side, and gives each run the messages of its own thread', async () => {
    await using server = new PlayedServer();
    const ids = ['a', 'b', 'c', 'd'];
    const results = ids.map((threadId) => server.client.turnRun({ threadId, input: threadId }).result());
    const turns = [await server.turn(), await server.turn(), await server.turn(), await server.turn()];
    for (const turn of turns) turn.accept().started();
    for (const piece of ['1', '2']) for (const turn of turns) turn.say(`${turn.threadId}${piece}`);
    for (const turn of turns) turn.complete();
    expect((await Promise.all(results)).map(({ finalMessage }) => finalMessage)).toEqual([
      'a1a2',
      'b1b2',
      'c1c2',
      'd1d2',
    ]);
  });

  test('L14 goes on after a turn that failed, one that was refused and one that was left', async () => {
    await using server = new PlayedServer();
    const failing = server.client.turnRun({ threadId: 't', input: '1' }).result();
    const refused = server.client.turnRun({ threadId: 't', input: '2' }).result();
    const left = server.client.turnRun({ threadId: 't', input: '3' });
    const last = server.client.turnRun({ threadId: 't', input: '4' }).result();
    (await server.turn()).accept().complete('failed', 'no luck');
    await expect(failing).rejects.toMatchObject({ code: 'CODEX_TURN_FAILED' });
    server.refuse((await server.turn()).request, 'thread not found: t');
    await expect(refused).rejects.toThrow(RpcError);
    const third = (await server.turn()).accept();
    await left.return();
    server.answer(await server.next('turn/interrupt'), {});
    third.complete('interrupted');
    (await server.turn()).accept().say('ok').complete();
    expect((await last).finalMessage).toBe('ok');
  });

  test('L14 a run that is left before its place comes is never sent, and its result says so', async () => {
    await using server = new PlayedServer();
    const first = server.client.turnRun({ threadId: 't', input: 'first' }).result();
    const second = server.client.turnRun({ threadId: 't', input: 'second' });
    const third = server.client.turnRun({ threadId: 't', input: 'third' }).result();
    const turn = (await server.turn()).accept();
    const waiting = second.next();
    await second.return();
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(await second.next()).toEqual({ done: true, value: undefined });
    await expect(second.result()).rejects.toMatchObject({ name: 'AbortError' });
    turn.complete();
    await first;
    const next = await server.turn();
    expect(next.request.params?.['input']).toMatchObject([{ text: 'third' }]);
    next.accept().complete();
    await third;
    expect(server.sent('turn/interrupt')).toBe(0);
  });

  test('L14 interrupting a run that waits in line takes it out, and sends nothing', async () => {
    await using server = new PlayedServer();
    const first = server.client.turnRun({ threadId: 't', input: 'first' }).result();
    const second = server.client.turnRun({ threadId: 't', input: 'second' });
    const turn = (await server.turn()).accept();
    await second.interrupt();
    await expect(second.result()).rejects.toMatchObject({ name: 'AbortError' });
    await expect(second.next()).rejects.toMatchObject({ name: 'AbortError' });
    turn.complete();
    await first;
    await eventLoopTurn();
    expect(server.piped.received.map(({ method }) => method)).toEqual(['turn/start']);
  });

  test('L14 an abort takes a waiting run out of the line with the reason of the signal', async () => {
    await using server = new PlayedServer();
    const first = server.client.turnRun({ threadId: 't', input: 'first' }).result();
    const abort = new AbortController();
    const second = server.client.turnRun({ threadId: 't', input: 'second' }, { signal: abort.signal });
    const turn = (await server.turn()).accept();
    const reason = new Error('no longer wanted');
    abort.abort(reason);
    await expect(second.result()).rejects.toBe(reason);
    turn.complete();
    await first;
    expect(server.sent('turn/start')).toBe(1);
  });

  test('L14 a signal that has fired already sends nothing', async () => {
    await using server = new PlayedServer();
    const reason = new Error('too late');
    const run = server.client.turnRun({ threadId: 't', input: 'x' }, { signal: AbortSignal.abort(reason) });
    await expect(run.next()).rejects.toBe(reason);
    await expect(run.result()).rejects.toBe(reason);
    await expect(run.steer('more')).rejects.toBe(reason);
    expect(server.piped.received).toEqual([]);
  });

  test('L14 a handle, a thread run and a turn run of one thread share one line', async () => {
    await using server = new PlayedServer();
    const threadRun = server.client.threadRun({ turn: 'first' });
    const first = threadRun.result();
    server.answer(await server.next('thread/start'), { thread: { id: 't' } });
    const turn = (await server.turn()).accept();
    const second = server.client.turnRun({ threadId: 't', input: 'second' }).result();
    const third = server.client.thread('t').run('third').result();
    expect(await outcomeOf(second)).toBe('pending');
    expect(server.sent('turn/start')).toBe(1);
    turn.complete();
    await first;
    (await server.turn()).accept().complete();
    await second;
    expect(server.sent('turn/start')).toBe(2);
    (await server.turn()).accept().complete();
    await third;
  });

  test('L14 holds a run that is made while the second one of its thread is active', async () => {
    await using server = new PlayedServer();
    const first = server.client.turnRun({ threadId: 't', input: '1' }).result();
    const second = server.client.turnRun({ threadId: 't', input: '2' }).result();
    (await server.turn()).accept().complete();
    await first;
    const active = (await server.turn()).accept().started();
    await server.piped.quiet();
    const third = server.client.turnRun({ threadId: 't', input: '3' }).result();
    await server.piped.quiet();
    expect(server.sent('turn/start')).toBe(2);
    active.complete();
    await second;
    (await server.turn()).accept().complete();
    expect((await third).status).toBe('completed');
  });

  test('L10 L14 goes on after a turn that was over before its start was answered, when that answer never comes', async () => {
    await using server = new PlayedServer();
    const first = server.client.turnRun({ threadId: 't', input: '1' }, { timeoutMs: 20 }).result();
    (await server.turn()).started().complete();
    await expect(first).rejects.toMatchObject({ code: 'CODEX_REQUEST_TIMEOUT' });
    const next = server.client.turnRun({ threadId: 't', input: '2' }).result();
    (await server.turn()).accept().complete();
    expect((await next).status).toBe('completed');
  });

  test('L5 L14 holds while a turn runs whose start was answered behind what filled maxBytes', async () => {
    await using server = new PlayedServer({ buffer: { maxBytes: 2_000 } });
    const events = server.client.events();
    const run = server.client.turnRun({ threadId: 't', input: '1' });
    const noRoom = run.result();
    const turn = await server.turn();
    server.piped.send(LARGE);
    await expect(noRoom).rejects.toMatchObject({ code: 'CODEX_BACKPRESSURE' });
    turn.accept().started();
    await events.next();
    const result = run.result();
    const next = server.client.turnRun({ threadId: 't', input: '2' }).result();
    await server.piped.quiet();
    expect(server.sent('turn/start')).toBe(1);
    turn.complete();
    expect((await result).status).toBe('completed');
    (await server.turn()).accept().complete();
    await next;
  });
});
