/** What the members of a result are taken from: the phase of a message decides which one is the answer. */
import { TurnFailedError } from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import { finalMessageOf } from '../../../src/runs/turn/turn-result.js';
import { agentMessage, PlayedServer, type PlayedTurn } from '../played-server.js';

type Phase = 'commentary' | 'partial_answer' | 'final_answer' | null;

/** A message that has begun, as the server tells of it. */
const begun = (turn: PlayedTurn, id: string, phase: Phase) =>
  turn.send('item/started', { turnId: turn.turnId, item: { ...agentMessage(id, ''), phase } });

const said = (turn: PlayedTurn, id: string, phase: Phase, text: string) =>
  turn.item({ ...agentMessage(id, text), phase });

const write = (turn: PlayedTurn, itemId: string, delta: string) =>
  turn.send('item/agentMessage/delta', { turnId: turn.turnId, itemId, delta });

/** The result of a turn that says this. */
async function resultOf(say: (turn: PlayedTurn) => void, params: object = {}, options: object = {}) {
  await using server = new PlayedServer();
  const result = server.client.turnRun({ threadId: 't', input: 'x', ...params }, options).result();
  const turn = (await server.turn()).accept().started();
  say(turn);
  turn.complete();
  return result;
}

describe('finalMessage', () => {
  test.each<[string, [Phase, string][], string | undefined]>([
    [
      'the last final answer, not the commentary that closes the turn',
      [
        ['final_answer', 'yes'],
        ['commentary', 'bye'],
      ],
      'yes',
    ],
    [
      'the last of several final answers',
      [
        ['final_answer', '1'],
        ['commentary', '-'],
        ['final_answer', '2'],
      ],
      '2',
    ],
    [
      'a final answer also when a message without a phase follows',
      [
        ['final_answer', 'yes'],
        [null, 'more'],
      ],
      'yes',
    ],
    [
      'the last message without a phase when there is no final answer',
      [
        [null, '1'],
        [null, '2'],
        ['commentary', 'bye'],
      ],
      '2',
    ],
    [
      'undefined when the agent only commented',
      [
        ['commentary', 'on it'],
        ['partial_answer', 'half'],
      ],
      undefined,
    ],
    ['undefined when the agent said nothing', [], undefined],
  ])('is %s', (_, messages, answer) => {
    const all = messages.map(([phase, text], index) => ({ id: String(index), phase, text }));
    expect(finalMessageOf(all)).toBe(answer);
  });

  test('and output are those of the final answer on the wire', async () => {
    const result = await resultOf(
      (turn) => {
        said(turn, 'a', 'commentary', '{"not":"this"}');
        said(turn, 'b', 'final_answer', '{"city":"Paris"}');
        said(turn, 'c', 'commentary', 'Anything else?');
      },
      { outputSchema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } },
    );
    expect(result).toMatchObject({ finalMessage: '{"city":"Paris"}', output: { city: 'Paris' } });
  });

  test('knows the phase of a message that was cut short from its beginning', async () => {
    const result = await resultOf((turn) => {
      begun(turn, 'a', 'final_answer');
      write(turn, 'a', 'half an ans');
      begun(turn, 'b', 'commentary');
      write(turn, 'b', 'wait');
    });
    expect(result.finalMessage).toBe('half an ans');
    expect(result.agentMessages).toEqual([
      { id: 'a', phase: 'final_answer', text: 'half an ans' },
      { id: 'b', phase: 'commentary', text: 'wait' },
    ]);
  });
});

describe('agentMessages', () => {
  test('are in the order in which they began, also when their ids look like numbers', async () => {
    const result = await resultOf((turn) => {
      for (const id of ['10', 'x', '9', '1']) said(turn, id, null, `said ${id}`);
    });
    expect(result.agentMessages.map(({ id }) => id)).toEqual(['10', 'x', '9', '1']);
    expect(result.finalMessage).toBe('said 1');
  });
});

/** A step of a plan. */
const step = (status: string) => ({ step: 'think', status });

/** Says everything that a result has a member for. */
function sayEverything(turn: PlayedTurn): void {
  const { turnId } = turn;
  turn.send('turn/diff/updated', { turnId, diff: '-1' });
  turn.send('turn/plan/updated', { turnId, explanation: null, plan: [step('pending')] });
  turn.item({ type: 'fileChange', id: 'f', changes: [], status: 'declined' });
  said(turn, 'a', 'final_answer', 'yes');
  turn.send('turn/diff/updated', { turnId, diff: '-1\n+2' });
  turn.send('turn/plan/updated', { turnId, explanation: 'done', plan: [step('completed')] });
  turn.send('thread/tokenUsage/updated', { turnId, tokenUsage: { total: { totalTokens: 3 } } });
}

const EVERYTHING = {
  finalMessage: 'yes',
  diff: '-1\n+2',
  plan: [{ step: 'think', status: 'completed' }],
  items: [{ type: 'fileChange', status: 'declined' }, { id: 'a' }],
  agentMessages: [{ id: 'a', phase: 'final_answer', text: 'yes' }],
  usage: { total: { totalTokens: 3 } },
  recovered: false,
  joined: false,
};

test('diff and plan are the last ones that were sent, and a declined change is among the items', async () => {
  expect(await resultOf(sayEverything)).toMatchObject({ status: 'completed', ...EVERYTHING });
});

test('a TurnFailedError has everything that a success has', async () => {
  await using server = new PlayedServer();
  const options = { collectEvents: true };
  const result = server.client.turnRun({ threadId: 't', input: 'x' }, options).result();
  const turn = (await server.turn()).accept().started();
  sayEverything(turn);
  turn.complete('failed', 'no luck');
  const error: unknown = await result.catch((reason: unknown) => reason);
  if (!(error instanceof TurnFailedError)) throw error;
  expect(error.result).toMatchObject({ status: 'failed', ...EVERYTHING });
  expect(error.result.events).toHaveLength(9);
  expect(error.result.raw).toMatchObject({
    start: { turn: { id: 'turn-1' } },
    started: { turn: { id: 'turn-1' } },
    completed: { turn: { status: 'failed' } },
    turn: { status: 'failed', error: { message: 'no luck' } },
  });
});
