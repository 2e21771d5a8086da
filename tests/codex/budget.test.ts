/** Budgets on the real server: what counts, where the turn stops, and that it stops whoever reads. */
import { BudgetExceededError, type TurnRun, type TurnRunOptions } from 'codex-async-client';
import { gate, shellCommand, spawnAgent, text, usage } from 'codex-async-client/testing';
import { expect, test } from 'vitest';
import { collected } from '../runs/played-server.js';
import { codexWithModel } from './codex-with-model.js';

/** What one model call of the tests takes. */
const CALL = 100;
const call = usage({ inputTokens: 90, outputTokens: 10 });

/** A model that calls a tool so many times; the call after that is under way until it is interrupted. */
const commands = (count: number) => [
  ...Array.from({ length: count }, () => [shellCommand('echo hi'), call]),
  [gate(), text('never')],
];

const readers: [string, (run: TurnRun) => Promise<unknown>][] = [
  ['result()', (run) => run.result()],
  ['text()', (run) => collected(run.text())],
  ['snapshots()', (run) => collected(run.snapshots())],
  ['a loop', (run) => collected(run)],
];

test.each(readers)('a tool loop that %s reads ends one model call past its budget', async (_, read) => {
  await using codex = await codexWithModel();
  const { client, provider } = codex;
  const threadId = await codex.newThread({ approvalPolicy: 'never' });
  provider.when({ threadId }, ...commands(4));
  const run = client.turnRun({ threadId, input: 'go on' }, { budget: { totalTokens: 3 * CALL } });
  await expect(read(run)).rejects.toBeInstanceOf(BudgetExceededError);
  const error: unknown = await run.result().catch((reason: unknown) => reason);
  expect(error).toMatchObject({ totalTokens: 3 * CALL, spentTokens: 4 * CALL });
  expect(error).toMatchObject({
    result: { status: 'interrupted', usage: { total: { totalTokens: 4 * CALL } } },
  });
  // The one that passed the budget, and at most one that was under way when it was told.
  expect(provider.requests.length).toBeLessThanOrEqual(5);
});

test('it ends so when nobody reads, and the thread goes on', async () => {
  await using codex = await codexWithModel();
  const { client, provider } = codex;
  const threadId = await codex.newThread({ approvalPolicy: 'never' });
  provider.when({ userText: 'go on' }, ...commands(3));
  client.turnRun({ threadId, input: 'go on' }, { budget: { totalTokens: 2 * CALL } });
  provider.when({ userText: 'and then' }, [text('well'), call]);
  // What was spent before is not this run's.
  const budget = { totalTokens: CALL };
  const { finalMessage } = await client.turnRun({ threadId, input: 'and then' }, { budget }).result();
  expect(finalMessage).toBe('well');
  expect(provider.requests.length).toBeLessThanOrEqual(3 + 1 + 1);
});

test('a turn within its budget is not touched; one whose last call passes it rejects with all that it came to', async () => {
  await using codex = await codexWithModel();
  const { client, provider } = codex;
  const threadId = await codex.newThread();
  provider.enqueue([text('one'), call], [text('two'), call]);
  const exact: TurnRunOptions = { budget: { totalTokens: CALL } };
  expect(await client.turnRun({ threadId, input: '1' }, exact).result()).toMatchObject({
    finalMessage: 'one',
  });
  const less: TurnRunOptions = { budget: { totalTokens: CALL - 1 } };
  await expect(client.turnRun({ threadId, input: '2' }, less).result()).rejects.toMatchObject({
    code: 'CODEX_BUDGET_EXCEEDED',
    spentTokens: CALL,
    // The interruption may reach the server before it has called the turn completed.
    result: { status: expect.stringMatching(/^(completed|interrupted)$/), finalMessage: 'two' },
  });
});

test('what a thread had used before it was resumed does not count', async () => {
  await using codex = await codexWithModel();
  const { client, provider } = codex;
  const threadId = await codex.newThread();
  provider.enqueue([text('one'), usage({ inputTokens: 5_000, outputTokens: 1 })], [text('two'), call]);
  await client.turnRun({ threadId, input: '1' }).result();
  const { thread } = await client.threadFork({ threadId });
  const budget = { totalTokens: CALL };
  const run = client.thread(thread).run('2', { budget });
  expect(await run.result()).toMatchObject({ finalMessage: 'two', usage: { total: { totalTokens: 5_101 } } });
});

test.each([false, true])(
  'what a sub-agent spends counts (includeSubagents: %s), and it is stopped, too',
  async (includeSubagents) => {
    await using codex = await codexWithModel();
    const { client, provider } = codex;
    const threadId = await codex.newThread({ approvalPolicy: 'never' });
    provider.when({ userText: 'count the files' }, ...commands(4));
    const parentMayEnd = gate();
    provider.when(
      { userText: 'delegate' },
      [spawnAgent('count the files'), call],
      [parentMayEnd, text('done')],
    );
    const ends = client.tap({ methods: ['turn/completed'] });
    const options = { budget: { totalTokens: 4 * CALL }, includeSubagents };
    const run = client.turnRun({ threadId, input: 'delegate' }, options);
    await expect(run.result()).rejects.toMatchObject({
      spentTokens: 5 * CALL,
      result: { status: 'interrupted', usage: { total: { totalTokens: CALL } } },
    });
    const ended: string[] = [];
    for await (const entry of ends) {
      if (entry.kind === 'gap') continue;
      ended.push(`${entry.params.threadId === threadId ? 'parent' : 'child'} ${entry.params.turn.status}`);
      if (ended.length === 2) break;
    }
    expect(ended.toSorted()).toEqual(['child interrupted', 'parent interrupted']);
    // Two of the parent, and those of the child with at most one too many.
    expect(provider.requests.length).toBeLessThanOrEqual(2 + 5);
    parentMayEnd.open();
  },
);

test('a thread run says which thread it started', async () => {
  await using codex = await codexWithModel();
  codex.provider.enqueue([text('one'), call]);
  const run = codex.client.threadRun({ turn: 'x' }, { budget: { totalTokens: 1 } });
  await expect(run.result()).rejects.toMatchObject({
    code: 'CODEX_THREAD_RUN',
    cause: { code: 'CODEX_BUDGET_EXCEEDED', spentTokens: CALL },
  });
});
