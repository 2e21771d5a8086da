/** A run that is left to the server's own queue: how it gets there, which turn is its, and how it is taken back. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { outcomeOf } from '../../helpers/piped-server.js';
import { agentMessage, collected, methodsOf } from '../played-server.js';
import { message, QueueServer } from './played-queue.js';

const QUEUE = { whenBusy: 'queue' } as const;
const mute = (promise: Promise<unknown>) => void promise.catch(() => undefined);

afterEach(() => {
  vi.useRealTimers();
});

describe('a queued run', () => {
  test('is added with an id of its own, follows the turn that begins with it, and begins with turn/started', async () => {
    await using server = new QueueServer();
    const run = server.client.turnRun({ threadId: 't', input: 'x' }, QUEUE);
    const methods = methodsOf(run);
    const item = await server.item();
    expect(item.request.params).toEqual({
      threadId: 't',
      input: [{ type: 'text', text: 'x', text_elements: [] }],
      clientUserMessageId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    item.accept();
    await server.list();
    expect(run.turnId).toBeUndefined();
    item.begin().item(agentMessage('m1', 'hello')).complete();
    expect(await methods).toEqual(['turn/started', 'item/started', 'item/completed', 'turn/completed']);
    expect(await run.result()).toMatchObject({
      finalMessage: 'hello',
      joined: false,
      recovered: false,
      raw: { start: undefined, started: { turn: { id: 'turn-of-item-1' } } },
    });
    expect(await run.started()).toEqual({ threadId: 't', turnId: 'turn-of-item-1' });
    expect(server.sent('turn/start')).toBe(0);
  });

  test('has the id that its params have, and what else the queue carries', async () => {
    await using server = new QueueServer();
    const params = { clientUserMessageId: 'mine', responsesapiClientMetadata: { a: 'b' } };
    const run = server.client.turnRun(
      { threadId: 't', input: 'x', ...params },
      { ...QUEUE, startTimeoutMs: 5_000 },
    );
    mute(run.result());
    const item = await server.item();
    expect(item.request.params).toMatchObject(params);
    expect(() => server.client.turnRun({ threadId: 't', input: 'y', ...params }, QUEUE)).toThrow(
      /params\.clientUserMessageId: a turn with the id "mine" waits in the queue of thread t already/,
    );
  });

  test('may begin before it is added, as far as its client knows', async () => {
    await using server = new QueueServer();
    const run = server.client.turnRun({ threadId: 't', input: 'x' }, QUEUE);
    const methods = methodsOf(run);
    const item = await server.item();
    const turn = item.begin();
    item.accept();
    turn.complete();
    expect(await methods).toEqual(['turn/started', 'item/started', 'turn/completed']);
  });

  test('L1 leaves the turns of others to those who read them, whole and in order', async () => {
    await using server = new QueueServer();
    const run = server.client.turnRun({ threadId: 't', input: 'x' }, QUEUE);
    const methods = methodsOf(run);
    const item = (await server.item()).accept();
    await server.list(item);
    server.foreign('another', 'not ours').say('theirs').complete();
    // A goal's turn begins with no message.
    item.turn('of a goal').started().item(agentMessage('m1', 'goal')).complete();
    // One that ended before its message.
    item.turn('short').started().complete('failed');
    item.begin().complete();
    expect(await methods).toEqual(['turn/started', 'item/started', 'turn/completed']);
    const seen: unknown[] = [];
    for await (const { method, params } of server.client.events({ threadId: 't' })) {
      const { turnId, turn } = params as { turnId?: string; turn?: { id: string } };
      seen.push([turn?.id ?? turnId, method]);
      if (seen.length === 9) break;
    }
    expect(seen).toEqual([
      ['another', 'turn/started'],
      ['another', 'item/started'],
      ['another', 'item/agentMessage/delta'],
      ['another', 'turn/completed'],
      ['of a goal', 'turn/started'],
      ['of a goal', 'item/completed'],
      ['of a goal', 'turn/completed'],
      ['short', 'turn/started'],
      ['short', 'turn/completed'],
    ]);
  });

  test('L1 is told of a compaction that comes before its message', async () => {
    await using server = new QueueServer();
    const methods = methodsOf(server.client.turnRun({ threadId: 't', input: 'x' }, QUEUE));
    const other = server.client.nextMessage({ threadId: 't' });
    const item = (await server.item()).accept();
    await server.list();
    const turn = item.turn().started().item({ type: 'contextCompaction', id: 'c' });
    await server.piped.quiet();
    message(turn, item.key);
    turn.complete();
    server.foreign('theirs');
    expect((await other)?.params).toMatchObject({ turn: { id: 'theirs' } });
    expect(await methods).toEqual(['turn/started', 'item/completed', 'item/started', 'turn/completed']);
  });

  test('L14 two of them are added in order, each gets its own turn, and a later run waits for both', async () => {
    await using server = new QueueServer();
    const runs = ['1', '2'].map((input) => server.client.turnRun({ threadId: 't', input }, QUEUE));
    const texts = runs.map(async (run) => (await run.result()).finalMessage);
    const later = server.client.turnRun({ threadId: 't', input: '3' });
    const first = await server.item();
    await server.piped.quiet();
    expect(server.sent('thread/queue/add')).toBe(1);
    first.accept();
    const second = (await server.item()).accept();
    await server.list(second);
    first.begin().item(agentMessage('m1', 'one')).complete();
    second.begin().item(agentMessage('m2', 'two')).complete();
    expect(await Promise.all(texts)).toEqual(['one', 'two']);
    (await server.turn()).accept().complete();
    expect((await later.result()).status).toBe('completed');
  });

  test('L14 is added when the one before has begun, although the server has not answered that', async () => {
    await using server = new QueueServer();
    for (const input of ['1', '2']) mute(server.client.turnRun({ threadId: 't', input }, QUEUE).result());
    (await server.item()).begin();
    expect((await server.item()).request.params).toMatchObject({ input: [{ text: '2' }] });
  });

  test('L14 does not wait for the end of a run before it, only until that has begun', async () => {
    await using server = new QueueServer();
    const first = server.client.turnRun({ threadId: 't', input: '1' });
    const queued = server.client.turnRun({ threadId: 't', input: '2' }, QUEUE).result();
    const turn = await server.turn();
    await server.piped.quiet();
    expect(server.sent('thread/queue/add')).toBe(0);
    turn.accept().started();
    const item = (await server.item()).accept();
    turn.complete();
    await first.result();
    item.begin().complete();
    expect((await queued).status).toBe('completed');
  });

  test('fails as its turn does, and as thread/queue/add does', async () => {
    await using server = new QueueServer();
    const failed = server.client.turnRun({ threadId: 't', input: '1' }, QUEUE).result();
    (await server.item()).accept().begin().complete('failed', 'no');
    await expect(failed).rejects.toMatchObject({ code: 'CODEX_TURN_FAILED' });
    const refused = server.client.turnRun({ threadId: 't', input: '2' }, QUEUE).result();
    server.refuse((await server.item()).request, 'ephemeral thread does not support queued submissions');
    await expect(refused).rejects.toMatchObject({ code: 'CODEX_RPC', serverMessage: /ephemeral/ });
    const odd = server.client.turnRun({ threadId: 't', input: '3' }, QUEUE).result();
    server.answer((await server.item()).request, {});
    await expect(odd).rejects.toMatchObject({ code: 'CODEX_PROTOCOL' });
  });

  test('L10 rejects when its server goes while it waits', async () => {
    await using server = new QueueServer();
    const result = server.client.turnRun({ threadId: 't', input: '1' }, QUEUE).result();
    (await server.item()).accept().turn().started();
    await server.piped.quiet();
    server.piped.end();
    await expect(result).rejects.toMatchObject({ code: 'CODEX_SERVER_CLOSED' });
    // What was held of a turn that may have been its reaches whoever reads.
    expect((await server.client.nextMessage())?.method).toBe('turn/started');
  });
});

describe('a queued run that nobody wants any more', () => {
  test('L11 is taken out of the queue by interrupt(), and its result says so', async () => {
    await using server = new QueueServer();
    const run = server.client.turnRun({ threadId: 't', input: 'x' }, QUEUE);
    const failed = outcomeOf(run.result());
    const item = (await server.item()).accept();
    await server.list(item);
    server.refuse(await server.next('thread/queue/start'), 'thread already has an active or pending turn');
    const interrupted = run.interrupt();
    expect(await server.delete(true)).toBe(item.id);
    await interrupted;
    expect(await failed).toMatchObject({ name: 'AbortError', message: /taken out of the queue/ });
    expect(server.sent('turn/interrupt')).toBe(0);
  });

  test('L11 is interrupted where it has just begun', async () => {
    await using server = new QueueServer();
    const run = server.client.turnRun({ threadId: 't', input: 'x' }, QUEUE);
    const result = run.result();
    const item = (await server.item()).accept();
    const interrupted = run.interrupt();
    await server.delete(false);
    const turn = item.begin();
    const interrupt = await server.next('turn/interrupt');
    expect(interrupt.params).toEqual({ threadId: 't', turnId: turn.turnId });
    server.answer(interrupt, {});
    turn.complete('interrupted');
    await interrupted;
    expect((await result).status).toBe('interrupted');
  });

  test('L11 is taken out when it is left before it is added, once that was answered', async () => {
    await using server = new QueueServer();
    const run = server.client.turnRun({ threadId: 't', input: 'x' }, QUEUE);
    const item = await server.item();
    await run.return();
    const next = server.client.turnRun({ threadId: 't', input: 'next' }).result();
    await server.piped.quiet();
    expect(server.sent('thread/queue/delete')).toBe(0);
    item.accept();
    expect(await server.delete(true)).toBe(item.id);
    await expect(run.result()).rejects.toMatchObject({ name: 'AbortError' });
    (await server.turn()).accept().complete();
    expect((await next).status).toBe('completed');
  });

  test('L11 that was left is interrupted when its turn begins all the same, and read by nobody', async () => {
    await using server = new QueueServer();
    const run = server.client.turnRun({ threadId: 't', input: 'x' }, QUEUE);
    const item = (await server.item()).accept();
    await run.return();
    await server.delete(false);
    const turn = item.begin();
    server.answer(await server.next('turn/interrupt'), {});
    turn.complete('interrupted');
    expect(await run.next()).toEqual({ done: true, value: undefined });
    expect((await run.result()).status).toBe('interrupted');
    expect((await server.client.nextMessage({ threadId: 't' }))?.method).toBe('turn/completed');
  });

  test('L11 stays in the queue with detach, and the next run waits for its end', async () => {
    await using server = new QueueServer();
    const run = server.client.turnRun({ threadId: 't', input: 'x' }, { ...QUEUE, detach: true });
    const item = (await server.item()).accept();
    await server.list(item);
    await run.return();
    const next = server.client.turnRun({ threadId: 't', input: 'next' }).result();
    const turn = item.begin();
    await server.piped.quiet();
    expect([server.sent('thread/queue/delete'), server.sent('turn/start')]).toEqual([0, 0]);
    turn.say('for whoever reads').complete();
    const read = await server.client.nextMessage({ methods: ['item/agentMessage/delta'] });
    expect(read?.params).toMatchObject({ turnId: turn.turnId });
    (await server.turn()).accept().complete();
    expect((await next).status).toBe('completed');
    expect((await run.result()).status).toBe('completed');
  });

  test('an abort and a time limit take it out, and reject with their reasons', async () => {
    await using server = new QueueServer();
    const abort = new AbortController();
    const aborted = server.client
      .turnRun({ threadId: 't', input: '1' }, { ...QUEUE, signal: abort.signal })
      .result();
    mute(aborted);
    (await server.item()).accept();
    abort.abort(new Error('enough'));
    await expect(aborted).rejects.toThrow('enough');
    await server.delete(true);
    const late = server.client.turnRun({ threadId: 't', input: '2' }, { ...QUEUE, timeoutMs: 5 }).result();
    await expect(late).rejects.toMatchObject({ code: 'CODEX_REQUEST_TIMEOUT' });
  });

  test('one that waits in line is never sent', async () => {
    await using server = new QueueServer();
    const first = server.client.turnRun({ threadId: 't', input: '1' });
    mute(first.result());
    const run = server.client.turnRun({ threadId: 't', input: '2' }, QUEUE);
    const left = server.client.turnRun({ threadId: 't', input: '3' }, QUEUE);
    const turn = await server.turn();
    await run.interrupt();
    await left.return();
    await expect(run.result()).rejects.toMatchObject({ name: 'AbortError', message: /never sent/ });
    await expect(left.result()).rejects.toMatchObject({ name: 'AbortError', message: /never sent/ });
    turn.accept().complete();
    await server.piped.quiet();
    expect(server.sent('thread/queue/add')).toBe(0);
  });

  test('whose add is not answered in time is looked for by its id, and taken out', async () => {
    await using server = new QueueServer();
    const run = server.client.turnRun({ threadId: 't', input: '1' }, { ...QUEUE, startTimeoutMs: 5 });
    const failed = run.result().catch((error: unknown) => error);
    const item = await server.item();
    await server.list(item);
    expect(await server.delete(true)).toBe(item.id);
    expect(await failed).toMatchObject({ code: 'CODEX_REQUEST_TIMEOUT', method: 'thread/queue/add' });
  });

  test('L15 whose add is not answered, and of which the server has nothing, ends and lets the next one start', async () => {
    await using server = new QueueServer();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    const run = server.client.turnRun({ threadId: 't', input: '1' }, { ...QUEUE, startTimeoutMs: 5 });
    const failed = run.result().catch((error: unknown) => error);
    const next = server.client.turnRun({ threadId: 't', input: 'next' }).result();
    await server.item();
    await vi.advanceTimersByTimeAsync(5);
    await server.list();
    await vi.advanceTimersByTimeAsync(1_000);
    await server.tell('idle');
    expect(await failed).toMatchObject({ code: 'CODEX_REQUEST_TIMEOUT' });
    (await server.turn()).accept().complete();
    expect((await next).status).toBe('completed');
  });
});

describe('a shutdown that lets turns end', () => {
  test('takes out what has not begun, lets run what has, and adds nothing more', async () => {
    await using server = new QueueServer();
    const runs = ['1', '2', '3'].map((input) =>
      server.client.turnRun({ threadId: 't', input }, QUEUE).result(),
    );
    for (const run of runs) mute(run);
    const first = (await server.item()).accept();
    const second = (await server.item()).accept();
    await server.item();
    const turn = first.begin();
    await server.piped.quiet();
    const down = server.client.shutdown({ drainMs: 60_000 });
    const byHand = server.client.threadQueueAdd({ threadId: 't', input: [], clientUserMessageId: 'raw' });
    await expect(byHand).rejects.toMatchObject({ code: 'CODEX_SERVER_CLOSED' });
    expect(await server.delete(true)).toBe(second.id);
    await expect(runs[1]).rejects.toMatchObject({ code: 'CODEX_SERVER_CLOSED', message: /was not sent/ });
    turn.complete();
    expect((await runs[0])?.status).toBe('completed');
    server.piped.end();
    await down;
    await expect(runs[2]).rejects.toMatchObject({ code: 'CODEX_SERVER_CLOSED' });
  });
});

test('a thread run can leave its first turn to the queue', async () => {
  await using server = new QueueServer();
  const result = server.client.threadRun({ turn: 'x' }, QUEUE).result();
  server.answer(await server.next('thread/start'), { thread: { id: 't', turns: [] } });
  (await server.item()).accept().begin().complete();
  expect(await result).toMatchObject({ threadId: 't', status: 'completed' });
});

test('steer() and the text are those of its turn', async () => {
  await using server = new QueueServer();
  const run = server.client.turnRun({ threadId: 't', input: 'x' }, QUEUE);
  const steered = run.steer('more');
  const text = collected(run.text());
  const turn = (await server.item()).accept().begin();
  const steer = await server.next('turn/steer');
  expect(steer.params).toMatchObject({ expectedTurnId: turn.turnId });
  server.answer(steer, { turnId: turn.turnId });
  turn.say('hel', 'lo').complete();
  expect([await steered, await text]).toEqual([{ turnId: turn.turnId }, ['hel', 'lo']]);
});
