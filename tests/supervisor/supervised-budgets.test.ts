/** L24: the budget of a supervised run counts over lives. */
import { expect, test } from 'vitest';

import { keptAs, PlayedLives, userMessage } from './played-lives.js';

const options = { idempotencyKey: 'job-7', budget: { totalTokens: 100 } };

test('L24 what was spent before the connection was cut counts, and what was spent meanwhile, once', async () => {
  await using lives = new PlayedLives({ areConnections: true });
  const life = lives.begin();
  const result = lives.runs.turnRun({ threadId: 't', input: 'x' }, options).result();
  result.catch(() => undefined);
  const turn = (await life.newTurn()).accept().started();
  const { turnId } = turn;
  const spent = (last: number, total: number) => ({
    threadId: 't',
    turnId,
    tokenUsage: { last: { totalTokens: last }, total: { totalTokens: total } },
  });
  turn.item(userMessage('job-7'));
  turn.send('thread/tokenUsage/updated', spent(60, 1_060));
  const next = await lives.restart();
  const running = keptAs(turnId, 'inProgress', userMessage('job-7'));
  // With the resume the server tells what it told before.
  next.server.piped.send({ method: 'thread/tokenUsage/updated', params: spent(20, 1_080) });
  for (let looks = 0; looks < 2; looks += 1) await next.tell('active', running);
  await next.server.piped.quiet();
  expect(next.server.sent('turn/interrupt')).toBe(0);
  next.server.piped.send({ method: 'thread/tokenUsage/updated', params: spent(21, 1_101) });
  const interrupt = await next.server.next('turn/interrupt');
  expect(interrupt.params).toEqual({ threadId: 't', turnId });
  next.server.piped.send({
    method: 'turn/completed',
    params: { threadId: 't', turn: keptAs(turnId, 'interrupted') },
  });
  await expect(result).rejects.toMatchObject({ code: 'CODEX_BUDGET_EXCEEDED', spentTokens: 101 });
});

test('L24 so does what was spent meanwhile where nothing of it was told before', async () => {
  await using lives = new PlayedLives({ areConnections: true });
  const life = lives.begin();
  const usage = (turnId: string, last: number, total: number) => ({
    method: 'thread/tokenUsage/updated',
    params: {
      threadId: 't',
      turnId,
      tokenUsage: { last: { totalTokens: last }, total: { totalTokens: total } },
    },
  });
  life.server.piped.send(usage('an-earlier-turn', 500, 1_000));
  await life.server.piped.quiet();
  const result = lives.runs.turnRun({ threadId: 't', input: 'x' }, options).result();
  result.catch(() => undefined);
  const { turnId } = (await life.newTurn()).accept().started().item(userMessage('job-7'));
  const next = await lives.restart();
  const running = keptAs(turnId, 'inProgress', userMessage('job-7'));
  next.server.piped.send(usage(turnId, 20, 1_080));
  for (let looks = 0; looks < 2; looks += 1) await next.tell('active', running);
  next.server.piped.send(usage(turnId, 21, 1_101));
  const interrupt = await next.server.next('turn/interrupt');
  expect(interrupt.params).toEqual({ threadId: 't', turnId });
  next.server.piped.send({
    method: 'turn/completed',
    params: { threadId: 't', turn: keptAs(turnId, 'interrupted') },
  });
  await expect(result).rejects.toMatchObject({ spentTokens: 101 });
});

test('L24 a run that joined the turn counts over connections, too, and leaves it alone', async () => {
  await using lives = new PlayedLives({ areConnections: true });
  const life = lives.begin();
  const { idempotencyKey } = options;
  const first = lives.runs.turnRun({ threadId: 't', input: 'x' }, { idempotencyKey }).result();
  const joined = lives.runs.turnRun({ threadId: 't', input: 'x' }, options).result();
  for (const result of [first, joined]) result.catch(() => undefined);
  const turn = (await life.newTurn()).accept().started();
  const { turnId } = turn;
  const running = keptAs(turnId, 'inProgress', userMessage('job-7'));
  const usage = (last: number, total: number) => ({
    threadId: 't',
    turnId,
    tokenUsage: { last: { totalTokens: last }, total: { totalTokens: total } },
  });
  await life.tell('active', running);
  turn.item(userMessage('job-7'));
  turn.send('thread/tokenUsage/updated', usage(60, 1_060));
  await life.server.piped.quiet();
  const next = await lives.restart();
  for (let looks = 0; looks < 3; looks += 1) await next.tell('active', running);
  next.server.piped.send({ method: 'thread/tokenUsage/updated', params: usage(41, 1_101) });
  await expect(joined).rejects.toMatchObject({ code: 'CODEX_BUDGET_EXCEEDED', spentTokens: 101 });
  next.server.piped.send({
    method: 'turn/completed',
    params: { threadId: 't', turn: keptAs(turnId, 'completed') },
  });
  expect(await first).toMatchObject({ status: 'completed' });
  expect(next.server.sent('turn/interrupt')).toBe(0);
});
