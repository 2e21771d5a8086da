/** L15: a turn that waits in the server's queue runs, or its run is told why not, whatever others do to the queue. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { IDLE_STATUS_GRACE_MS } from '../../../src/support/defaults.js';
import { methodsOf, turnOf } from '../played-server.js';
import { itemOf, type PlayedItem, QueueServer, userMessage } from './played-queue.js';

const QUEUE = { whenBusy: 'queue' } as const;
const mute = (promise: Promise<unknown>) => void promise.catch(() => undefined);

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});

afterEach(() => {
  vi.useRealTimers();
});

const later = (ms = IDLE_STATUS_GRACE_MS) => vi.advanceTimersByTimeAsync(ms);

/** A run whose item waits behind a turn of another. */
async function waiting(server: QueueServer, input = 'x') {
  const run = server.client.turnRun({ threadId: 't', input }, QUEUE);
  const result = run.result();
  mute(result);
  return { run, result, item: (await server.item()).accept() };
}

async function busy(server: QueueServer) {
  const turn = server.foreign('theirs');
  await server.piped.quiet();
  return turn;
}

describe('a queue that stands still', () => {
  test('after a turn that was interrupted is started with ours, where that is the first', async () => {
    await using server = new QueueServer();
    const theirs = await busy(server);
    const { run, result, item } = await waiting(server);
    await server.piped.quiet();
    expect(server.sent('thread/queue/list')).toBe(0);
    theirs.complete('interrupted');
    await server.list(item);
    expect(await server.start('ours')).toBe(item.id);
    const turn = item.turn('ours').started();
    expect(await run.started()).toEqual({ threadId: 't', turnId: 'ours' });
    turn.complete();
    expect(await result).toMatchObject({ status: 'completed', raw: { start: { turn: { id: 'ours' } } } });
  });

  test('is started as soon as the item is added, where the turn before was interrupted', async () => {
    await using server = new QueueServer();
    (await busy(server)).complete('interrupted');
    const { item, result } = await waiting(server);
    await server.list(item);
    await server.start('ours');
    item.turn('ours').started().complete('interrupted');
    expect((await result).status).toBe('interrupted');
  });

  test('has told of the turn before the start is answered', async () => {
    await using server = new QueueServer();
    const methods = methodsOf(server.client.turnRun({ threadId: 't', input: 'x' }, QUEUE));
    const item = (await server.item()).accept();
    await server.list(item);
    const request = await server.next('thread/queue/start');
    const turn = item.turn('ours').started();
    server.answer(request, { turn: turnOf('ours') });
    turn.complete();
    expect(await methods).toEqual(['turn/started', 'turn/completed']);
  });

  test('with items of others before ours is started with ours after a silence', async () => {
    await using server = new QueueServer();
    const theirs = await busy(server);
    const { item, result } = await waiting(server);
    theirs.complete('interrupted');
    const before = { id: 'before', key: 'not ours' } as PlayedItem;
    await server.list(before, item);
    await server.piped.quiet();
    expect(server.sent('thread/queue/start')).toBe(0);
    await later(30_000);
    await server.tell('idle');
    await server.list(before, item);
    expect(await server.start('ours')).toBe(item.id);
    item.turn('ours').started().complete();
    expect((await result).status).toBe('completed');
  });

  test('goes on by itself where the server says so, and a start that was refused for it harms nothing', async () => {
    await using server = new QueueServer();
    const { item, result } = await waiting(server);
    await server.list(item);
    server.refuse(await server.next('thread/queue/start'), 'thread already has an active or pending turn');
    item.begin().complete();
    expect((await result).status).toBe('completed');
  });

  test('goes on behind an item of ours that was taken out', async () => {
    await using server = new QueueServer();
    const theirs = await busy(server);
    const first = await waiting(server, '1');
    const second = await waiting(server, '2');
    theirs.complete('interrupted');
    await server.list(first.item, second.item);
    const start = await server.next('thread/queue/start');
    server.refuse(start, 'no such item');
    mute(first.run.interrupt());
    await server.delete(true);
    await server.list(second.item);
    expect(await server.start('ours')).toBe(second.item.id);
    second.item.turn('ours').started().complete();
    expect((await second.result).status).toBe('completed');
  });

  test('with items of others before ours is not started again with ours before the next silence', async () => {
    await using server = new QueueServer();
    const theirs = await busy(server);
    const { item } = await waiting(server);
    theirs.complete('interrupted');
    const before = { id: 'before', key: 'not ours' } as PlayedItem;
    await server.list(before, item);
    await later(30_000);
    await server.tell('idle');
    await server.list(before, item);
    server.refuse(await server.next('thread/queue/start'), 'the disk is busy');
    server.changed();
    await later();
    await server.list(before, item);
    await server.piped.quiet();
    expect(server.sent('thread/queue/start')).toBe(1);
  });

  test('is not started with one that is being taken out', async () => {
    await using server = new QueueServer();
    const theirs = await busy(server);
    const { run, result, item } = await waiting(server);
    mute(run.interrupt());
    const taking = await server.next('thread/queue/delete');
    theirs.complete('interrupted');
    await server.list(item);
    await server.piped.quiet();
    server.answer(taking, { deleted: true });
    await expect(result).rejects.toMatchObject({ name: 'AbortError' });
    await server.piped.quiet();
    expect(server.sent('thread/queue/start')).toBe(0);
  });

  test('L14 is left alone where a turn begins before the list is told', async () => {
    await using server = new QueueServer();
    const theirs = await busy(server);
    const { item, result } = await waiting(server);
    theirs.complete('interrupted');
    const list = await server.next('thread/queue/list');
    const other = server.foreign('by hand');
    server.answer(list, { data: [itemOf(item.id, item.key)], nextCursor: null });
    await server.piped.quiet();
    expect(server.sent('thread/queue/start')).toBe(0);
    other.complete();
    item.begin().complete();
    expect((await result).status).toBe('completed');
  });

  test('whose thread cannot be used any more rejects the run', async () => {
    await using server = new QueueServer();
    const { item, result } = await waiting(server);
    await server.list(item);
    server.refuse(await server.next('thread/queue/start'), 'thread not found');
    await later(30_000);
    await server.tell('notLoaded');
    await server.list(item);
    server.refuse(await server.next('thread/queue/start'), 'thread not found');
    await expect(result).rejects.toMatchObject({ code: 'CODEX_RPC', serverMessage: 'thread not found' });
  });
});

describe('a queue of which the server says nothing', () => {
  test('L15 because the thread was archived or deleted, rejects the runs that wait there', async () => {
    await using server = new QueueServer();
    const theirs = await busy(server);
    const [one, two] = [await waiting(server, '1'), await waiting(server, '2')];
    theirs.complete('interrupted');
    for (let looks = 0; looks < 2; looks += 1) {
      server.refuse(await server.next('thread/queue/list'), 'session t is archived');
      if (looks === 0) await later();
    }
    for (const { result } of [one, two])
      await expect(result).rejects.toMatchObject({
        code: 'CODEX_RPC',
        serverMessage: 'session t is archived',
      });
    const next = server.client.turnRun({ threadId: 't', input: 'next' });
    mute(next.result());
    await server.turn();
  });

  test('once, is asked again, and goes on', async () => {
    await using server = new QueueServer();
    const { result, item } = await waiting(server);
    for (let looks = 0; looks < 2; looks += 1) {
      server.refuse(await server.next('thread/queue/list'), 'the disk is busy');
      await later();
      await server.list(item);
      server.refuse(await server.next('thread/queue/start'), 'thread already has an active or pending turn');
      if (looks === 0) server.changed();
      await later();
    }
    item.begin().complete();
    expect((await result).status).toBe('completed');
  });
});

test('L15 an item that nobody wants, and that could not be taken out, is taken out at the next look', async () => {
  await using server = new QueueServer();
  await busy(server);
  const { run, result, item } = await waiting(server);
  mute(run.interrupt());
  server.refuse(await server.next('thread/queue/delete'), 'the disk is busy');
  await later();
  await server.list(item);
  expect(await server.delete(true)).toBe(item.id);
  await expect(result).rejects.toMatchObject({ name: 'AbortError', message: /taken out of the queue/ });
});

describe('an item that is not in the list', () => {
  test('is looked for again and again, and a run whose item somebody took out rejects', async () => {
    await using server = new QueueServer();
    await busy(server);
    const { result } = await waiting(server);
    server.changed();
    await later();
    await server.list();
    await later();
    await server.list();
    const theirs = { ...turnOf('theirs'), items: [userMessage(null)] };
    await server.tell('active', theirs);
    await later();
    await server.list();
    await server.tell('active', theirs);
    await expect(result).rejects.toMatchObject({ code: 'CODEX_TURN_REMOVED', threadId: 't' });
  });

  test('of a turn that is about to begin is waited for', async () => {
    await using server = new QueueServer();
    const theirs = await busy(server);
    const { result, item } = await waiting(server);
    theirs.complete();
    server.changed();
    for (let looks = 0; looks < 2; looks += 1) {
      await later();
      await server.list();
    }
    await server.tell('active', turnOf('new'));
    await server.piped.quiet();
    item.begin('new').complete();
    expect((await result).status).toBe('completed');
  });

  test('whose turn was kept settles with that, although nothing of it was told', async () => {
    await using server = new QueueServer();
    const { result, item } = await waiting(server);
    await server.list();
    await later();
    await server.list();
    const said = [userMessage(item.key), { type: 'agentMessage', id: 'm', text: 'said', phase: null }];
    await server.tell('idle', { ...turnOf('kept', 'completed'), items: said, itemsView: 'full' });
    expect(await result).toMatchObject({ recovered: true, finalMessage: 'said', joined: false });
  });

  test('is not asked for while many changes come, and none once it has begun', async () => {
    await using server = new QueueServer();
    await busy(server);
    const { item, result } = await waiting(server);
    for (let changes = 0; changes < 50; changes += 1) server.changed();
    await later();
    await server.list(item);
    expect(server.sent('thread/queue/list')).toBe(1);
    const turn = item.begin();
    server.changed();
    await server.piped.quiet();
    await later(10_000);
    expect(server.sent('thread/queue/list')).toBe(1);
    turn.complete();
    await result;
  });
});

test('L15 a server that says nothing any more rejects the run', async () => {
  await using server = new QueueServer({ requestTimeoutMs: 1_000 });
  await busy(server);
  const { result } = await waiting(server);
  for (let silences = 0; silences < 2; silences += 1) await later(31_000);
  await later(1_000);
  await expect(result).rejects.toMatchObject({ code: 'CODEX_REQUEST_TIMEOUT', method: 'thread/read' });
});

test('L15 a turn of another whose end was never told is no reason to wait', async () => {
  await using server = new QueueServer();
  await busy(server);
  const { item, result } = await waiting(server);
  await later(30_000);
  await server.tell('idle');
  await server.list(item);
  await server.start('ours');
  item.turn('ours').started().complete();
  expect((await result).status).toBe('completed');
});
