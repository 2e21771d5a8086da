/** What a run's result holds, and that it is the same after, instead of, and beside iteration. */
import { RpcError, TurnFailedError } from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import { outcomeOf } from '../../helpers/piped-server.js';
import { agentMessage, methodsOf, PlayedServer, type PlayedTurn } from '../played-server.js';

const USAGE = { total: { totalTokens: 3 }, last: { totalTokens: 3 }, modelContextWindow: null };

/** A turn with two agent messages, the first one in deltas, the second one whole. */
function play(turn: PlayedTurn): void {
  turn.accept().started().say('Hel', 'lo').item(agentMessage('m1', 'Hello'));
  turn.item({ type: 'commandExecution', id: 'c1', command: 'ls' }).item(agentMessage('m2', 'Done'));
  turn.send('thread/tokenUsage/updated', { turnId: turn.turnId, tokenUsage: USAGE });
  turn.complete();
}

const METHODS = [
  'turn/started',
  'item/agentMessage/delta',
  'item/agentMessage/delta',
  'item/completed',
  'item/completed',
  'item/completed',
  'thread/tokenUsage/updated',
  'turn/completed',
];

const RESULT = {
  status: 'completed',
  items: [{ id: 'm1' }, { id: 'c1' }, { id: 'm2' }],
  agentMessages: [
    { id: 'm1', phase: null, text: 'Hello' },
    { id: 'm2', phase: null, text: 'Done' },
  ],
  finalMessage: 'Done',
  output: undefined,
  usage: USAGE,
  recovered: false,
  events: undefined,
  raw: {
    start: { turn: { id: 'turn-1', status: 'inProgress' } },
    started: { turn: { id: 'turn-1' } },
    completed: { turn: { id: 'turn-1', status: 'completed' } },
    turn: { status: 'completed' },
  },
};

describe('result()', () => {
  test('works instead of iteration', async () => {
    await using server = new PlayedServer();
    const result = server.client.turnRun({ threadId: 't', input: 'x' }).result();
    play(await server.turn());
    expect(await result).toMatchObject(RESULT);
  });

  test('works after iteration, which has yielded every message of the turn up to turn/completed', async () => {
    await using server = new PlayedServer();
    const run = server.client.turnRun({ threadId: 't', input: 'x' });
    const methods = methodsOf(run);
    play(await server.turn());
    expect(await methods).toEqual(METHODS);
    expect(await run.result()).toMatchObject(RESULT);
  });

  test('works beside iteration, which gets every message all the same', async () => {
    await using server = new PlayedServer();
    const run = server.client.turnRun({ threadId: 't', input: 'x' });
    const result = run.result();
    const methods = methodsOf(run);
    play(await server.turn());
    expect(await methods).toEqual(METHODS);
    expect(await result).toMatchObject(RESULT);
  });

  test('can be asked for in the middle of the loop without waiting for the loop to be left', async () => {
    await using server = new PlayedServer();
    const run = server.client.turnRun({ threadId: 't', input: 'x' });
    const turn = await server.turn();
    turn.accept().started();
    await run.next();
    const result = run.result();
    turn.say('all').complete();
    expect((await result).finalMessage).toBe('all');
    expect(await methodsOf(run)).toEqual(['item/agentMessage/delta', 'turn/completed']);
  });

  test('gives every caller the same result', async () => {
    await using server = new PlayedServer();
    const run = server.client.turnRun({ threadId: 't', input: 'x' });
    const results = [run.result(), run.result()];
    play(await server.turn());
    const [first, second] = await Promise.all(results);
    expect(first).toBe(second);
    expect(await run.result()).toBe(first);
  });

  test('has every message when collectEvents is set, server requests included', async () => {
    await using server = new PlayedServer();
    const run = server.client.turnRun({ threadId: 't', input: 'x' }, { collectEvents: true });
    const result = run.result();
    const turn = (await server.turn()).accept().started().ask(0);
    await server.answerTo(0);
    turn.complete();
    expect((await result).events?.map(({ method }) => method)).toEqual([
      'turn/started',
      'item/fileChange/requestApproval',
      'turn/completed',
    ]);
  });

  test('resolves for an interrupted turn, with that status', async () => {
    await using server = new PlayedServer();
    const result = server.client.turnRun({ threadId: 't', input: 'x' }).result();
    (await server.turn()).accept().started().say('half').complete('interrupted');
    expect(await result).toMatchObject({ status: 'interrupted', finalMessage: 'half' });
  });

  test('leaves out what never came', async () => {
    await using server = new PlayedServer();
    const result = server.client.turnRun({ threadId: 't', input: 'x' }).result();
    (await server.turn()).accept().complete();
    expect(await result).toMatchObject({
      items: [],
      agentMessages: [],
      diff: undefined,
      plan: undefined,
      finalMessage: undefined,
      usage: undefined,
      raw: { started: undefined },
    });
  });

  test('takes messages that come before the answer to turn/start', async () => {
    await using server = new PlayedServer();
    const run = server.client.turnRun({ threadId: 't', input: 'x' });
    const methods = methodsOf(run);
    const turn = await server.turn();
    turn.started().say('early').complete();
    await server.piped.quiet();
    // The answer has the last word on which turn is the run's.
    expect(run.turnId).toBeUndefined();
    turn.accept();
    expect(await methods).toEqual(['turn/started', 'item/agentMessage/delta', 'turn/completed']);
    expect(await run.result()).toMatchObject({
      finalMessage: 'early',
      raw: { start: { turn: { id: 'turn-1' } } },
    });
  });
});

describe('a turn that does not succeed', () => {
  test('ends its stream like any other, and result() rejects with the turn and its items', async () => {
    await using server = new PlayedServer();
    const run = server.client.turnRun({ threadId: 't', input: 'x' });
    const methods = methodsOf(run);
    const turn = (await server.turn()).accept().started().item(agentMessage('m1', 'half'));
    turn.complete('failed', 'rate limit');
    expect((await methods).at(-1)).toBe('turn/completed');
    const error: unknown = await run.result().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(TurnFailedError);
    expect(error).toMatchObject({
      message: 'the turn failed: rate limit',
      result: {
        status: 'failed',
        items: [{ id: 'm1', text: 'half' }],
        raw: { turn: { status: 'failed', error: { message: 'rate limit' } } },
      },
    });
  });

  test('rejects with the RpcError of a refused turn/start, in the loop as well', async () => {
    await using server = new PlayedServer();
    const run = server.client.turnRun({ threadId: 't', input: 'x' });
    const first = run.next();
    server.refuse((await server.turn()).request, 'thread not found: t');
    await expect(first).rejects.toThrow(RpcError);
    await expect(run.result()).rejects.toMatchObject({ method: 'turn/start', rpcCode: -32600 });
    await expect(run.steer('more')).rejects.toThrow(RpcError);
  });

  test('rejects when turn/start is not answered within timeoutMs', async () => {
    await using server = new PlayedServer();
    const run = server.client.turnRun({ threadId: 't', input: 'x' }, { timeoutMs: 5 });
    await expect(run.result()).rejects.toMatchObject({ code: 'CODEX_REQUEST_TIMEOUT', timeoutMs: 5 });
  });
});

describe('outputSchema', () => {
  test('gives the final message parsed in output', async () => {
    await using server = new PlayedServer();
    const outputSchema = {
      type: 'object',
      properties: { a: { type: 'array', items: { type: 'integer' } } },
      required: ['a'],
      additionalProperties: false,
    };
    const result = server.client.turnRun({ threadId: 't', input: 'x', outputSchema }).result();
    const turn = await server.turn();
    expect(turn.request.params?.['outputSchema']).toEqual(outputSchema);
    turn.accept().item(agentMessage('m1', '{"a":[1]}')).complete();
    expect((await result).output).toEqual({ a: [1] });
  });

  test('is needed for output: a JSON text without it stays text', async () => {
    await using server = new PlayedServer();
    const result = server.client.turnRun({ threadId: 't', input: 'x' }).result();
    (await server.turn()).accept().item(agentMessage('m1', '1')).complete();
    expect(await result).toMatchObject({ output: undefined, finalMessage: '1' });
  });
});

describe('a run’s messages', () => {
  test('are those of its turn and thread only; the rest reaches the main stream', async () => {
    await using server = new PlayedServer();
    const run = server.client.turnRun({ threadId: 't', input: 'x' });
    const methods = methodsOf(run);
    const turn = (await server.turn()).accept().started();
    turn.send('thread/status/changed', { status: { type: 'active', activeFlags: [] } });
    turn.send('item/agentMessage/delta', { threadId: 'other', turnId: 'o', itemId: 'i', delta: 'x' });
    turn.send('item/agentMessage/delta', { turnId: 'another turn', itemId: 'i', delta: 'y' });
    server.piped.send({ method: 'account/updated', params: { authMode: null } });
    turn.say('mine').complete();
    expect(await methods).toEqual([
      'turn/started',
      'thread/status/changed',
      'item/agentMessage/delta',
      'turn/completed',
    ]);
    expect((await run.result()).agentMessages).toMatchObject([{ id: 'm1', text: 'mine' }]);
    const rest = [await server.client.nextMessage(), await server.client.nextMessage()];
    expect(rest.map((message) => message?.params)).toMatchObject([{ delta: 'x' }, { delta: 'y' }]);
    expect((await server.client.nextMessage())?.method).toBe('account/updated');
  });

  test('are not those of the turn before, which are still under way when the run is sent', async () => {
    await using server = new PlayedServer();
    const first = server.client.turnRun({ threadId: 't', input: '1' }).result();
    const before = (await server.turn()).accept().started().complete();
    await first;
    const run = server.client.turnRun({ threadId: 't', input: '2' });
    const methods = methodsOf(run);
    const turn = await server.turn();
    before.say('late').complete();
    turn.accept().started().say('own').complete();
    expect(await methods).toEqual(['turn/started', 'item/agentMessage/delta', 'turn/completed']);
    expect((await run.result()).agentMessages).toMatchObject([{ id: 'm1', text: 'own' }]);
  });

  test('do not include thread/started, which is about the thread', async () => {
    await using server = new PlayedServer();
    const run = server.client.turnRun({ threadId: 't', input: 'x' });
    const methods = methodsOf(run);
    const turn = await server.turn();
    server.piped.send({ method: 'thread/started', params: { thread: { id: 't', parentThreadId: null } } });
    turn.accept().started().complete();
    expect(await methods).toEqual(['turn/started', 'turn/completed']);
    expect((await server.client.nextMessage())?.method).toBe('thread/started');
  });

  test('are read one at a time', async () => {
    await using server = new PlayedServer();
    const run = server.client.turnRun({ threadId: 't', input: 'x' });
    (await server.turn()).accept().started();
    await run.next();
    const waiting = run.next();
    await expect(run.next()).rejects.toMatchObject({ code: 'CODEX_CONCURRENT_READ' });
    expect(await outcomeOf(waiting)).toBe('pending');
    await run.return();
    expect(await waiting).toEqual({ done: true, value: undefined });
  });
});
