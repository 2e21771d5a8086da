/** Ends of turns that come in an unusual order or shape: the thread's line goes on, and never before the turn is over. */
import { describe, expect, test } from 'vitest';
import { outcomeOf } from '../../helpers/piped-server.js';
import { PlayedServer } from '../played-server.js';

/** More than `maxBytes` of the clients below. */
const LARGE = { method: 'x/large', params: { text: 'x'.repeat(3_000) } };

describe('the line of a thread', () => {
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

describe('result()', () => {
  test('L16 drives the run again after it failed for want of room', async () => {
    await using server = new PlayedServer({ buffer: { maxBytes: 2_000 } });
    const events = server.client.events();
    const run = server.client.turnRun({ threadId: 't', input: 'x' });
    const noRoom = run.result();
    const turn = (await server.turn()).accept().started();
    await server.piped.quiet();
    server.piped.send(LARGE);
    await expect(noRoom).rejects.toMatchObject({ code: 'CODEX_BACKPRESSURE' });
    await events.next();
    const result = run.result();
    turn.ask(7);
    expect(await server.answerTo(7)).toMatchObject({ result: { decision: 'decline' } });
    turn.complete();
    expect((await result).status).toBe('completed');
  });
});

describe('a malformed answer or message', () => {
  test.each([[null], [{}], [{ thread: null }], [{ thread: {} }]])(
    'L15 %j is no answer to the question whether a turn is over: it is asked again',
    async (answer) => {
      await using server = new PlayedServer();
      const result = server.client.turnRun({ threadId: 't', input: 'x' }, { idleTimeoutMs: 5 }).result();
      const turn = (await server.turn()).accept().started();
      server.piped.send({ id: (await server.next('thread/read')).id, result: answer });
      await server.next('thread/read');
      turn.complete();
      expect((await result).status).toBe('completed');
    },
  );

  test('L10 L15 ends the run when it is all that the server says, twice in a row', async () => {
    await using server = new PlayedServer();
    const result = server.client.turnRun({ threadId: 't', input: 'x' }, { idleTimeoutMs: 5 }).result();
    (await server.turn()).accept().started();
    server.piped.send({ id: (await server.next('thread/read')).id, result: null });
    server.piped.send({ id: (await server.next('thread/read')).id, result: {} });
    await expect(result).rejects.toMatchObject({ code: 'CODEX_PROTOCOL' });
  });

  test('L15 is no end of a turn that it does not carry: the run goes on and asks', async () => {
    await using server = new PlayedServer();
    const result = server.client.turnRun({ threadId: 't', input: 'x' }, { idleTimeoutMs: 5 }).result();
    const turn = (await server.turn()).accept().started();
    turn.send('turn/completed', { turnId: turn.turnId });
    await server.next('thread/read');
    expect(await outcomeOf(result)).toBe('pending');
    turn.complete();
    expect((await result).status).toBe('completed');
  });
});
