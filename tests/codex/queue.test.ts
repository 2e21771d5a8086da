/** The server's own queue, with a real codex: what waits there, runs in order, is taken back, and outlives the server. */
import { setTimeout as pause } from 'node:timers/promises';
import type { TurnRun } from 'codex-async-client';
import { failure, gate, text } from 'codex-async-client/testing';
import { describe, expect, test } from 'vitest';
import { codexWithModel } from './codex-with-model.js';
import {
  errorOf,
  type SupervisedCodex,
  supervisedCodex,
  timesAsked,
  userMessages,
} from './supervised-codex.js';

const QUEUE = { whenBusy: 'queue' } as const;
const EXPERIMENTAL = { experimentalApi: true };

/** Settles when so many items wait in the queue. */
async function untilQueued(
  client: { threadQueueList(params: { threadId: string }): Promise<{ data: readonly object[] }> },
  threadId: string,
  count: number,
): Promise<void> {
  while ((await client.threadQueueList({ threadId })).data.length !== count) await pause(20);
}

/** Begins a turn that goes on until its server ends; `failed` settles with what its run rejects with. */
async function longRun({ supervisor, provider }: SupervisedCodex, threadId: string) {
  provider.when({ userText: 'long' }, [text('half ', gate())]);
  const run = supervisor.turnRun({ threadId, input: 'long' });
  const failed = errorOf(run.result());
  await run.started();
  return { failed };
}

const saidOf = async (run: TurnRun) => (await run.result()).finalMessage;

describe('a run in the queue', () => {
  test('L14 begins at once on a thread that is free, and its loop has all of its turn', async () => {
    await using codex = await codexWithModel(EXPERIMENTAL);
    const threadId = await codex.newThread();
    const run = codex.client.turnRun({ threadId, input: 'one' }, QUEUE);
    const seen: [string, unknown][] = [];
    for await (const { method, params } of run) {
      const { turnId, turn } = params as { turnId?: string; turn?: { id: string } };
      seen.push([method, turn?.id ?? turnId ?? run.turnId]);
    }
    expect(seen[0]?.[0]).toBe('turn/started');
    expect(seen.at(-1)?.[0]).toBe('turn/completed');
    expect(new Set(seen.map(([, turnId]) => turnId))).toEqual(new Set([run.turnId]));
    expect(await run.result()).toMatchObject({ finalMessage: 'Echo: one', joined: false, recovered: false });
  });

  test('L14 waits at the server behind the turn that runs, goes on after one that failed, and later runs come behind it', async () => {
    await using codex = await codexWithModel(EXPERIMENTAL);
    const threadId = await codex.newThread();
    const silence = gate();
    codex.provider.enqueue(
      [text('first ', silence, 'done')],
      [failure({ code: 'rate_limit_exceeded', message: 'no' })],
    );
    const first = codex.client.turnRun({ threadId, input: 'first' });
    const failing = codex.client.turnRun({ threadId, input: 'failing' }, QUEUE);
    const failed = errorOf(failing.result());
    const queued = ['2', '3', '4'].map((input) => codex.client.turnRun({ threadId, input }, QUEUE));
    const last = codex.client.turnRun({ threadId, input: 'last' });
    const texts = Promise.all([first, ...queued, last].map(saidOf));
    await untilQueued(codex.client, threadId, 4);
    silence.open();
    expect(await texts).toEqual(['first done', 'Echo: 2', 'Echo: 3', 'Echo: 4', 'Echo: last']);
    expect(await failed).toMatchObject({ code: 'CODEX_TURN_FAILED' });
    const order = (await userMessages(codex.client, threadId)).map((message) => message.text);
    expect(order).toEqual(['first', 'failing', '2', '3', '4', 'last']);
  });

  test('L15 runs after a turn that was interrupted, before it was added and after', async () => {
    await using codex = await codexWithModel(EXPERIMENTAL);
    const threadId = await codex.newThread();
    codex.provider.when({ userText: 'long' }, [text('half ', gate())]);
    const first = codex.client.turnRun({ threadId, input: 'long' });
    await first.started();
    const waits = codex.client.turnRun({ threadId, input: 'waits' }, QUEUE);
    const said = saidOf(waits);
    await untilQueued(codex.client, threadId, 1);
    await first.interrupt();
    expect(await said).toBe('Echo: waits');
    const second = codex.client.turnRun({ threadId, input: 'long' }, QUEUE);
    await second.started();
    await second.interrupt();
    expect((await second.result()).status).toBe('interrupted');
    expect(await saidOf(codex.client.turnRun({ threadId, input: 'after' }, QUEUE))).toBe('Echo: after');
  });

  test('L11 is taken back in time, and no model has seen it; too late it is interrupted', async () => {
    await using codex = await codexWithModel(EXPERIMENTAL);
    const threadId = await codex.newThread();
    const silence = gate();
    codex.provider.when({ userText: 'long' }, [text('half ', silence)]);
    const first = codex.client.turnRun({ threadId, input: 'long' });
    const abort = new AbortController();
    const [interrupted, left, aborted] = ['interrupted', 'left', 'aborted'].map((input) => {
      const { signal } = input === 'aborted' ? abort : new AbortController();
      return codex.client.turnRun({ threadId, input }, { ...QUEUE, signal });
    }) as [TurnRun, TurnRun, TurnRun];
    const errors = [interrupted, left, aborted].map((run) => errorOf(run.result()));
    await untilQueued(codex.client, threadId, 3);
    await interrupted.interrupt();
    await left.return();
    abort.abort(new Error('enough'));
    expect(await Promise.all(errors)).toMatchObject([
      { name: 'AbortError' },
      { name: 'AbortError' },
      { message: 'enough' },
    ]);
    await untilQueued(codex.client, threadId, 0);
    silence.open();
    await first.result();
    const late = codex.client.turnRun({ threadId, input: 'late' }, QUEUE);
    const result = errorOf(late.result());
    const listening = codex.client.tap({ threadId, methods: ['turn/started'] });
    await listening.next();
    await late.interrupt();
    await result;
    for (const input of ['interrupted', 'left', 'aborted']) expect(timesAsked(codex.provider, input)).toBe(0);
    expect(await saidOf(codex.client.turnRun({ threadId, input: 'next' }))).toBe('Echo: next');
  });

  test('that somebody else takes out rejects, and the turns of others stay theirs', async () => {
    await using codex = await codexWithModel(EXPERIMENTAL);
    const threadId = await codex.newThread();
    const silence = gate();
    codex.provider.when({ userText: 'by hand' }, [text('half ', silence, 'whole')]);
    const { turn } = await codex.client.turnStart({ threadId, input: 'by hand' });
    const removed = errorOf(codex.client.turnRun({ threadId, input: 'removed' }, QUEUE).result());
    const stays = codex.client.turnRun({ threadId, input: 'stays' }, QUEUE);
    const said = saidOf(stays);
    await untilQueued(codex.client, threadId, 2);
    const { data } = await codex.client.threadQueueList({ threadId });
    await codex.client.threadQueueDelete({ threadId, queuedSubmissionId: data[0]?.id ?? '' });
    expect(await removed).toMatchObject({ code: 'CODEX_TURN_REMOVED', threadId });
    silence.open();
    expect(await said).toBe('Echo: stays');
    const byHand = await codex.client.nextMessage({ methods: ['turn/completed'], threadId });
    expect(byHand?.params).toMatchObject({ turn: { id: turn.id } });
  });

  test('runs between the turns of a goal', async () => {
    await using codex = await codexWithModel(EXPERIMENTAL);
    const threadId = await codex.newThread();
    const silence = gate();
    codex.provider.enqueue([text('goal ', silence, 'on')]);
    await codex.client.threadGoalSet({ threadId, objective: 'count', tokenBudget: 500 });
    const run = codex.client.turnRun({ threadId, input: 'between' }, QUEUE);
    const result = run.result();
    await untilQueued(codex.client, threadId, 1);
    silence.open();
    expect((await result).items[0]).toMatchObject({ type: 'userMessage', content: [{ text: 'between' }] });
    await codex.client.threadGoalClear({ threadId });
  });

  test('is taken out by a shutdown that lets turns end, so that it is not on the disk', async () => {
    await using codex = await supervisedCodex();
    const threadId = await codex.keptThread();
    const client = await codex.supervisor.client();
    const { failed } = await longRun(codex, threadId);
    const queued = errorOf(codex.supervisor.turnRun({ threadId, input: 'queued' }, QUEUE).result());
    await untilQueued(client, threadId, 1);
    await client.shutdown({ drainMs: 500 });
    await failed;
    // The supervisor goes on, and so does the run that was taken out of the queue of the server before.
    expect(await queued).toBeUndefined();
    expect(timesAsked(codex.provider, 'queued')).toBe(1);
  });
});

describe('L24 a queued run whose server is killed', () => {
  test('runs with the next server, in order, three at a time', async () => {
    await using codex = await supervisedCodex();
    const threadId = await codex.keptThread();
    const { failed } = await longRun(codex, threadId);
    const texts = Promise.all(
      ['1', '2', '3'].map((input) => saidOf(codex.supervisor.turnRun({ threadId, input }, QUEUE))),
    );
    await untilQueued(await codex.supervisor.client(), threadId, 3);
    await codex.kill();
    expect(await failed).toMatchObject({ code: 'CODEX_SERVER_CLOSED' });
    expect(await texts).toEqual(['Echo: 1', 'Echo: 2', 'Echo: 3']);
    const kept = await userMessages(await codex.supervisor.client(), threadId);
    expect(kept.map((message) => message.text).slice(-3)).toEqual(['1', '2', '3']);
    for (const input of ['1', '2', '3']) expect(timesAsked(codex.provider, input)).toBe(1);
  });

  test('in the middle of its turn settles with that turn, and those behind it run', async () => {
    await using codex = await supervisedCodex();
    const threadId = await codex.keptThread();
    codex.provider.when({ userText: 'long' }, [text('half ', gate())]);
    const client = await codex.supervisor.client();
    const deltas = client.tap({ threadId, methods: ['item/agentMessage/delta'] });
    const long = codex.supervisor.turnRun({ threadId, input: 'long' }, QUEUE);
    const result = long.result();
    const next = saidOf(codex.supervisor.turnRun({ threadId, input: 'next' }, QUEUE));
    await untilQueued(client, threadId, 1);
    await deltas.next();
    await codex.kill();
    expect(await result).toMatchObject({ status: 'interrupted', recovered: true });
    expect(await next).toBe('Echo: next');
    expect(timesAsked(codex.provider, 'long')).toBe(1);
  });

  test.each([
    'thread/queue/changed',
    'thread/status/changed',
    'turn/started',
    'item/started',
    'item/completed',
  ])('at its first %s runs once, or settles with what was kept of it', async (method) => {
    await using codex = await supervisedCodex();
    const threadId = await codex.keptThread();
    const client = await codex.supervisor.client();
    const tap = client.tap({ threadId, methods: [method] });
    const result = codex.supervisor.turnRun({ threadId, input: 'go' }, QUEUE).result();
    await tap.next();
    await codex.kill();
    const { status } = await result;
    expect(['completed', 'interrupted']).toContain(status);
    const kept = await userMessages(await codex.supervisor.client(), threadId);
    // Of a turn that was killed as its message began the server may keep the turn alone.
    const own = kept.filter((message) => message.text === 'go').map((message) => message.status);
    expect([[status], ...(status === 'interrupted' ? [[]] : [])]).toContainEqual(own);
    expect(timesAsked(codex.provider, 'go')).toBeLessThanOrEqual(1);
  });

  test('that is given up before the next one lives is not run by it', async () => {
    await using codex = await supervisedCodex();
    const threadId = await codex.keptThread();
    const { failed } = await longRun(codex, threadId);
    const abort = new AbortController();
    const run = codex.supervisor.turnRun({ threadId, input: 'queued' }, { ...QUEUE, signal: abort.signal });
    const aborted = errorOf(run.result());
    const client = await codex.supervisor.client();
    await untilQueued(client, threadId, 1);
    await codex.kill();
    await client.closed;
    abort.abort();
    expect([await aborted, await failed]).toMatchObject([
      { name: 'AbortError' },
      { code: 'CODEX_SERVER_CLOSED' },
    ]);
    expect(await saidOf(codex.supervisor.turnRun({ threadId, input: 'after' }))).toBe('Echo: after');
    expect(timesAsked(codex.provider, 'queued')).toBe(0);
  });
});
