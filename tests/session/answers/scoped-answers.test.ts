/** Standing answers of a client, of threads and of runs: who gives the answer. */
import type { ServerRequest } from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import { type AnsweringRun, ScopedAnswers } from '../../../src/session/answers/scoped-answers.js';
import { StandingAnswerTable } from '../../../src/session/answers/standing-answers.js';

const TIME = 'currentTime/read';
const at = (currentTimeAt: number) => new StandingAnswerTable({ [TIME]: { currentTimeAt } });
const text = (currentTimeAt: number) => JSON.stringify({ currentTimeAt });

/** A request of a thread, or of none. */
const askedBy = (threadId?: string): ServerRequest =>
  ({ kind: 'request', id: 0, method: TIME, params: { threadId } }) as ServerRequest;

/** A run that answers for every turn but the ones named. */
const runWith = (standingAnswers: StandingAnswerTable, answersFor = () => true): AnsweringRun => ({
  standingAnswers,
  answersFor,
});

describe('L17 the narrower answer wins', () => {
  test('that of a run, then that of its thread, then that of the client', () => {
    const answers = new ScopedAnswers(at(1));
    const take = () => [answers.take(askedBy('t')), answers.take(askedBy('u')), answers.take(askedBy())];
    expect(take()).toEqual([text(1), text(1), text(1)]);
    answers.setThread('t', at(2));
    expect(take()).toEqual([text(2), text(1), text(1)]);
    const run = runWith(at(3));
    answers.enter(run, 't');
    expect(take()).toEqual([text(3), text(1), text(1)]);
    answers.enter(run, 'u');
    expect(take()).toEqual([text(3), text(3), text(1)]);
    answers.leave(run);
    expect(take()).toEqual([text(2), text(1), text(1)]);
    answers.setThread('t', new StandingAnswerTable({}));
    expect(take()).toEqual([text(1), text(1), text(1)]);
    expect(answers.given).toBe(18);
  });

  test('method by method: what it says nothing of is left to the wider one', () => {
    const answers = new ScopedAnswers(at(1));
    answers.setThread(
      't',
      new StandingAnswerTable({ 'item/fileChange/requestApproval': { decision: 'accept' } }),
    );
    answers.enter(runWith(new StandingAnswerTable({})), 't');
    expect(answers.take(askedBy('t'))).toBe(text(1));
  });

  test('and a run answers for its own turn alone', () => {
    const answers = new ScopedAnswers(new StandingAnswerTable({}));
    answers.enter(
      runWith(at(3), () => false),
      't',
    );
    expect(answers.take(askedBy('t'))).toBeUndefined();
    expect(answers.given).toBe(0);
  });

  test('and a run that left leaves the answers of another', () => {
    const answers = new ScopedAnswers(new StandingAnswerTable({}));
    const [first, second] = [runWith(at(1)), runWith(at(2))];
    answers.enter(first, 't');
    answers.enter(second, 't');
    answers.leave(first);
    expect(answers.take(askedBy('t'))).toBe(text(2));
  });
});
