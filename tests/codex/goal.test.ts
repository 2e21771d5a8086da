/** Goals on a real codex: every way in which one ends, is paused, is left, and what its thread does afterwards. */
import { AsyncClient, BudgetExceededError, type GoalRun, type ServerMessage } from 'codex-async-client';
import { failure, gate, shellCommand, text, toolCall } from 'codex-async-client/testing';
import { describe, expect, test } from 'vitest';
import { type CodexWithModel, codexWithModel } from './codex-with-model.js';
import { supervisedCodex } from './supervised-codex.js';

const done = (status: 'complete' | 'blocked') =>
  [[toolCall('update_goal', { status })], text('done')] as const;
const statusAt = async ({ client }: CodexWithModel, threadId: string) =>
  (await client.thread(threadId).goal())?.status;
const statuses = (run: GoalRun) => run.turns.map(({ status }) => status);

/** Reads the run until a message of a method has come so often, then leaves. */
async function readUntil(run: GoalRun, method: ServerMessage['method'], times = 1): Promise<void> {
  let left = times;
  for await (const message of run) if (message.method === method && --left === 0) return;
}

/** A run in whose first turn the model waits. */
async function waiting(codex: CodexWithModel, options = {}) {
  const go = gate();
  codex.provider.enqueue(text('one ', go, 'more'));
  const threadId = await codex.newThread();
  const run = codex.client.goalRun({ threadId, objective: 'count' }, options);
  const result = run.result();
  result.catch(() => undefined);
  await run.started();
  await go.reached;
  return { go, threadId, run, result };
}

describe('a goal on a real codex', () => {
  test('runs turn after turn until it is complete, and each message comes once', async () => {
    await using codex = await codexWithModel();
    codex.provider.enqueue(text('working'), text('still'), ...done('complete'));
    const threadId = await codex.newThread();
    const run = codex.client.goalRun({ threadId, objective: 'count the files' });
    const after = codex.client.turnRun({ threadId, input: 'after' });
    const messages: ServerMessage[] = [];
    for await (const message of run) messages.push(message);
    const methods = messages.map(({ method }) => method);
    expect(methods.filter((method) => method === 'turn/started')).toHaveLength(3);
    expect(methods.filter((method) => method === 'turn/completed')).toHaveLength(3);
    expect(methods.at(0)).toBe('thread/goal/updated');
    expect(methods.at(-1)).toBe('turn/completed');
    expect(await run.result()).toMatchObject({
      status: 'complete',
      goal: { status: 'complete', objective: 'count the files' },
      turns: [{ finalMessage: 'working' }, { finalMessage: 'still' }, { finalMessage: 'done' }],
      finalMessage: 'done',
      // Four model calls of 110 tokens; the server counts what it spent before the goal was complete.
      spentTokens: 440,
    });
    expect((await after.result()).finalMessage).toBe('Echo: after');
  });

  test('is blocked by the model, goes on again, and is another one on the same thread', async () => {
    await using codex = await codexWithModel();
    const threadId = await codex.newThread();
    const { client, provider } = codex;
    provider.enqueue(...done('blocked'));
    expect((await client.goalRun({ threadId, objective: 'one' }).result()).status).toBe('blocked');
    provider.enqueue(text('again'), ...done('complete'));
    const again = await client.thread(threadId).goalRun().result();
    expect(again).toMatchObject({ status: 'complete', goal: { objective: 'one' } });
    expect(again.turns).toHaveLength(2);
    provider.enqueue(text('new'), ...done('complete'));
    const two = await client.goalRun({ threadId, objective: 'two' }).result();
    expect(two).toMatchObject({ status: 'complete', goal: { objective: 'two' } });
    expect(two.turns).toHaveLength(2);
  });

  test('stops at the server’s budget, and at ours', async () => {
    await using codex = await codexWithModel();
    const { client } = codex;
    const limited = client.goalRun({ threadId: await codex.newThread(), objective: 'x', tokenBudget: 300 });
    expect(await limited.result()).toMatchObject({ status: 'budgetLimited', goal: { tokensUsed: 330 } });
    const threadId = await codex.newThread();
    const run = client.goalRun({ threadId, objective: 'x' }, { budget: { totalTokens: 300 } });
    const error: unknown = await run.result().catch((reason: unknown) => reason);
    if (!(error instanceof BudgetExceededError)) throw error;
    // The third call of 110 passes it. A model that takes no time may have made the next one by then.
    expect([330, 440]).toContain(error.spentTokens);
    expect(await statusAt(codex, threadId)).toBe('paused');
  });

  test('is blocked by a turn that fails, which rejects result() and the loop', async () => {
    await using codex = await codexWithModel();
    codex.provider.enqueue(failure({ code: 'rate_limit_exceeded', message: 'no more' }));
    const run = codex.client.goalRun({ threadId: await codex.newThread(), objective: 'x' });
    await expect(readUntil(run, 'thread/goal/cleared')).rejects.toMatchObject({ code: 'CODEX_TURN_FAILED' });
    await expect(run.result()).rejects.toMatchObject({ result: { status: 'failed' } });
    expect([run.goal?.status, statuses(run)]).toEqual(['blocked', ['failed']]);
  });

  test('waits while it is paused, and goes on', async () => {
    await using codex = await codexWithModel();
    const { go, threadId, run, result } = await waiting(codex);
    await run.pause();
    expect(await statusAt(codex, threadId)).toBe('paused');
    const end = codex.client.tap({ methods: ['turn/completed'], threadId }).next();
    go.open();
    await end;
    codex.provider.enqueue(...done('complete'));
    await run.resume();
    expect(await result).toMatchObject({ status: 'complete', finalMessage: 'done' });
    expect(statuses(run)).toEqual(['completed', 'completed']);
  });

  test('is cleared: the turn goes on to its end, and none follows', async () => {
    await using codex = await codexWithModel();
    const { go, threadId, run, result } = await waiting(codex);
    await run.clear();
    go.open();
    expect(await result).toMatchObject({ status: 'cleared', finalMessage: 'one more' });
    expect(await statusAt(codex, threadId)).toBeUndefined();
  });

  test('is cleared between two turns, however the server is just then, and the thread is free', async () => {
    await using codex = await codexWithModel();
    const { client } = codex;
    for (let n = 0; n < 4; n += 1) {
      const threadId = await codex.newThread();
      const run = client.goalRun({ threadId, objective: 'x' });
      for await (const message of run)
        if (message.method === 'turn/completed' && run.goal?.status === 'active') await run.clear();
      expect((await run.result()).status).toBe('cleared');
      const after = await client.turnRun({ threadId, input: 'alone' }).result();
      expect(after).toMatchObject({ joined: false, finalMessage: 'Echo: alone' });
    }
  });

  test.each([1, 2])('is left after %i turns: paused, interrupted, and the thread is free', async (turns) => {
    await using codex = await codexWithModel();
    const threadId = await codex.newThread();
    const run = codex.client.goalRun({ threadId, objective: 'x' });
    await readUntil(run, 'turn/completed', turns);
    const after = codex.client.turnRun({ threadId, input: 'after' });
    expect((await run.result()).status).toBe('interrupted');
    expect(await statusAt(codex, threadId)).toBe('paused');
    expect(await after.result()).toMatchObject({ joined: false, finalMessage: 'Echo: after' });
  });

  test('is left in the middle of a turn, and taken up again', async () => {
    await using codex = await codexWithModel();
    codex.provider.enqueue(text('half ', gate(), 'never'));
    const threadId = await codex.newThread();
    const run = codex.client.goalRun({ threadId, objective: 'x' });
    await readUntil(run, 'item/agentMessage/delta');
    expect(await run.result()).toMatchObject({ status: 'interrupted', goal: { status: 'paused' } });
    codex.provider.enqueue(...done('complete'));
    expect((await codex.client.goalRun({ threadId }).result()).status).toBe('complete');
  });

  test('goes on when it is left with detach', async () => {
    await using codex = await codexWithModel();
    const { go, run, result } = await waiting(codex, { detach: true });
    codex.provider.enqueue(...done('complete'));
    await run.return();
    go.open();
    expect((await result).status).toBe('complete');
    expect(statuses(run)).toEqual(['completed', 'completed']);
  });

  test('ends when another interrupts its turn: the server would start none', async () => {
    await using codex = await codexWithModel();
    const { threadId, run, result } = await waiting(codex);
    await codex.client.turnInterrupt({ threadId, turnId: run.turnId ?? '' });
    expect((await result).status).toBe('interrupted');
    expect(await statusAt(codex, threadId)).toBe('paused');
  });

  test('L16 has its approvals denied while only its result is wanted, and answered by a loop', async () => {
    await using codex = await codexWithModel();
    const { client, provider } = codex;
    const threadId = await codex.newThread({ approvalPolicy: 'untrusted', sandbox: 'workspace-write' });
    provider.enqueue(shellCommand('touch refused'), text('refused'), ...done('complete'));
    const denied = await client.goalRun({ threadId, objective: 'x' }).result();
    expect(denied.turns[0]?.items).toContainEqual(expect.objectContaining({ status: 'declined' }));
    provider.enqueue(shellCommand('echo allowed'), text('ran'), ...done('complete'));
    const run = client.goalRun({ threadId, objective: 'y' });
    for await (const message of run)
      if (message.method === 'item/commandExecution/requestApproval')
        await client.respond(message, { decision: 'accept' });
    expect((await run.result()).turns[0]?.items).toContainEqual(
      expect.objectContaining({ type: 'commandExecution', status: 'completed' }),
    );
  });

  test('refuses to end an active goal that is not its own, and to go on with none', async () => {
    await using codex = await codexWithModel();
    const { client, provider } = codex;
    const go = gate();
    provider.enqueue(text('theirs ', go));
    const threadId = await codex.newThread();
    await client.threadGoalSet({ threadId, objective: 'theirs' });
    await expect(client.goalRun({ threadId, objective: 'ours' }).result()).rejects.toMatchObject({
      code: 'CODEX_THREAD_BUSY',
    });
    await client.threadGoalClear({ threadId });
    go.open();
    await expect(client.goalRun({ threadId }).result()).rejects.toMatchObject({ code: 'CODEX_RPC' });
  });

  test('L13 is paused by a shutdown that lets turns end', async () => {
    await using codex = await codexWithModel();
    const { threadId, go, result } = await waiting(codex);
    const paused = codex.client.tap({ methods: ['thread/goal/updated'], threadId }).next();
    const down = codex.client.shutdown({ drainMs: 30_000 });
    // A turn that ends before the server has heard it is followed by one more.
    expect(await paused).toMatchObject({ value: { params: { goal: { status: 'paused' } } } });
    go.open();
    await expect(result).rejects.toMatchObject({
      code: 'CODEX_SERVER_CLOSED',
      message: /the goal was paused/,
      result: { status: 'completed', finalMessage: 'one more' },
    });
    await down;
  });
});

test('L11 a goal that was left or aborted is paused, also where the client is shut down in the same breath', async () => {
  await using codex = await codexWithModel();
  for (const stop of ['leave', 'abort'] as const) {
    const client = await AsyncClient.start(codex.provider.options);
    const threadId = (await client.threadStart()).thread.id;
    const abort = new AbortController();
    const run = client.goalRun({ threadId, objective: 'count' }, { signal: abort.signal });
    await run.started();
    if (stop === 'abort') abort.abort();
    else void run.return();
    await client.shutdown();
    expect(await statusAt(codex, threadId)).toBe('paused');
  }
});

test('L1 no turn of a goal comes to another stream, however fast turns follow each other', async () => {
  await using codex = await codexWithModel();
  const { client } = codex;
  const others: string[] = [];
  void (async () => {
    for await (const { method } of client.events()) others.push(method);
  })();
  for (const stop of ['clear', 'interrupt'] as const)
    for (const turns of [1, 2]) {
      const threadId = await codex.newThread();
      const run = client.goalRun({ threadId, objective: 'count' });
      let left = turns;
      for await (const message of run)
        if (message.method === 'turn/completed' && --left === 0) await run[stop]();
      await client.turnRun({ threadId, input: 'after' }).result();
      const { thread } = await client.threadRead({ threadId, includeTurns: true });
      expect(thread.turns).toHaveLength(run.turns.length + 1);
    }
  expect(others.filter((method) => method.startsWith('turn/') || method.startsWith('item/'))).toEqual([]);
});

test('L24 a supervised goal goes on after a crash in the middle of its turn', async () => {
  await using codex = await supervisedCodex();
  const { supervisor, provider } = codex;
  const go = gate();
  const threadId = await codex.keptThread();
  provider.enqueue(text('half ', go, 'never'));
  const run = supervisor.thread(threadId).goalRun({ objective: 'count' });
  const result = run.result();
  await run.started();
  await go.reached;
  provider.enqueue(text('again'), ...done('complete'));
  await codex.kill();
  expect(await result).toMatchObject({
    status: 'complete',
    goal: { objective: 'count' },
    finalMessage: 'done',
  });
  expect(statuses(run)).toEqual(['inProgress', 'completed', 'completed']);
  expect((await supervisor.turnRun({ threadId, input: 'after' }).result()).finalMessage).toBe('Echo: after');
});
