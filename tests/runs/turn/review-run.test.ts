/** Reviews as runs: how they start, what they are called while they run, and what ends them. */
import { describe, expect, test } from 'vitest';
import { expectRefused, failureOf, type Mistake, untyped } from '../mistakes.js';
import { agentMessage, methodsOf, PlayedServer, PlayedTurn, turnOf } from '../played-server.js';
import { startedByHand } from './by-hand.js';

const REVIEW = { threadId: 't', target: { type: 'uncommittedChanges' } } as const;
const mute = (promise: Promise<unknown>) => void promise.catch(() => undefined);

/** The review that the client starts next, accepted. */
async function review(server: PlayedServer): Promise<PlayedTurn> {
  const request = await server.next('review/start');
  server.answer(request, { turn: turnOf('review'), reviewThreadId: 't' });
  return new PlayedTurn(server, request, 'review');
}

/** The review runs as a turn within its turn. */
function begin(turn: PlayedTurn): PlayedTurn {
  turn.send('turn/started', { turn: { ...turnOf('within'), rootTurnId: 'review' } });
  return turn;
}

const item = (type: 'enteredReviewMode' | 'exitedReviewMode', text: string) => ({
  type,
  id: type,
  review: text,
});

const MISTAKES: readonly Mistake[] = [
  ['reviewRun', [], 'params'],
  ['reviewRun', ['t'], 'params'],
  ['reviewRun', [{ target: REVIEW.target }], 'params.threadId'],
  ['reviewRun', [{ ...REVIEW, threadId: '' }], 'params.threadId'],
  ['reviewRun', [{ threadId: 't' }], 'params.target'],
  ['reviewRun', [{ threadId: 't', target: 'uncommittedChanges' }], 'params.target'],
  ['reviewRun', [{ ...REVIEW, delivery: 'detached' }], 'params.delivery'],
  ['reviewRun', [REVIEW, null], 'options'],
  ['reviewRun', [REVIEW, { timeoutMS: 5 }], 'options.timeoutMS'],
  ['reviewRun', [REVIEW, { timeoutMs: -1 }], 'options.timeoutMs'],
  ['reviewRun', [REVIEW, { maxHeldBytes: 0 }], 'options.maxHeldBytes'],
];

test.each(MISTAKES)('L20 %s(...%j) throws and names %s', expectRefused);

test('L20 whenBusy is refused by name: a review is added to no turn', async () => {
  await using server = new PlayedServer();
  const error = await failureOf(() => untyped(server.client).reviewRun(REVIEW, { whenBusy: 'steer' }));
  expect(error).toMatchObject({ argument: 'options.whenBusy', message: /waits for its end/ });
  expect(server.piped.received).toEqual([]);
});

describe('a review', () => {
  test('is a run: its messages, its text, and the review for a final message', async () => {
    await using server = new PlayedServer();
    const run = server.client.reviewRun(REVIEW);
    const methods = methodsOf(run);
    const turn = await review(server);
    expect(turn.request.params).toEqual(REVIEW);
    begin(turn.item(item('enteredReviewMode', 'changes')));
    turn.item(item('exitedReviewMode', 'Fine.')).item(agentMessage('m', 'Fine.')).complete();
    expect(await methods).toEqual([
      'item/completed',
      'turn/started',
      'item/completed',
      'item/completed',
      'turn/completed',
    ]);
    expect(await run.result()).toMatchObject({
      status: 'completed',
      finalMessage: 'Fine.',
      output: undefined,
      joined: false,
      raw: {
        start: { reviewThreadId: 't' },
        started: { turn: { id: 'within' } },
        turn: { id: 'review' },
      },
    });
  });

  test('L14 waits for the turns of its thread before it, and those behind it wait for it', async () => {
    await using server = new PlayedServer();
    const before = server.client.turnRun({ threadId: 't', input: 'before' }).result();
    const run = server.client.reviewRun(REVIEW).result();
    const behind = server.client.turnRun({ threadId: 't', input: 'behind' }).result();
    const first = (await server.turn()).accept().started();
    await server.piped.quiet();
    expect(server.sent('review/start')).toBe(0);
    first.complete();
    const turn = begin(await review(server));
    await server.piped.quiet();
    expect(server.sent('turn/start')).toBe(1);
    turn.complete();
    (await server.turn()).accept().complete();
    expect((await Promise.all([before, run, behind])).map(({ status }) => status)).toEqual(
      Array.from({ length: 3 }, () => 'completed'),
    );
  });

  test('L14 waits for the end of a turn that is not ours, which it would interrupt', async () => {
    await using server = new PlayedServer();
    const other = await startedByHand(server);
    mute(server.client.reviewRun(REVIEW).result());
    server.answer(await server.next('thread/goal/get'), { goal: null });
    await server.piped.quiet();
    expect(server.sent('review/start')).toBe(0);
    other.complete();
    await server.next('review/start');
  });

  test('L11 is interrupted when it is left, by the name of the turn within it', async () => {
    await using server = new PlayedServer();
    const run = server.client.reviewRun(REVIEW);
    const turn = begin(await review(server));
    await server.piped.quiet();
    await run.return();
    expect((await server.next('turn/interrupt')).params).toEqual({ threadId: 't', turnId: 'within' });
    turn.complete('interrupted');
    expect((await run.result()).status).toBe('interrupted');
  });

  test('L11 is interrupted as soon as the turn within it has begun', async () => {
    await using server = new PlayedServer();
    const run = server.client.reviewRun(REVIEW);
    const interrupted = run.interrupt();
    const turn = await review(server);
    const refused = await server.next('turn/interrupt');
    expect(refused.params).toEqual({ threadId: 't', turnId: 'review' });
    server.refuse(refused, 'no active turn to interrupt');
    await server.piped.quiet();
    begin(turn);
    const taken = await server.next('turn/interrupt');
    expect(taken.params).toEqual({ threadId: 't', turnId: 'within' });
    server.answer(taken, {});
    await interrupted;
    turn.complete('interrupted');
    expect((await run.result()).status).toBe('interrupted');
  });

  test('L16 has what it asks refused while nobody reads it', async () => {
    await using server = new PlayedServer();
    const result = server.client.reviewRun(REVIEW).result();
    const turn = begin(await review(server)).ask(7);
    expect(await server.answerTo(7)).toMatchObject({ result: { decision: 'decline' } });
    turn.complete();
    await result;
  });

  test('L15 that says nothing for long is asked for, and goes on while its thread is active', async () => {
    await using server = new PlayedServer();
    const run = server.client.reviewRun(REVIEW, { idleTimeoutMs: 5 });
    const result = run.result();
    begin(await review(server));
    const active = { thread: { id: 't', status: { type: 'active' }, turns: [] } };
    server.answer(await server.next('thread/read'), active);
    server.answer(await server.next('thread/read'), active);
    const turns = [
      { ...turnOf('within', 'interrupted'), rootTurnId: 'review' },
      turnOf('review', 'completed'),
    ];
    for (let n = 0; n < 2; n += 1)
      server.answer(await server.next('thread/read'), {
        thread: { id: 't', status: { type: 'idle' }, turns },
      });
    expect(await result).toMatchObject({ status: 'completed', recovered: true });
  });

  test('L14 of which nobody here made a run keeps its thread busy until it is over', async () => {
    await using server = new PlayedServer();
    mute(server.client.reviewStart(REVIEW));
    const next = server.client.turnRun({ threadId: 't', input: 'next' }).result();
    const turn = begin(await review(server));
    server.answer(await server.next('thread/goal/get'), { goal: null });
    await server.piped.quiet();
    expect(server.sent('turn/start')).toBe(0);
    turn.complete();
    (await server.turn()).accept().complete();
    expect((await next).status).toBe('completed');
  });

  test('that the server refuses rejects, and the thread goes on', async () => {
    await using server = new PlayedServer();
    const result = server.client.reviewRun(REVIEW).result();
    server.refuse(await server.next('review/start'), 'nothing to review');
    await expect(result).rejects.toMatchObject({ code: 'CODEX_RPC', method: 'review/start' });
    mute(server.client.turnRun({ threadId: 't', input: 'next' }).result());
    await server.turn();
  });

  test('that is answered without a turn is a ProtocolError that names the method', async () => {
    await using server = new PlayedServer();
    const result = server.client.reviewRun(REVIEW).result();
    server.answer(await server.next('review/start'), {});
    await expect(result).rejects.toMatchObject({ code: 'CODEX_PROTOCOL', message: /review\/start/ });
  });
});
