/** L24: runs that are left to the server's queue, over servers that end: nothing runs twice, and nothing is lost that the disk has. */
import type { TurnRun } from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import { startTurnRun } from '../../src/runs/turn/turn-run.js';
import { outcomeOf } from '../helpers/piped-server.js';
import { agentMessage, methodsOf, PlayedTurn } from '../runs/played-server.js';
import { itemOf, message } from '../runs/turn/played-queue.js';
import { keptAs, type PlayedLife, PlayedLives, userMessage } from './played-lives.js';

const QUEUE = { whenBusy: 'queue' } as const;

/** Adds the next item, which the server takes. */
async function added({ server }: PlayedLife, itemId = 'item') {
  const request = await server.next('thread/queue/add');
  const key = String(request.params?.['clientUserMessageId']);
  server.answer(request, { queuedSubmission: itemOf(itemId, key) });
  return { key, request };
}

const listed = async ({ server }: PlayedLife, ...items: object[]) =>
  server.answer(await server.next('thread/queue/list'), { data: items, nextCursor: null });

/** The turn of an item, which has begun. */
function begun({ server }: PlayedLife, key: string, turnId = 'turn'): PlayedTurn {
  const turn = new PlayedTurn(server, { params: { threadId: 't' } }, turnId).started();
  message(turn, key);
  return turn;
}

/** A run whose item waits at a server that goes. */
async function waiting(lives: PlayedLives, options: object = {}) {
  const life = lives.begin();
  const run = lives.runs.turnRun({ threadId: 't', input: 'x' }, { ...QUEUE, ...options });
  const result = run.result();
  result.catch(() => {});
  const { key } = await added(life);
  await listed(life, itemOf('item', key));
  life.server.refuse(await life.server.next('thread/queue/start'), 'active or pending turn');
  return { run, result, key, life };
}

describe('L24 a supervised run in the queue', () => {
  test('waits for its item at the next server, where that has it, and adds nothing', async () => {
    await using lives = new PlayedLives();
    const { result, key } = await waiting(lives);
    const next = await lives.restart();
    await listed(next, itemOf('item', key));
    await listed(next, itemOf('item', key));
    next.server.refuse(await next.server.next('thread/queue/start'), 'active or pending turn');
    begun(next, key).item(agentMessage('m', 'done')).complete();
    expect(await result).toMatchObject({ finalMessage: 'done', recovered: false });
    expect(next.server.sent('thread/queue/add')).toBe(0);
    expect(next.threads.asked).toEqual(['t']);
  });

  test('has its turn from the beginning where that begins with the resume, before anybody has looked', async () => {
    await using lives = new PlayedLives();
    const life = lives.begin();
    const methods = methodsOf(lives.runs.turnRun({ threadId: 't', input: 'x' }, QUEUE));
    const { key } = await added(life);
    const next = await lives.restart();
    const look = await next.server.next('thread/queue/list');
    const turn = begun(next, key);
    next.server.answer(look, { data: [], nextCursor: null });
    turn.complete();
    expect(await methods).toEqual(['turn/started', 'item/started', 'turn/completed']);
    expect(next.server.sent('thread/queue/add')).toBe(0);
  });

  test('settles with its turn where that was running when its server went', async () => {
    await using lives = new PlayedLives();
    const { result, key, life, run } = await waiting(lives);
    begun(life, key);
    await run.started();
    const next = await lives.restart();
    await listed(next);
    await next.tell('idle', keptAs('turn', 'interrupted', userMessage(key)));
    expect(await result).toMatchObject({ status: 'interrupted', recovered: true, joined: false });
    expect(next.server.sent('thread/queue/add')).toBe(0);
  });

  test('is added again, with the same id, where the next server has neither', async () => {
    await using lives = new PlayedLives();
    const { result, key } = await waiting(lives);
    const next = await lives.restart();
    await listed(next);
    // A turn that ended before its message was kept: no model has seen it.
    await next.tell('idle', keptAs('lost', 'interrupted'));
    expect((await added(next, 'again')).key).toBe(key);
    begun(next, key).complete();
    expect((await result).status).toBe('completed');
  });

  test('is looked for again where the resume has begun with its item, which is nowhere for a moment', async () => {
    await using lives = new PlayedLives();
    const { result, key, life } = await waiting(lives);
    await life.crash();
    const next = lives.begin();
    next.threads.begun.add('t');
    await listed(next);
    await next.tell('idle');
    await listed(next);
    const look = await next.server.next('thread/read');
    begun(next, key).complete();
    next.server.answer(look, { thread: { id: 't', status: { type: 'idle' }, turns: [] } });
    expect((await result).status).toBe('completed');
    expect(next.server.sent('thread/queue/add')).toBe(0);
  });

  test('that was never sent is sent once, to the next server, and looked for nowhere', async () => {
    await using lives = new PlayedLives();
    const result = lives.runs.turnRun({ threadId: 't', input: 'x' }, QUEUE).result();
    const life = lives.begin();
    const { key } = await added(life);
    begun(life, key).complete();
    expect((await result).status).toBe('completed');
    expect([life.server.sent('thread/read'), life.server.sent('thread/queue/list') <= 1]).toEqual([0, true]);
  });

  test('with a key is looked for first, also in the queue: another program may have left it there', async () => {
    await using lives = new PlayedLives();
    const options = { ...QUEUE, idempotencyKey: 'job-7' };
    const result = lives.runs.turnRun({ threadId: 't', input: 'x' }, options).result();
    expect(lives.queuedKeys.of('t').has('job-7')).toBe(true);
    const life = lives.begin();
    await listed(life, itemOf('item', 'job-7'));
    begun(life, 'job-7').complete();
    expect((await result).status).toBe('completed');
    expect(life.server.sent('thread/queue/add')).toBe(0);
    await life.server.piped.quiet();
    expect(lives.queuedKeys.of('t').has('job-7')).toBe(false);
  });

  test.each([
    ['interrupted', (run: TurnRun) => run.interrupt()],
    ['left', (run: TurnRun) => run.return()],
  ])(
    'L11 with a key, of which the server has nothing, is never sent when it is %s in line',
    async (_, stop) => {
      await using lives = new PlayedLives();
      const life = lives.begin();
      const direct = startTurnRun(life.peer, life.queues, { threadId: 't', input: 'direct' }).result();
      const turn = await life.server.turn();
      const run = lives.runs.turnRun({ threadId: 't', input: 'x' }, { ...QUEUE, idempotencyKey: 'job-7' });
      const outcome = expect(run.result()).rejects.toMatchObject({ name: 'AbortError' });
      await listed(life);
      await life.tell('idle');
      await life.server.piped.quiet();
      await stop(run);
      await outcome;
      turn.accept().complete();
      await direct;
      await life.server.piped.quiet();
      expect(life.server.sent('thread/queue/add')).toBe(0);
    },
  );

  test('keeps the order of its thread over servers, and a run behind it waits for its end', async () => {
    await using lives = new PlayedLives();
    const life = lives.begin();
    const results = ['1', '2'].map((input) => lives.runs.turnRun({ threadId: 't', input }, QUEUE).result());
    const last = lives.runs.turnRun({ threadId: 't', input: '3' }).result();
    const keys = [(await added(life, 'one')).key, (await added(life, 'two')).key] as const;
    const next = await lives.restart();
    const items = [itemOf('one', keys[0]), itemOf('two', keys[1])];
    for (let looks = 0; looks < 2; looks += 1) await listed(next, ...items);
    await next.server.piped.quiet();
    for (const key of keys) begun(next, key, `turn of ${key}`).complete();
    expect(await Promise.all(results)).toMatchObject([{ status: 'completed' }, { status: 'completed' }]);
    (await next.server.turn()).accept().complete();
    expect((await last).status).toBe('completed');
  });
});

describe('L24 a supervised run in the queue of a server that lives on', () => {
  test('goes on with its turn, which runs there, and leaving it interrupts that', async () => {
    await using lives = new PlayedLives({ areConnections: true });
    const { run, result, key, life } = await waiting(lives);
    begun(life, key);
    await run.started();
    const next = await lives.restart();
    await listed(next);
    for (let reads = 0; reads < 2; reads += 1)
      await next.tell('active', keptAs('turn', 'inProgress', userMessage(key)));
    await next.server.piped.quiet();
    await run.return();
    next.server.answer(await next.server.next('turn/interrupt'), {});
    const ended = { threadId: 't', turn: keptAs('turn', 'interrupted') };
    next.server.piped.send({ method: 'turn/completed', params: ended });
    expect((await result).status).toBe('interrupted');
    expect(next.server.sent('thread/queue/add')).toBe(0);
  });

  test('waits for its item, which still waits there', async () => {
    await using lives = new PlayedLives({ areConnections: true });
    const { result, key } = await waiting(lives);
    const next = await lives.restart();
    for (let looks = 0; looks < 2; looks += 1) await listed(next, itemOf('item', key));
    next.server.refuse(await next.server.next('thread/queue/start'), 'active or pending turn');
    begun(next, key).complete();
    expect((await result).status).toBe('completed');
    expect(next.server.sent('thread/queue/add')).toBe(0);
  });
});

describe('L24 a supervised run in the queue that nobody wants any more', () => {
  test('is taken out at its server', async () => {
    await using lives = new PlayedLives();
    const { run, result, life } = await waiting(lives);
    const interrupted = run.interrupt();
    life.server.answer(await life.server.next('thread/queue/delete'), { deleted: true });
    await interrupted;
    await expect(result).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('is taken out at the next server before its thread is resumed', async () => {
    await using lives = new PlayedLives();
    const { run, result, key, life } = await waiting(lives);
    await life.crash();
    const interrupted = run.interrupt();
    const next = lives.begin();
    await listed(next, itemOf('item', key));
    next.server.answer(await next.server.next('thread/queue/delete'), { deleted: true });
    await interrupted;
    await expect(result).rejects.toMatchObject({ name: 'AbortError' });
    expect(next.threads.asked).toEqual([]);
  });

  test('is interrupted at the next server where it has begun meanwhile', async () => {
    await using lives = new PlayedLives();
    const { run, result, key, life } = await waiting(lives);
    await life.crash();
    const failed = outcomeOf(run.return());
    const next = lives.begin();
    await listed(next);
    const look = await next.server.next('thread/queue/list');
    const turn = begun(next, key);
    next.server.answer(look, { data: [], nextCursor: null });
    next.server.answer(await next.server.next('turn/interrupt'), {});
    turn.complete('interrupted');
    expect((await result).status).toBe('interrupted');
    await failed;
  });
});

describe('L24 a supervised run in the queue of a thread that may not be resumed', () => {
  const spends = new Error('the turn of another would run');

  test('rejects, and takes its turn out, which would run for nobody', async () => {
    await using lives = new PlayedLives();
    const { result, key, life } = await waiting(lives);
    await life.crash();
    const next = lives.begin();
    next.threads.readiness = Promise.reject(spends);
    next.threads.readiness.catch(() => {});
    await listed(next, itemOf('of another', 'key of another'), itemOf('item', key));
    const removed = await next.server.next('thread/queue/delete');
    expect(removed.params).toEqual({ threadId: 't', queuedSubmissionId: 'item' });
    next.server.answer(removed, { deleted: true });
    await expect(result).rejects.toBe(spends);
  });

  test('leaves there what it has not sent itself', async () => {
    await using lives = new PlayedLives();
    const life = lives.begin();
    life.threads.readiness = Promise.reject(spends);
    life.threads.readiness.catch(() => {});
    const options = { ...QUEUE, idempotencyKey: 'job-7' };
    await expect(lives.runs.turnRun({ threadId: 't', input: 'x' }, options).result()).rejects.toBe(spends);
    await life.server.piped.quiet();
    expect(life.server.sent('thread/queue/list') + life.server.sent('thread/queue/delete')).toBe(0);
  });
});

test('L20 what the queue cannot carry is refused at the call', async () => {
  await using lives = new PlayedLives();
  const run = () => lives.runs.turnRun({ threadId: 't', input: 'x', model: 'gpt' }, QUEUE);
  expect(run).toThrow(/params\.model: a turn in the server's queue/);
});
