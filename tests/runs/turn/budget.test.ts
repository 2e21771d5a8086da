/** L20: what a budget may be, and what is said of one that was spent. */
import { InvalidArgumentError, type TurnResult } from 'codex-async-client';
import { expect, test } from 'vitest';
import { budgetExceeded, checkBudget } from '../../../src/runs/turn/budget.js';

test.each<[unknown, string]>([
  [100, 'options.budget'],
  [null, 'options.budget'],
  [{}, 'options.budget.totalTokens'],
  [{ totalTokens: 0 }, 'options.budget.totalTokens'],
  [{ totalTokens: 1.5 }, 'options.budget.totalTokens'],
  [{ totalTokens: Number.NaN }, 'options.budget.totalTokens'],
  [{ totalTokens: '100' }, 'options.budget.totalTokens'],
  [{ tokens: 100 }, 'options.budget.tokens'],
])('L20 %j is no budget', (budget, argument) => {
  const check = () => checkBudget('options.budget', budget as never);
  expect(check).toThrow(InvalidArgumentError);
  expect(check).toThrow(expect.objectContaining({ argument }));
});

test('a whole number of tokens is one, and so is none', () => {
  expect(() => checkBudget('options.budget', { totalTokens: 1 })).not.toThrow();
  expect(() => checkBudget('options.budget', undefined)).not.toThrow();
});

test.each([
  ['interrupted', 'its turn was interrupted'],
  ['completed', 'its turn was over with that'],
  ['failed', 'its turn failed'],
  ['inProgress', 'its turn is not its own, and goes on'],
] as const)('the error of a turn that is %s says so, and names both numbers', (status, words) => {
  const result = { status } as TurnResult<undefined, typeof status>;
  const error = budgetExceeded({ totalTokens: 100 }, 220, result as never);
  expect(error).toMatchObject({ totalTokens: 100, spentTokens: 220, result: { status } });
  expect(error.message).toBe(
    `the run spent 220 tokens, more than its budget of 100 (budget.totalTokens); ${words}`,
  );
});
