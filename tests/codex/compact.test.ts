/** L14: compacting a thread of the real server, which would interrupt the turn that runs. */
import { TurnFailedError } from 'codex-async-client';
import { failure, gate, text } from 'codex-async-client/testing';
import { expect, test } from 'vitest';
import { codexWithModel } from './codex-with-model.js';

test('L14 it waits for the turn that runs, and the next turn waits for it', async () => {
  await using codex = await codexWithModel();
  const { client, provider } = codex;
  const thread = client.thread(await codex.newThread());
  const mayEnd = gate();
  provider.enqueue(text('one', mayEnd), text('summary'), text('two'));
  const first = thread.run('1');
  await first.started();
  const compacted = thread.compact();
  const last = thread.run('2').result();
  mayEnd.open();
  expect(await first.result()).toMatchObject({ status: 'completed', finalMessage: 'one' });
  expect(await compacted).toMatchObject({ status: 'completed', items: [{ type: 'contextCompaction' }] });
  expect(await last).toMatchObject({ finalMessage: 'two' });
  expect(provider.requests).toHaveLength(3);
});

test('it rejects when it failed, and the thread goes on', async () => {
  await using codex = await codexWithModel();
  const thread = codex.client.thread(await codex.newThread());
  await thread.run('1').result();
  codex.provider.enqueue(failure({ code: 'rate_limit_exceeded', message: 'no' }), text('two'));
  const error: unknown = await thread.compact().catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(TurnFailedError);
  expect(error).toMatchObject({ result: { status: 'failed' } });
  expect(await thread.run('2').result()).toMatchObject({ finalMessage: 'two' });
});

test('an abort interrupts it', async () => {
  await using codex = await codexWithModel();
  const thread = codex.client.thread(await codex.newThread());
  await thread.run('1').result();
  codex.provider.enqueue(text('sum', gate(), 'mary'), text('two'));
  const abort = new AbortController();
  const ends = codex.client.tap({ methods: ['turn/completed'] });
  const compacted = thread.compact({ signal: abort.signal });
  compacted.catch(() => undefined);
  // The first turn's request and its own.
  for (let request = 0; request < 2; request += 1) await codex.provider.nextRequest();
  abort.abort(new Error('enough'));
  await expect(compacted).rejects.toThrow('enough');
  const end = await ends.next();
  expect(end.value).toMatchObject({ params: { turn: { status: 'interrupted' } } });
  expect(await thread.run('2').result()).toMatchObject({ finalMessage: 'two' });
});

test('a budget counts what a turn spends, and not what a compaction before it told again', async () => {
  await using codex = await codexWithModel();
  const thread = codex.client.thread(await codex.newThread());
  await thread.run('1').result();
  await thread.compact();
  const budget = { totalTokens: 110 };
  expect(await thread.run('2', { budget }).result()).toMatchObject({ usage: { last: { totalTokens: 110 } } });
});

test('goal() tells the thread’s goal', async () => {
  await using codex = await codexWithModel();
  const thread = codex.client.thread(await codex.newThread());
  expect(await thread.goal()).toBeNull();
  await codex.client.threadGoalSet({ threadId: thread.id, objective: 'count', status: 'paused' });
  expect(await thread.goal()).toMatchObject({ objective: 'count', status: 'paused' });
});
