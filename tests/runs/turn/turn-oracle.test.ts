/** L15: what the server's answer says of a turn, and what becomes of a run when it says nothing of use. */
import {
  BackpressureError,
  ProtocolError,
  type protocol,
  RequestTimeoutError,
  RpcError,
} from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import { askForTurn, hasActiveGoal, TurnQuestions } from '../../../src/runs/turn/turn-oracle.js';
import { outcomeOf } from '../../helpers/piped-server.js';
import { agentMessage, PlayedServer, turnOf } from '../played-server.js';
import { askedPeer, threadOf } from './asked-peer.js';

/** Short, so that a test waits for the question and not for the clock. */
const IDLE = { idleTimeoutMs: 10 };

describe('a turn that cannot be read', () => {
  test.each([
    ['an answer', agentMessage('m1', 'hi')],
    ['a command', { type: 'commandExecution', id: 'c' }],
  ])('L15 is guessed at by nobody, also when its last item is %s', async (_, item) => {
    await using server = new PlayedServer();
    const result = server.client.turnRun({ threadId: 't', input: 'x' }, IDLE).result();
    (await server.turn()).accept().started().item(item);
    server.answer(await server.next('thread/read'), threadOf('idle'));
    server.refuse(await server.next('thread/read'), 'ephemeral threads do not support includeTurns');
    await expect(result).rejects.toMatchObject({
      code: 'CODEX_TURN_OUTCOME_UNKNOWN',
      result: { items: [item], status: 'inProgress', recovered: false },
    });
  });

  test('L15 counts as failed on a thread in a system error', async () => {
    await using server = new PlayedServer();
    const result = server.client.turnRun({ threadId: 't', input: 'x' }, IDLE).result();
    (await server.turn()).accept().started();
    server.answer(await server.next('thread/read'), threadOf('systemError'));
    server.refuse(await server.next('thread/read'), 'ephemeral threads do not support includeTurns');
    await expect(result).rejects.toMatchObject({
      code: 'CODEX_TURN_FAILED',
      result: { raw: { turn: { id: 'turn-1' } } },
    });
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

// A turn with the members that the questions look at.
const OURS = turnOf('ours') as unknown as protocol.Turn;
const REFUSAL = new RpcError('thread not loaded: t', { method: 'thread/read', rpcCode: -1, data: undefined });
const SILENCE = new RequestTimeoutError('no answer', { method: 'thread/read', timeoutMs: 1 });
const NO_ROOM = new BackpressureError('no room', { missed: 0 });
const lostAs = (status: string) => ({
  is: 'lost',
  why: `the thread is ${status}, and does not hold the turn's end`,
  cause: undefined,
});

describe('what an answer says of a turn', () => {
  test.each([
    ['active', '', [], { is: 'running' }, 1],
    ['active', 'ours', [], { is: 'running' }, 1],
    ['active', 'theirs', [turnOf('ours', 'completed')], { is: 'over', turn: { status: 'completed' } }, 2],
    ['active', 'theirs', [], lostAs('active'), 2],
    [
      'idle',
      '',
      [turnOf('other', 'failed'), turnOf('ours', 'interrupted')],
      { is: 'over', turn: { id: 'ours' } },
      2,
    ],
    ['idle', '', [turnOf('ours', 'inProgress')], lostAs('idle'), 2],
    ['notLoaded', '', [], lostAs('notLoaded'), 2],
    ['systemError', '', [turnOf('ours', 'completed')], { is: 'over', turn: { status: 'completed' } }, 2],
    [
      'systemError',
      '',
      [{ ...turnOf('ours', 'inProgress'), startedAt: 99 }],
      { is: 'over', turn: { id: 'ours', status: 'failed', startedAt: 99 } },
      2,
    ],
    ['systemError', '', [], { is: 'over', turn: { id: 'ours', status: 'failed', startedAt: 1 } }, 2],
  ])(
    'L15 a thread that is %s, on which "%s" runs, and whose turns are %j',
    async (status, turnId, turns, standing, questions) => {
      const { peer, asked } = askedPeer([threadOf(status), threadOf(status, turns)], { turnId });
      expect(await askForTurn(peer, 't', OURS)).toMatchObject(standing);
      expect(asked).toEqual(
        [
          ['thread/read', { threadId: 't' }, { timeoutMs: 7_000 }],
          ['thread/read', { threadId: 't', includeTurns: true }, { timeoutMs: 7_000 }],
        ].slice(0, questions),
      );
    },
  );

  test.each([
    ['active', '', { is: 'running' }],
    ['active', 'theirs', { is: 'running' }],
    ['idle', '', lostAs('idle')],
    ['systemError', '', lostAs('systemError')],
  ])(
    'L15 no turn is read of a thread that is %s when it is asked about as a whole',
    async (status, turnId, standing) => {
      const { peer, asked } = askedPeer([threadOf(status)], { turnId });
      expect(await askForTurn(peer, 't', undefined)).toEqual(standing);
      expect(asked).toHaveLength(1);
    },
  );

  test.each([
    ['a refusal', REFUSAL, { is: 'lost', why: 'thread not loaded: t', cause: REFUSAL }],
    ['no room for the answer', NO_ROOM, { is: 'unasked' }],
    ['silence', SILENCE, { is: 'unanswered', cause: SILENCE }],
  ])('L15 %s', async (_, answer, standing) => {
    expect(await askForTurn(askedPeer([answer]).peer, 't', OURS)).toEqual(standing);
  });

  test('L15 silence when its turns are asked for is no answer either', async () => {
    const { peer } = askedPeer([threadOf('idle'), SILENCE]);
    expect(await askForTurn(peer, 't', OURS)).toEqual({ is: 'unanswered', cause: SILENCE });
  });

  test('L15 an answer without what it promises says so, with what could not be read', async () => {
    const standing = await askForTurn(askedPeer([{}]).peer, 't', OURS);
    if (standing.is !== 'unanswered') throw new Error(`the turn is ${standing.is}`);
    expect(standing.cause).toBeInstanceOf(ProtocolError);
    expect(standing.cause).toMatchObject({
      message: expect.stringContaining('thread/read was answered without what it promises'),
      cause: expect.any(TypeError),
    });
  });

  test('L15 a question has a time limit also where requests have none', async () => {
    const { peer, asked } = askedPeer([threadOf('idle'), threadOf('idle')], { requestTimeoutMs: 0 });
    await askForTurn(peer, 't', OURS);
    expect(asked.map(([, , options]) => options)).toEqual([{ timeoutMs: 60_000 }, { timeoutMs: 60_000 }]);
  });
});

describe('questions in a row', () => {
  const ends = async (answers: readonly unknown[]) => {
    const { peer } = askedPeer(answers);
    const questions = new TurnQuestions();
    const endings: unknown[] = [];
    for (const _ of answers) endings.push((await questions.ask(peer, 't', undefined))?.is);
    return endings;
  };

  test('L10 L15 come to an end when two of them are not answered', async () => {
    expect(await ends([SILENCE, SILENCE])).toEqual([undefined, 'unanswered']);
  });

  test('L15 go on while one of two is answered, or there is no room to ask', async () => {
    expect(await ends([SILENCE, threadOf('active'), SILENCE, NO_ROOM])).toEqual(Array(4).fill(undefined));
    expect(await ends([SILENCE, NO_ROOM, SILENCE])).toEqual([undefined, undefined, 'unanswered']);
  });

  test('L15 come to an end with an end', async () => {
    expect(await ends([threadOf('idle')])).toEqual(['lost']);
  });
});

test.each([
  [{ goal: { status: 'active' } }, true],
  [{ goal: { status: 'paused' } }, false],
  [{ goal: null }, false],
  [{}, false],
  [REFUSAL, false],
])('L14 whether a thread has an active goal: %j', async (answer, isActive) => {
  const { peer, asked } = askedPeer([answer]);
  expect(await hasActiveGoal(peer, 't')).toBe(isActive);
  expect(asked).toEqual([['thread/goal/get', { threadId: 't' }, { timeoutMs: 7_000 }]]);
});
