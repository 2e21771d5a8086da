/** A thread that is followed over the lives of a supervisor. */
import {
  type FollowOptions,
  InvalidArgumentError,
  RpcError,
  ServerClosedError,
  type ThreadLog,
} from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import { LiveLife } from '../../src/supervisor/live-life.js';
import { QueuedKeys } from '../../src/supervisor/queued-keys.js';
import { followSupervised } from '../../src/supervisor/supervised-log.js';
import { ResumeWouldSpendError } from '../../src/support/thread-errors.js';
import { ask, delta, numberOf, wire } from '../helpers/messages.js';
import { outcomeOf, type PipedServer, readyServer, turn } from '../helpers/piped-server.js';
import { answerRead } from '../runs/follow/followed.js';
import { next, snapshotBehindGap, snapshotOf, textsOf } from '../runs/follow/reading.js';
import { thread } from '../view/threads.js';
import { turn as aTurn } from '../view/told.js';
import { FakeLives, type Readying } from './fake-lives.js';
import { openedOf } from './piped-lives.js';

const interrupted = [aTurn({ id: 'turn', status: 'interrupted' })];
const wouldSpend: Readying = (threadId) =>
  Promise.reject(new ResumeWouldSpendError('it has a goal', { threadId, goal: null, queued: [] }));
const unknownThread: Readying = () =>
  Promise.reject(
    new RpcError('no rollout found', { method: 'thread/resume', rpcCode: -32600, data: undefined }),
  );

/** A log whose first life has begun. */
async function followedLives(options: FollowOptions = {}) {
  const lives = new FakeLives();
  const log = followSupervised(lives, 'thread', options);
  const first = await lives.begin();
  await answerRead(first.server);
  return { lives, log, first };
}

async function goes(server: PipedServer): Promise<void> {
  server.end();
  await server.client.closed;
  await turn();
}

const held = ({ client }: PipedServer) =>
  client.stats().streams.filter(({ name }) => name === 'the follower of thread thread');

/** Reads to the end of a log; gives back what it fails with. */
async function endOf(log: ThreadLog): Promise<unknown> {
  const entries = log.read();
  try {
    for await (const _ of entries);
  } catch (error) {
    return error;
  }
  return 'the end';
}

describe('L25 a thread that is followed over lives', () => {
  test('is made ready and read in each, and told as one log with a gap at every break', async () => {
    const { lives, log, first } = await followedLives();
    const [entries, slow] = [log.read(), log.read()];
    const old = await snapshotOf(entries);
    first.server.send(wire(delta(1)));
    const { id } = await next(entries);
    await goes(first.server);
    // Between two lives readers wait, and one that comes is shown what was known.
    const waiting = snapshotBehindGap(entries);
    const comesBack = snapshotBehindGap(log.read({ after: id }));
    expect(await outcomeOf(waiting)).toBe('pending');
    expect(textsOf(await snapshotOf(log.read()))).toEqual(['1']);

    const second = await lives.begin();
    await answerRead(second.server, { turns: interrupted });
    const views = [await waiting, await comesBack, await snapshotOf(slow)];
    for (const { epoch, turns } of views)
      expect([epoch === old.epoch, turns.map(({ status }) => status)]).toEqual([false, ['interrupted']]);
    second.server.send(wire(delta(2, { turnId: 'next' })));
    expect(numberOf((await next(entries)).message)).toBe(2);
    expect([first.readied, second.readied]).toEqual([1, 1]);
  });

  test('waits for the first life, and shows nothing before', async () => {
    const lives = new FakeLives();
    const log = followSupervised(lives, 'thread', {});
    const waiting = snapshotOf(log.read());
    expect(await outcomeOf(waiting)).toBe('pending');
    const { server } = await lives.begin();
    await answerRead(server, { name: 'first' });
    expect((await waiting).name).toBe('first');
  });

  test('survives a life that ends before it has begun there', async () => {
    const { lives, log, first } = await followedLives();
    const entries = log.read();
    await next(entries);
    await goes(first.server);
    const waiting = snapshotBehindGap(entries);
    const second = await lives.begin(() => new Promise<void>(() => {}));
    second.server.send(wire(delta(1)));
    await second.server.quiet();
    await goes(second.server);
    const third = await lives.begin();
    await answerRead(third.server, { name: 'third' });
    const view = await waiting;
    expect([view.name, textsOf(view)]).toEqual(['third', []]);
  });

  test('is read and not resumed where resuming would spend; when somebody resumes it, it goes on', async () => {
    const { lives, log, first } = await followedLives();
    const entries = log.read();
    await next(entries);
    await goes(first.server);
    const { server } = await lives.begin(wouldSpend);
    await answerRead(server, { name: 'read alone' });
    expect((await snapshotBehindGap(entries)).name).toBe('read alone');
    server.send(wire(delta(1)));
    await answerRead(server, { name: 'resumed' }, 2);
    const view = await snapshotBehindGap(entries);
    expect([view.name, textsOf(view)]).toEqual(['resumed', ['1']]);
    server.send(wire(delta(2)));
    expect(numberOf((await next(entries)).message)).toBe(2);
    expect(server.received.filter(({ method }) => method === 'thread/resume')).toEqual([]);
  });

  test('that the next server does not know rejects the reads there, and lives on for the one after', async () => {
    const { lives, log, first } = await followedLives();
    const entries = log.read();
    const { id } = await next(entries);
    await goes(first.server);
    const waiting = entries.next();
    const second = await lives.begin(unknownThread);
    await expect(waiting).rejects.toThrow(RpcError);
    await expect(log.read({ after: id }).next()).rejects.toThrow(RpcError);
    expect(second.readied).toBe(2);
    await goes(second.server);
    const later = snapshotBehindGap(log.read({ after: id }));
    const third = await lives.begin();
    await answerRead(third.server, { name: 'known' });
    expect((await later).name).toBe('known');
  });

  test('L16 holds what is asked in each life with answers, and hands it on when it is closed', async () => {
    const { lives, log, first } = await followedLives({ answers: true });
    first.server.send(wire(ask(0)));
    await first.server.quiet();
    expect(held(first.server)).toMatchObject([{ heldMessages: 1 }]);
    await goes(first.server);
    const { server } = await lives.begin();
    // The same id in another life is another request.
    server.send(wire(ask(0)));
    await answerRead(server);
    const view = await snapshotOf(log.read());
    expect(view.requests.map(({ key }) => key)).toEqual([`${view.epoch}:0`]);
    expect(held(server)).toMatchObject([{ heldMessages: 1 }]);
    const main = server.client.events();
    log.close();
    expect(numberOf((await main.next()).value)).toBe(0);
  });
});

/** Answers a request of this method, the first or the one with this number. */
async function answer(server: PipedServer, method: string, result: object, number = 1): Promise<void> {
  const requests = () => server.received.filter((message) => message.method === method);
  await server.receivedWhere(() => requests().length >= number);
  server.send({ id: requests()[number - 1]?.id, result });
}

describe('L24 what a follower asks of a server for its thread', () => {
  /** A log of one life, as a supervisor has it. */
  async function followedLife() {
    const server = await readyServer();
    const life = new LiveLife(openedOf(server.client), new QueuedKeys());
    const current = () => (life.isOver ? Promise.reject(new Error('the last life')) : Promise.resolve(life));
    const lives = { areConnections: false, isShutDown: false, living: life, current };
    return { server, life, entries: followSupervised(lives, 'thread', {}).read() };
  }
  const asked = ({ received }: PipedServer) => received.slice(2).map(({ method }) => method);

  test('is to resume it, once nothing would be spent by that, and then to read it', async () => {
    const { server, entries } = await followedLife();
    const waiting = snapshotOf(entries);
    await answer(server, 'thread/goal/get', { goal: null });
    await answer(server, 'thread/queue/list', { data: [], nextCursor: null });
    await answer(server, 'thread/resume', { thread: thread() });
    await answerRead(server, { name: 'resumed' });
    expect((await waiting).name).toBe('resumed');
    expect(asked(server)).toEqual(['thread/goal/get', 'thread/queue/list', 'thread/resume', 'thread/read']);
    // It was resumed before it was read: nothing is missing.
    server.send(wire(delta(1)));
    expect(numberOf((await next(entries)).message)).toBe(1);
  });

  test('is to read it alone while it has a goal; somebody’s consent to resume it is enough for both', async () => {
    const { server, life, entries } = await followedLife();
    await answer(server, 'thread/goal/get', { goal: { threadId: 'thread', status: 'active' } });
    await answer(server, 'thread/queue/list', { data: [], nextCursor: null });
    await answerRead(server, { status: { type: 'notLoaded' } });
    await snapshotOf(entries);
    expect(asked(server)).toEqual(['thread/goal/get', 'thread/queue/list', 'thread/read']);
    const resumed = life.threads.resume({ threadId: 'thread' });
    await answer(server, 'thread/resume', { thread: thread() });
    await resumed;
    server.send(wire(delta(1)));
    await answerRead(server, { name: 'resumed' }, 2);
    const view = await snapshotBehindGap(entries);
    expect([view.name, textsOf(view)]).toEqual(['resumed', ['1']]);
    expect(asked(server).filter((method) => method === 'thread/resume')).toHaveLength(1);
  });
});

describe('L9 a thread that is followed over lives ends', () => {
  test('with the shutdown of its supervisor, after what is held', async () => {
    const { lives, log, first } = await followedLives();
    const entries = log.read();
    await next(entries);
    first.server.send(wire(delta(1)));
    await first.server.quiet();
    lives.end(new Error('the supervisor was shut down'), true);
    await first.server.client.shutdown();
    expect(numberOf((await next(entries)).message)).toBe(1);
    expect((await entries.next()).done).toBe(true);
    expect(await endOf(log)).toBe('the end');
  });

  test('with its error when the supervisor gave up, also for those who wait between two lives', async () => {
    const { lives, log, first } = await followedLives();
    const entries = log.read();
    await next(entries);
    await goes(first.server);
    const waiting = entries.next();
    const gaveUp = new ServerClosedError('given up', { exitCode: null, signal: null, stderrTail: '' });
    lives.end(gaveUp, false);
    await expect(waiting).rejects.toBe(gaveUp);
    expect(await endOf(log)).toBe(gaveUp);
    expect(await endOf(followSupervised(lives, 'thread', {}))).toBe(gaveUp);
  });

  test.each(['in a life', 'between two'])('by close() %s, and is not followed in the next', async (when) => {
    const { lives, log, first } = await followedLives();
    const entries = log.read();
    await next(entries);
    const waiting = entries.next();
    if (when === 'between two') await goes(first.server);
    log.close();
    expect((await waiting).done).toBe(true);
    expect(await endOf(log)).toBe('the end');
    if (when === 'in a life') expect(first.server.client.stats().taps.open).toBe(0);
    if (when === 'in a life') await goes(first.server);
    const second = await lives.begin();
    await second.server.quiet();
    expect([second.readied, second.server.client.stats().taps.open]).toEqual([0, 0]);
  });
});

test('bad options are refused at once', () => {
  const follow = () => followSupervised(new FakeLives(), 'thread', { keepBytes: 0 });
  expect(follow).toThrow(InvalidArgumentError);
  expect(follow).toThrow('options.keepBytes: expected a whole number of bytes, 1 or more, got 0');
});
