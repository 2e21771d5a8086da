/** Turns that somebody else started, adopted in their middle: what a run has of them, and what it never does to them. */

import type { TurnRun } from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import { outcomeOf } from '../../helpers/piped-server.js';
import { agentMessage, collected, methodsOf, PlayedServer, turnOf } from '../played-server.js';
import { command, NAME, read, theirTurn, told } from './adopted.js';
import { startedByHand } from './by-hand.js';

const mute = (promise: Promise<unknown>) => void promise.catch(() => undefined);
/** Answers every `thread/read`: the thread is at rest. */
async function readAlways(server: PlayedServer, ...turns: readonly object[]): Promise<never> {
  for (;;) await read(server, 'idle', ...turns);
}

const idsOf = (items: readonly { readonly id: string }[]) => items.map(({ id }) => id);

describe('an adopted turn', () => {
  test('has what the server has of the beginning and the rest, each item once', async () => {
    await using server = new PlayedServer();
    const run = server.client.turn(NAME);
    expect([run.threadId, run.turnId, await run.started()]).toEqual(['t', 'theirs', NAME]);
    const result = run.result();
    const turn = theirTurn(server).item(command('both'));
    await server.piped.quiet();
    await read(server, 'active', told([command('first'), agentMessage('early', 'so '), command('both')]));
    turn.say('so ', 'far').item(agentMessage('m1', 'so far')).complete();
    expect(await result).toMatchObject({
      status: 'completed',
      items: [{ id: 'first' }, { id: 'early' }, { id: 'both' }, { id: 'm1' }],
      agentMessages: [
        { id: 'early', text: 'so ' },
        { id: 'm1', text: 'so far' },
      ],
      finalMessage: 'so far',
      recovered: false,
      joined: true,
      raw: { start: undefined, started: undefined, completed: { turn: { id: 'theirs' } } },
    });
    expect(server.sent('thread/read')).toBe(1);
  });

  test('L1 takes along what of it is unread on the main stream, and nothing else', async () => {
    await using server = new PlayedServer();
    const turn = theirTurn(server).started().say('from ', 'the ').ask(7);
    turn.send('thread/name/updated', { threadName: 'older than the call' });
    theirTurn(server, 'another').say('not this');
    await server.piped.quiet();
    const run = server.client.turn(NAME);
    const messages = methodsOf(run);
    turn.say('start').complete();
    await read(server, 'active', told([]));
    const delta = 'item/agentMessage/delta';
    const request = 'item/fileChange/requestApproval';
    expect(await messages).toEqual(['turn/started', delta, delta, request, delta, 'turn/completed']);
    expect((await run.result()).agentMessages).toMatchObject([{ text: 'from the start' }]);
    expect((await server.client.nextMessage())?.method).toBe('thread/name/updated');
    expect(await server.client.nextMessage()).toMatchObject({ params: { turnId: 'another' } });
  });

  test('that ended before the server answered has its beginning all the same', async () => {
    await using server = new PlayedServer();
    const result = server.client.turn(NAME).result();
    const question = await server.next('thread/read');
    theirTurn(server).item(agentMessage('m1', 'the end')).complete();
    await server.piped.quiet();
    const thread = { id: 't', status: { type: 'idle' }, turns: [told([command('first')], 'completed')] };
    server.answer(question, { thread });
    const { items, recovered } = await result;
    expect([idsOf(items), recovered]).toEqual([['first', 'm1'], false]);
  });

  test.each(['completed', 'interrupted'] as const)(
    'that the server calls interrupted in its last moment is asked for again, and is then %s',
    async (status) => {
      await using server = new PlayedServer();
      const result = server.client.turn(NAME).result();
      // Nobody interrupted it: there is no time at which that was.
      await read(server, 'idle', { ...told([], 'interrupted'), completedAt: null });
      await read(server, 'idle', { ...told([], status), completedAt: null });
      expect(await result).toMatchObject({ status, recovered: true });
      expect(server.sent('thread/read')).toBe(2);
    },
  );

  test.each(['completed', 'interrupted'] as const)('that is over as %s is recovered', async (status) => {
    await using server = new PlayedServer();
    const run = server.client.turn(NAME);
    const loop = collected(run);
    await read(server, 'idle', told([command('first'), agentMessage('m', 'done')], status));
    expect(await run.result()).toMatchObject({
      status,
      items: [{ id: 'first' }, { id: 'm' }],
      finalMessage: 'done',
      recovered: true,
      joined: true,
      diff: undefined,
      plan: undefined,
      usage: undefined,
    });
    expect(await loop).toEqual([]);
  });

  test('that failed before rejects', async () => {
    await using server = new PlayedServer();
    const result = server.client.turn(NAME).result();
    await read(server, 'idle', turnOf('theirs', 'failed', 'no luck'));
    await expect(result).rejects.toMatchObject({ code: 'CODEX_TURN_FAILED', message: /no luck/ });
  });

  test('has the whole text of a message whose beginning was not seen, when that is completed; text() has the rest', async () => {
    await using server = new PlayedServer();
    const run = server.client.turn(NAME);
    const text = collected(run.text());
    await read(server, 'active', told([]));
    theirTurn(server).say('the ', 'rest').item(agentMessage('m1', 'not only the rest')).complete();
    expect(await text).toEqual(['the ', 'rest']);
    expect((await run.result()).finalMessage).toBe('not only the rest');
  });

  test('L15 whose end is not told is asked for, and has all that the server has then', async () => {
    await using server = new PlayedServer();
    const result = server.client.turn(NAME, { idleTimeoutMs: 5 }).result();
    await read(server, 'active', told([command('a')]));
    await read(server, 'idle', told([command('a'), command('b'), agentMessage('m', 'told')], 'completed'));
    // The status, and then the turn itself.
    await read(server, 'idle', told([command('a'), command('b'), agentMessage('m', 'told')], 'completed'));
    const { items, recovered, finalMessage } = await result;
    expect([idsOf(items), recovered, finalMessage]).toEqual([['a', 'b', 'm'], true, 'told']);
  });

  test('L15 of which a message came and that the server calls over is given time for its end', async () => {
    await using server = new PlayedServer();
    const run = server.client.turn(NAME);
    const result = run.result();
    const question = await server.next('thread/read');
    const turn = theirTurn(server).say('x');
    await server.piped.quiet();
    const thread = { id: 't', status: { type: 'active' }, turns: [told([command('a')], 'completed')] };
    server.answer(question, { thread });
    await server.piped.quiet();
    turn.send('turn/diff/updated', { turnId: 'theirs', diff: 'the diff' });
    turn.complete();
    expect(await result).toMatchObject({ recovered: false, diff: 'the diff', items: [{ id: 'a' }] });
  });

  test('L9 ends with the server', async () => {
    await using server = new PlayedServer();
    const run = server.client.turn(NAME);
    const result = outcomeOf(run.result());
    await server.next('thread/read');
    server.piped.end();
    expect(await result).toMatchObject({ code: 'CODEX_SERVER_CLOSED' });
    await expect(server.client.turn(NAME).result()).rejects.toMatchObject({ code: 'CODEX_SERVER_CLOSED' });
  });

  test('is adopted by as many as want it: the first gets the messages, all get the result', async () => {
    await using server = new PlayedServer();
    const runs = [server.client.turn(NAME), server.client.turn(NAME)];
    const results = runs.map((run) => run.result());
    const turn = theirTurn(server);
    for (const _ of runs) await read(server, 'active', told([command('a')]));
    turn.say('x').complete();
    for (const result of results)
      expect(await result).toMatchObject({ items: [{ id: 'a' }], finalMessage: 'x' });
  });

  test('may be one that a run of this client drives', async () => {
    await using server = new PlayedServer();
    const own = server.client.turnRun({ threadId: 't', input: 'x' });
    const messages = methodsOf(own);
    const turn = (await server.turn()).accept().started();
    await server.piped.quiet();
    const result = server.client.turn({ threadId: 't', turnId: turn.turnId }).result();
    await read(server, 'active', { ...turnOf(turn.turnId), items: [], itemsView: 'full' });
    turn.say('both').complete();
    expect(await result).toMatchObject({ finalMessage: 'both', joined: true });
    expect(await messages).toEqual(['turn/started', 'item/agentMessage/delta', 'turn/completed']);
    expect(await own.result()).toMatchObject({ finalMessage: 'both', joined: false });
  });
});

describe('L11 an adopted turn runs on', () => {
  test.each<[string, (run: TurnRun, abort: AbortController) => unknown]>([
    ['its loop is left', (run) => run.return()],
    ['its text is left', (run) => run.text().return()],
    ['its signal fires', (_, abort) => abort.abort(new Error('enough'))],
    ['it is disposed of', (run) => run[Symbol.asyncDispose]()],
  ])('when %s', async (_, leave) => {
    await using server = new PlayedServer();
    const abort = new AbortController();
    const run = server.client.turn(NAME, { signal: abort.signal });
    mute(run.result());
    await read(server, 'active', told([]));
    await leave(run, abort);
    theirTurn(server).say('for the main stream');
    await server.piped.quiet();
    expect(server.sent('turn/interrupt')).toBe(0);
    expect((await server.client.nextMessage())?.method).toBe('item/agentMessage/delta');
  });

  test('when it takes too long, and its error says so', async () => {
    await using server = new PlayedServer();
    const result = server.client.turn(NAME, { timeoutMs: 5 }).result();
    await expect(result).rejects.toMatchObject({ code: 'CODEX_REQUEST_TIMEOUT', message: /it goes on/ });
    expect(server.sent('turn/interrupt')).toBe(0);
  });

  test('when its signal had fired before: nothing is sent', async () => {
    await using server = new PlayedServer();
    const result = server.client.turn(NAME, { signal: AbortSignal.abort(new Error('enough')) }).result();
    await expect(result).rejects.toThrow('enough');
    expect(server.piped.received).toEqual([]);
  });

  test('and has its result after it was left', async () => {
    await using server = new PlayedServer();
    const run = server.client.turn(NAME);
    await run.return();
    await read(server, 'active', told([command('a')]));
    theirTurn(server).say('still heard').complete();
    expect(await run.result()).toMatchObject({ finalMessage: 'still heard', items: [{ id: 'a' }] });
  });
});

describe('L16 what an adopted turn asks', () => {
  test.each<[string, (run: TurnRun) => unknown]>([
    ['result()', (run) => run.result()],
    ['text()', (run) => run.text().next()],
  ])('is not refused by %s: it is on the main stream', async (_, drive) => {
    await using server = new PlayedServer();
    const turn = theirTurn(server).ask(1);
    await server.piped.quiet();
    const run = server.client.turn(NAME);
    const driven = drive(run);
    await read(server, 'active', told([]));
    turn.ask(2);
    for (const id of [1, 2]) expect(await server.client.nextMessage()).toMatchObject({ kind: 'request', id });
    expect(server.client.stats().requests.unansweredByUs).toBe(2);
    turn.complete();
    await driven;
  });

  test('is not refused for a loop that was cut', async () => {
    await using server = new PlayedServer();
    const run = server.client.turn(NAME, { maxHeldBytes: 300 });
    const first = run.next();
    await read(server, 'active', told([]));
    const turn = theirTurn(server).say('a');
    await first;
    mute(server.client.request('model/list', {}));
    turn.say('x'.repeat(200), 'y'.repeat(200), 'z'.repeat(200)).ask(7);
    await server.piped.quiet();
    expect(await server.client.nextMessage()).toMatchObject({ kind: 'request', id: 7 });
  });
});

describe('the line of the thread', () => {
  test('L14 counts an adopted turn: the next run waits for its end', async () => {
    await using server = new PlayedServer();
    mute(server.client.turn(NAME).result());
    const next = server.client.turnRun({ threadId: 't', input: 'next' }).result();
    await read(server, 'active', told([]));
    server.answer(await server.next('thread/goal/get'), { goal: null });
    await server.piped.quiet();
    expect(server.sent('turn/start')).toBe(0);
    theirTurn(server).complete();
    (await server.turn()).accept().started().say('mine').complete();
    expect((await next).finalMessage).toBe('mine');
  });

  test.each<[string, readonly object[]]>([
    ['is over', [told([], 'completed')]],
    ['is not there', []],
  ])('L14 goes on when the turn %s', async (_, turns) => {
    await using server = new PlayedServer();
    mute(server.client.turn(NAME, { idleTimeoutMs: 5 }).result());
    const next = server.client.turnRun({ threadId: 't', input: 'next' }).result();
    mute(readAlways(server, ...turns));
    const start = await server.turn();
    start.accept().started().say('mine').complete();
    expect((await next).finalMessage).toBe('mine');
  });
});

describe('the controls of an adopted turn', () => {
  test('interrupt and steer that turn', async () => {
    await using server = new PlayedServer();
    const run = server.client.turn(NAME);
    const result = run.result();
    const steered = run.steer('more');
    const steer = await server.next('turn/steer');
    expect(steer.params).toMatchObject({ threadId: 't', expectedTurnId: 'theirs' });
    server.answer(steer, { turnId: 'theirs' });
    expect(await steered).toEqual({ turnId: 'theirs' });
    const interrupted = run.interrupt();
    const interrupt = await server.next('turn/interrupt');
    expect(interrupt.params).toEqual(NAME);
    server.answer(interrupt, {});
    await interrupted;
    await read(server, 'active', told([]));
    theirTurn(server).complete('interrupted');
    expect((await result).status).toBe('interrupted');
  });

  test('say what the server says when the turn is not active', async () => {
    await using server = new PlayedServer();
    const run = server.client.turn(NAME);
    mute(run.result());
    await read(server, 'active', told([]));
    await server.piped.quiet();
    const steered = run.steer('more');
    server.refuse(await server.next('turn/steer'), 'no active turn to steer');
    await expect(steered).rejects.toThrow('no active turn to steer');
  });
});

describe('a turn that is not found', () => {
  test('is looked for twice, and then there is none', async () => {
    await using server = new PlayedServer();
    const result = server.client.turn(NAME, { idleTimeoutMs: 5 }).result();
    await read(server, 'idle', turnOf('another', 'completed'));
    await read(server, 'idle');
    await read(server, 'idle', turnOf('another', 'completed'));
    await expect(result).rejects.toMatchObject({ code: 'CODEX_TURN_NOT_FOUND', ...NAME, message: /theirs/ });
  });

  test('on a thread that is busy with another is looked for twice, too', async () => {
    await using server = new PlayedServer();
    const other = theirTurn(server, 'another').started();
    await server.piped.quiet();
    const result = server.client.turn(NAME, { idleTimeoutMs: 5 }).result();
    for (let n = 0; n < 3; n += 1) await read(server, 'active', turnOf('another'));
    await expect(result).rejects.toMatchObject({ code: 'CODEX_TURN_NOT_FOUND', ...NAME });
    mute(server.client.turnRun({ threadId: 't', input: 'next' }).result());
    server.answer(await server.next('thread/goal/get'), { goal: null });
    await server.piped.quiet();
    expect(server.sent('turn/start')).toBe(0);
    other.complete();
    await server.turn();
  });

  test('and says something after all runs', async () => {
    await using server = new PlayedServer();
    const result = server.client.turn(NAME).result();
    await read(server, 'idle');
    theirTurn(server).started().say('here').complete();
    expect(await result).toMatchObject({
      finalMessage: 'here',
      raw: { started: { turn: { id: 'theirs' } } },
    });
  });

  test('because its thread is not loaded rejects with what the server says', async () => {
    await using server = new PlayedServer();
    const result = server.client.turn(NAME).result();
    for (let n = 0; n < 2; n += 1) server.refuse(await server.next('thread/read'), 'thread not loaded: t');
    await expect(result).rejects.toMatchObject({ code: 'CODEX_RPC', message: /thread not loaded: t/ });
  });

  test('because the thread keeps no turns has what comes', async () => {
    await using server = new PlayedServer();
    const result = server.client.turn(NAME).result();
    server.refuse(await server.next('thread/read'), 'ephemeral threads do not support includeTurns');
    await read(server, 'active');
    theirTurn(server).say('all there is').complete();
    expect(await result).toMatchObject({ items: [], finalMessage: 'all there is', recovered: false });
  });

  test('because the server answers nonsense has what comes', async () => {
    await using server = new PlayedServer();
    const result = server.client.turn(NAME).result();
    server.answer(await server.next('thread/read'), { thread: null });
    theirTurn(server).say('all there is').complete();
    expect(await result).toMatchObject({ finalMessage: 'all there is' });
  });

  test('L10 because the server does not answer is asked for again, twice at most', async () => {
    await using server = new PlayedServer({ requestTimeoutMs: 5 });
    const result = server.client.turn(NAME, { idleTimeoutMs: 5 }).result();
    await expect(result).rejects.toMatchObject({ code: 'CODEX_REQUEST_TIMEOUT', method: 'thread/read' });
  });
});

describe('snapshots of an adopted turn', () => {
  test('begin with the thread as the server has it, and what comes twice counts once', async () => {
    await using server = new PlayedServer();
    const snapshots = server.client.turn(NAME).snapshots();
    const first = snapshots.next();
    theirTurn(server).item(command('a'));
    await server.piped.quiet();
    await read(server, 'active', turnOf('before', 'completed'), told([command('a')]));
    expect((await first).value?.turns).toMatchObject([
      { id: 'before' },
      { id: 'theirs', items: [{ id: 'a' }] },
    ]);
    theirTurn(server).item(agentMessage('m', 'x')).complete();
    const last = (await collected(snapshots)).at(-1);
    expect(last?.turns[1]).toMatchObject({ status: 'completed', items: [{ id: 'a' }, { id: 'm' }] });
  });

  test('begin with what comes where the server does not let the thread be read', async () => {
    await using server = new PlayedServer();
    await startedByHand(server);
    const snapshots = server.client.turn({ threadId: 't', turnId: 'turn-1' }).snapshots();
    const first = snapshots.next();
    for (let n = 0; n < 2; n += 1) server.refuse(await server.next('thread/read'), 'no');
    expect((await first).value?.turns).toMatchObject([{ id: 'turn-1', status: 'inProgress' }]);
  });
});

test('collectEvents and includeSubagents are of what comes from the call on', async () => {
  await using server = new PlayedServer();
  const run = server.client.turn(NAME, { collectEvents: true, includeSubagents: true });
  const methods = methodsOf(run);
  await read(server, 'active', told([command('a')]));
  const spawn = { type: 'collabAgentToolCall', id: 's', senderThreadId: 't', receiverThreadIds: ['child'] };
  const turn = theirTurn(server).item(spawn);
  turn.send('item/completed', { threadId: 'child', turnId: 'c', item: agentMessage('c', 'psst') });
  turn.complete();
  expect(await methods).toEqual(['item/completed', 'item/completed', 'turn/completed']);
  const { events, items } = await run.result();
  expect(events?.map(({ method }) => method)).toEqual(await methods);
  expect(idsOf(items)).toEqual(['a', 's']);
});
