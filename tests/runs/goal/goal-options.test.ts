/** L20: what a goal run refuses before anything is sent. */
import { expect, test } from 'vitest';
import { expectRefused, failureOf, type Mistake, untyped } from '../mistakes.js';
import { PlayedServer } from '../played-server.js';
import { GOAL } from './played-goal.js';

const MISTAKES: readonly Mistake[] = [
  ['goalRun', [], 'params'],
  ['goalRun', ['t'], 'params'],
  ['goalRun', [{ objective: 'x' }], 'params.threadId'],
  ['goalRun', [{ ...GOAL, threadId: '' }], 'params.threadId'],
  ['goalRun', [{ ...GOAL, objective: '' }], 'params.objective'],
  ['goalRun', [{ ...GOAL, objective: ' \n' }], 'params.objective'],
  ['goalRun', [{ ...GOAL, objective: 7 }], 'params.objective'],
  ['goalRun', [{ ...GOAL, tokenBudget: 0 }], 'params.tokenBudget'],
  ['goalRun', [{ ...GOAL, tokenBudget: 1.5 }], 'params.tokenBudget'],
  ['goalRun', [{ ...GOAL, tokenbudget: 5 }], 'params.tokenbudget'],
  ['goalRun', [{ ...GOAL, status: 'paused' }], 'params.status'],
  ['goalRun', [GOAL, null], 'options'],
  ['goalRun', [GOAL, { timeoutMS: 5 }], 'options.timeoutMS'],
  ['goalRun', [GOAL, { timeoutMs: -1 }], 'options.timeoutMs'],
  ['goalRun', [GOAL, { budget: { totalTokens: 0 } }], 'options.budget.totalTokens'],
  ['goalRun', [GOAL, { detach: 'yes' }], 'options.detach'],
  ['goalRun', [GOAL, { maxHeldBytes: 0 }], 'options.maxHeldBytes'],
];

test.each(MISTAKES)('L20 %s(...%j) throws and names %s', expectRefused);

test('L20 whenBusy is refused by name: the turns of a goal are added to no other', async () => {
  await using server = new PlayedServer();
  const error = await failureOf(() => untyped(server.client).goalRun(GOAL, { whenBusy: 'steer' }));
  expect(error).toMatchObject({ argument: 'options.whenBusy', message: /waits for the thread to be free/ });
  expect(server.piped.received).toEqual([]);
});

test('L20 the goal of a handle is called goal', async () => {
  await using server = new PlayedServer();
  const handle = server.client.thread('t');
  expect(() => Reflect.apply(handle.goalRun, handle, ['count'])).toThrow(/^goal: expected an object/);
  expect(() => handle.goalRun({ tokenBudget: -1 })).toThrow(/^goal\.tokenBudget: /);
  expect(server.piped.received).toEqual([]);
});

test('L20 an objective has 4,000 characters at the most, as the server counts them', async () => {
  await using server = new PlayedServer();
  const { client } = server;
  const error = await failureOf(() => client.goalRun({ ...GOAL, objective: 'x'.repeat(4_001) }));
  expect(String(error)).toMatch(/params\.objective: expected 4000 characters at the most, got 4001/);
  void client
    .goalRun({ ...GOAL, objective: '😀'.repeat(4_000) })
    .result()
    .catch(() => undefined);
  await server.next('thread/goal/get');
});
