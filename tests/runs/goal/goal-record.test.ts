/** What a goal came to: the first end is the truth, and what is told later changes its numbers alone. */
import { expect, test } from 'vitest';
import { GoalRecord } from '../../../src/runs/goal/goal-record.js';
import { goalOf } from './played-goal.js';

test('a goal is active, paused, or has an end', () => {
  const record = new GoalRecord({ collectEvents: false });
  expect([record.isActive, record.isPaused, record.end]).toEqual([false, false, undefined]);
  record.noteGoal(goalOf());
  expect([record.isActive, record.isPaused, record.end]).toEqual([true, false, undefined]);
  record.noteGoal(goalOf('paused'));
  expect([record.isActive, record.isPaused, record.end]).toEqual([false, true, undefined]);
  record.noteGoal(goalOf('usageLimited'));
  expect([record.isActive, record.isPaused, record.end]).toEqual([false, false, 'usageLimited']);
});

test('the first end is the truth; the goal is what was told last', () => {
  const record = new GoalRecord({ collectEvents: false });
  record.noteGoal(goalOf('complete', { tokensUsed: 1 }));
  record.noteGoal(goalOf('paused', { tokensUsed: 2 }));
  record.noteEnd('cleared');
  expect([record.end, record.isPaused]).toEqual(['complete', false]);
  expect(record.goal).toMatchObject({ status: 'paused', tokensUsed: 2 });
  expect(record.resultAs('complete', 7)).toMatchObject({ status: 'complete', turns: [], spentTokens: 7 });
});

test('before it is set there is no result', () => {
  const record = new GoalRecord({ collectEvents: true });
  expect([record.resultAs('interrupted', 0), record.result(), [...record.agentMessages]]).toEqual([
    undefined,
    undefined,
    [],
  ]);
});

test('a goal that was made later is another one, and one that was made before is nothing to it', () => {
  const record = new GoalRecord({ collectEvents: false });
  record.noteGoal(goalOf());
  record.noteGoal(goalOf('complete', { createdAt: 50 }));
  expect([record.end, record.isReplaced, record.goal?.createdAt]).toEqual([undefined, false, 100]);
  record.noteGoal(goalOf('blocked', { createdAt: 150 }));
  expect([record.end, record.isReplaced, record.goal?.createdAt]).toEqual(['cleared', true, 100]);
});
