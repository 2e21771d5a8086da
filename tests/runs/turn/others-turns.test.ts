/** L1, L11, L14: turns of others beside a run, and starts that are on their way when the run is given up. */
import { describe, expect, test } from 'vitest';
import type { LiveTurnRun } from '../../../src/runs/turn/turn-run.js';
import { outcomeOf } from '../../helpers/piped-server.js';
import { PlayedServer, turnOf } from '../played-server.js';
import { startedByHand } from './by-hand.js';

const INPUT = [{ type: 'text' as const, text: 'by hand', text_elements: [] }];
const mute = (promise: Promise<unknown>) => void promise.catch(() => undefined);

describe('a run that is given up while its turn/start is not at the server', () => {
  test('L14 does not send it again after an overload, and the next run has the thread for itself', async () => {
    await using server = new PlayedServer();
    const abort = new AbortController();
    const first = server.client.turnRun({ threadId: 't', input: '1' }, { signal: abort.signal });
    for (let n = 0; n < 4; n += 1) server.refuse(await server.next('turn/start'), 'busy', -32001);
    await server.piped.quiet();
    abort.abort(new Error('enough'));
    await expect(first.result()).rejects.toThrow('enough');
    const second = server.client.turnRun({ threadId: 't', input: '2' }).result();
    const start = await server.next('turn/start');
    expect(start.params).toMatchObject({ input: [{ text: '2' }] });
    server.answer(start, { turn: turnOf('two') });
    server.piped.send({
      method: 'turn/completed',
      params: { threadId: 't', turn: turnOf('two', 'completed') },
    });
    await second;
    expect(server.sent('turn/start')).toBe(5);
  });

  test('L11 is never sent when the run is left while it waits for a slot', async () => {
    await using server = new PlayedServer({ maxInFlightRequests: 1 });
    mute(server.client.request('model/list', {}));
    const run = server.client.turnRun({ threadId: 't', input: '1' });
    await server.piped.quiet();
    await run.return();
    await expect(run.result()).rejects.toMatchObject({ name: 'AbortError' });
    server.answer(await server.next('model/list'), { data: [], nextCursor: null });
    await server.piped.quiet();
    expect(server.sent('turn/start')).toBe(0);
  });
});

describe("another's turn that starts before our turn/start is answered", () => {
  const started = { method: 'turn/started', params: { threadId: 't', turn: turnOf('foreign') } };

  test('L1 L14 is not taken for ours, also when it ends before that', async () => {
    await using server = new PlayedServer();
    const result = server.client.turnRun({ threadId: 't', input: 'x' }).result();
    const own = await server.turn();
    server.piped.send(started, {
      method: 'turn/completed',
      params: { threadId: 't', turn: turnOf('foreign', 'failed', 'theirs') },
    });
    own.accept().started().say('own').complete();
    expect(await result).toMatchObject({ raw: { turn: { id: own.turnId } }, finalMessage: 'own' });
  });

  test('L1 goes to the stream that would have got it', async () => {
    await using server = new PlayedServer();
    const run = server.client.turnRun({ threadId: 't', input: 'x' });
    const own = await server.turn();
    own.send('thread/name/updated', { threadName: 'of the thread' });
    server.piped.send(started);
    await server.piped.quiet();
    own.accept().started().complete();
    const seen: unknown[] = [];
    for await (const { params } of run) seen.push(params);
    expect(seen).toMatchObject([
      { threadName: 'of the thread' },
      { turn: { id: own.turnId } },
      { turn: { id: own.turnId } },
    ]);
    expect(await server.client.nextMessage()).toMatchObject({ params: { turn: { id: 'foreign' } } });
  });

  test('L11 is not what interrupt() interrupts', async () => {
    await using server = new PlayedServer();
    const run = server.client.turnRun({ threadId: 't', input: 'x' });
    mute(run.result());
    const own = await server.turn();
    server.piped.send(started);
    own.accept().started();
    await server.piped.quiet();
    mute(run.interrupt());
    expect((await server.next('turn/interrupt')).params).toEqual({ threadId: 't', turnId: own.turnId });
  });
});

describe('the thread stays busy', () => {
  test('L14 when a run that joined is aborted', async () => {
    await using server = new PlayedServer();
    const other = await startedByHand(server);
    const abort = new AbortController();
    const joined = server.client.turnRun(
      { threadId: 't', input: 'x' },
      { whenBusy: 'steer', signal: abort.signal },
    );
    server.answer(await server.next('turn/start'), { turn: turnOf(other.turnId) });
    await server.piped.quiet();
    abort.abort(new Error('enough'));
    await expect(joined.result()).rejects.toThrow('enough');
    mute(server.client.turnRun({ threadId: 't', input: 'y' }).result());
    await server.piped.quiet();
    expect(server.sent('turn/start')).toBe(2);
  });

  test("L14 when a run is refused in the same chunk in which another's turn begins", async () => {
    await using server = new PlayedServer();
    mute(server.client.turnRun({ threadId: 't', input: '1' }).result());
    const start = await server.next('turn/start');
    const byHand = server.client.turnStart({ threadId: 't', input: INPUT });
    const hand = await server.next('turn/start');
    mute(server.client.turnRun({ threadId: 't', input: '2' }).result());
    server.piped.send(
      { id: start.id, error: { code: -32600, message: 'no' } },
      { id: hand.id, result: { turn: turnOf('theirs') } },
      { method: 'turn/started', params: { threadId: 't', turn: turnOf('theirs') } },
    );
    await byHand;
    await server.piped.quiet();
    expect(server.sent('turn/start')).toBe(2);
    expect(await server.client.nextMessage()).toMatchObject({ params: { turn: { id: 'theirs' } } });
  });
});

describe('a joined turn', () => {
  test('L1 L11 goes back to whoever started it when the run is left before its answer', async () => {
    await using server = new PlayedServer();
    const main = server.client.events();
    const other = await startedByHand(server);
    await main.next();
    const run = server.client.turnRun({ threadId: 't', input: 'x' }, { whenBusy: 'steer' });
    const request = await server.next('turn/start');
    await run.return();
    server.answer(request, { turn: turnOf(other.turnId) });
    await server.piped.quiet();
    other.say('for the one who started it').complete();
    expect((await main.next()).value?.method).toBe('item/agentMessage/delta');
    expect((await main.next()).value?.method).toBe('turn/completed');
  });

  test('L11 is not interrupted when turn/started comes before our answer', async () => {
    await using server = new PlayedServer();
    const answer = server.client.turnStart({ threadId: 't', input: INPUT });
    const other = await server.turn();
    const run = server.client.turnRun({ threadId: 't', input: 'x' }, { whenBusy: 'steer' });
    const request = await server.next('turn/start');
    await run.return();
    other.accept().started();
    await answer;
    await server.piped.quiet();
    server.answer(request, { turn: turnOf(other.turnId) });
    await server.piped.quiet();
    expect(server.sent('turn/interrupt')).toBe(0);
  });

  test('L16 is asked of the loop that reads it', async () => {
    await using server = new PlayedServer();
    const other = await startedByHand(server);
    const run = server.client.turnRun({ threadId: 't', input: 'x' }, { whenBusy: 'steer' });
    const first = run.next();
    server.answer(await server.next('turn/start'), { turn: turnOf(other.turnId) });
    await server.piped.quiet();
    other.ask(7);
    expect((await first).value).toMatchObject({ kind: 'request', id: 7 });
    other.complete();
    expect((await run.result()).joined).toBe(true);
  });

  test('L16 is asked nothing of by result(): its requests stay open, on the main stream', async () => {
    await using server = new PlayedServer();
    const other = await startedByHand(server);
    const run = server.client.turnRun({ threadId: 't', input: 'x' }, { whenBusy: 'steer' });
    const result = run.result();
    server.answer(await server.next('turn/start'), { turn: turnOf(other.turnId) });
    await server.piped.quiet();
    other.ask(7);
    await server.piped.quiet();
    expect(server.client.stats().requests.unansweredByUs).toBe(1);
    expect((await server.client.nextMessage())?.method).toBe('turn/started');
    const request = await server.client.nextMessage();
    expect(request).toMatchObject({ kind: 'request', id: 7 });
    if (request?.kind === 'request') (run as LiveTurnRun).readAsText().attend(request);
    await server.piped.quiet();
    expect(server.client.stats().requests.unansweredByUs).toBe(1);
    other.complete();
    expect((await result).joined).toBe(true);
  });
});

describe('a server that is not silent', () => {
  const NOISE = { method: 'noise', params: { text: 'x'.repeat(600) } };

  test('L5 L15 is not taken for one when there is no room to read its answer', async () => {
    await using server = new PlayedServer({ buffer: { maxBytes: 4_000 } });
    const main = server.client.events();
    const run = server.client.turnRun({ threadId: 't', input: 'x' }, { idleTimeoutMs: 5 });
    const turn = (await server.turn()).accept().started();
    await run.next();
    mute(server.client.turnRun({ threadId: 't', input: 'y' }).result());
    for (let n = 0; n < 10; n += 1) server.piped.send(NOISE);
    await server.piped.quiet();
    // A run of another client has its silence over several times in the meantime.
    await using beside = new PlayedServer();
    mute(beside.client.turnRun({ threadId: 'b', input: 'x' }, { idleTimeoutMs: 5 }).result());
    (await beside.turn()).accept().started();
    for (let n = 0; n < 4; n += 1)
      beside.answer(await beside.next('thread/read'), { thread: { status: { type: 'active' } } });
    expect(server.sent('turn/start')).toBe(1);
    for (let n = 0; n < 10; n += 1) await main.next();
    turn.say('still here').complete();
    expect(await run.result()).toMatchObject({ finalMessage: 'still here' });
  });

  test('L10 L15 is asked although the reader has messages to read, while the pipe is read', async () => {
    await using server = new PlayedServer();
    const run = server.client.turnRun({ threadId: 't', input: 'x' }, { idleTimeoutMs: 5 });
    (await server.turn()).accept().started().say('1');
    await run.next();
    const result = run.result();
    server.refuse(await server.next('thread/read'), 'thread not loaded');
    await expect(result).rejects.toMatchObject({ code: 'CODEX_TURN_OUTCOME_UNKNOWN' });
  });

  test('L10 L15 is given a time limit for its answer also where requests have none', async () => {
    await using server = new PlayedServer({ requestTimeoutMs: 0 });
    const run = server.client.turnRun({ threadId: 't', input: 'x' }, { idleTimeoutMs: 5, timeoutMs: 20 });
    (await server.turn()).accept().started();
    await expect(run.result()).rejects.toMatchObject({ code: 'CODEX_REQUEST_TIMEOUT' });
    const question = await server.next('thread/read');
    server.answer(question, { thread: { id: 't', status: { type: 'idle' }, turns: [] } });
    await server.next('thread/read');
  });
});

test('L10 L16 result() after a loop that was cut short reads the rest, also when it was asked for before', async () => {
  await using server = new PlayedServer({ buffer: { maxBytes: 4_000 } });
  const main = server.client.events();
  const run = server.client.turnRun({ threadId: 't', input: 'x' });
  mute(run.result());
  const loop = run.next();
  mute(loop);
  const turn = (await server.turn()).accept();
  await server.piped.quiet();
  for (let n = 0; n < 10; n += 1) server.piped.send({ method: 'noise', params: { text: 'x'.repeat(600) } });
  await expect(loop).rejects.toMatchObject({ code: 'CODEX_BACKPRESSURE' });
  for (let n = 0; n < 10; n += 1) await main.next();
  mute(run.result());
  turn.ask(7);
  expect(await server.answerTo(7)).toMatchObject({ result: { decision: 'decline' } });
});

test('L11 leaving the text of a thread run waits for no answer to thread/start', async () => {
  await using server = new PlayedServer();
  const text = server.client.threadRun({ turn: 'x' }).text();
  const waiting = text.next();
  await server.next('thread/start');
  await text.return();
  expect(await outcomeOf(waiting)).toEqual({ done: true, value: undefined });
});
