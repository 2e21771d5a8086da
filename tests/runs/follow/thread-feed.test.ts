/** What feeds the log of a thread: a session that tells of the thread, does not for a while, and goes. */
import { describe, expect, test } from 'vitest';
import { EntryLog } from '../../../src/runs/follow/entry-log.js';
import { ThreadFeed, type ThreadSubscription } from '../../../src/runs/follow/thread-feed.js';
import { LiveThreadLog } from '../../../src/runs/follow/thread-log.js';
import type { Peer } from '../../../src/session/peer.js';
import { deferred } from '../../../src/support/deferred.js';
import { ask, delta, numberOf, wire } from '../../helpers/messages.js';
import {
  outcomeOf,
  type PipedServer,
  type ReceivedMessage,
  readyServer,
} from '../../helpers/piped-server.js';
import { thread } from '../../view/threads.js';
import { turn as aTurn } from '../../view/told.js';
import { answerRead, followed, readOf } from './followed.js';
import { next, snapshotBehindGap, snapshotOf, textsOf } from './reading.js';

const told = (method: string, params: object = {}) => ({ method, params: { threadId: 'thread', ...params } });
const status = (type: string) => told('thread/status/changed', { status: { type } });
const usage = told('thread/tokenUsage/updated', { turnId: 'x', tokenUsage: {} });
const readsOf = ({ received }: PipedServer) => received.filter(({ method }) => method === 'thread/read');
const turnIdsOf = ({ turns }: { readonly turns: readonly { readonly id: string }[] }) =>
  turns.map(({ id }) => id);

/** A feed of a session, which users have as part of something else. */
function feedOf(server: PipedServer, log: EntryLog, subscription?: ThreadSubscription): ThreadFeed {
  const { peer } = server.client as unknown as { readonly peer: Peer };
  return new ThreadFeed(peer, 'thread', log, { answers: true, subscription });
}

describe('L25 a thread that the server has let go of and tells of again', () => {
  test.each([
    ['was closed', told('thread/closed')],
    ['is not loaded', status('notLoaded')],
  ])('that %s is read anew, and its readers are told that something may be missing', async (_, lost) => {
    const { server, log } = await followed();
    const entries = log.read();
    await next(entries);
    server.send(lost);
    expect((await next(entries)).message?.method).toBe(lost.method);
    // Others go on with it, of which nothing comes here; then this client resumes it.
    server.send(usage, wire(delta(1, { turnId: 'ours' })));
    const waiting = snapshotBehindGap(entries);
    expect(await outcomeOf(waiting)).toBe('pending');
    await answerRead(server, { turns: [aTurn({ id: 'of others' })] }, 2);
    const view = await waiting;
    expect([turnIdsOf(view), textsOf(view)]).toEqual([['of others', 'ours'], ['1']]);
    // From then on it is told as ever.
    server.send(wire(delta(2, { turnId: 'ours' })));
    expect(numberOf((await next(entries)).message)).toBe(2);
    expect(readsOf(server)).toHaveLength(2);
  });

  test('is read whenever it goes on elsewhere, also before this client hears what happens in it', async () => {
    const { server, log } = await followed();
    const entries = log.read();
    await next(entries);
    server.send(told('thread/closed'), status('idle'));
    await next(entries);
    await answerRead(server, {}, 2);
    await snapshotBehindGap(entries);
    server.send(status('active'));
    await answerRead(server, { name: 'elsewhere' }, 3);
    expect((await snapshotBehindGap(entries)).name).toBe('elsewhere');
    server.send(usage);
    await answerRead(server, { name: 'here' }, 4);
    expect((await snapshotBehindGap(entries)).name).toBe('here');
    server.send(status('idle'));
    expect((await next(entries)).message?.method).toBe('thread/status/changed');
  });

  test('is read anew, too, when it was followed before it was resumed', async () => {
    const server = await readyServer();
    const entries = server.client.thread('thread').follow().read();
    await answerRead(server, { status: { type: 'notLoaded' } });
    await next(entries);
    server.send(usage);
    await answerRead(server, { name: 'resumed' }, 2);
    expect((await snapshotBehindGap(entries)).name).toBe('resumed');
  });

  test.each([true, false])(
    'is read anew when this client gave it back and resumes it (had it: %s)',
    async (had) => {
      const server = await readyServer();
      const { client } = server;
      const answerTo = async (method: string, result: object, answered: Promise<unknown>) => {
        const { id } = await server.receivedWhere((message) => message.method === method);
        // What the server tells next comes in one chunk with it.
        server.send({ id, result }, told('thread/goal/cleared'));
        await answered;
      };
      if (had) await answerTo('thread/start', { thread: thread() }, client.threadStart({}));
      const entries = client.thread('thread').follow().read();
      await answerRead(server);
      await next(entries);
      const threadId = 'thread';
      if (had) await answerTo('thread/unsubscribe', {}, client.threadUnsubscribe({ threadId }));
      if (had) expect((await next(entries)).message?.method).toBe('thread/goal/cleared');
      await answerTo('thread/resume', { thread: thread() }, client.threadResume({ threadId }));
      await answerRead(server, { name: 'resumed' }, 2);
      expect((await snapshotBehindGap(entries)).name).toBe('resumed');
      // It has the thread already: nothing is missing.
      const again = client.threadResume({ threadId });
      const resumes = ({ method }: ReceivedMessage) => method === 'thread/resume';
      await server.receivedWhere(() => server.received.filter(resumes).length === 2);
      server.send(
        { id: server.received.findLast(resumes)?.id, result: { thread: thread() } },
        wire(delta(1)),
      );
      await again;
      expect(numberOf((await next(entries)).message)).toBe(1);
    },
  );

  test('is read again when the answer may be from before', async () => {
    const { server, log } = await followed();
    const entries = log.read();
    await next(entries);
    server.send(told('thread/closed'), status('idle'));
    await readOf(server, 2);
    server.send(usage);
    await server.quiet();
    await answerRead(server, { name: 'old' }, 2);
    await answerRead(server, { name: 'new' }, 3);
    await next(entries);
    expect((await snapshotBehindGap(entries)).name).toBe('new');
  });

  describe('behind an answer which says that it is not loaded', () => {
    const NOT_LOADED = { status: { type: 'notLoaded' as const } };

    /** The thread was resumed elsewhere just then: the answer and what follows it come as one. */
    async function resumedBehind(...messages: readonly object[]) {
      const server = await readyServer();
      const log = server.client.thread('thread').follow();
      const snapshot = snapshotOf(log.read());
      const { id } = await readOf(server, 1);
      server.send({ id, result: { thread: thread(NOT_LOADED) } }, ...messages);
      await server.quiet();
      return { server, snapshot };
    }

    test('is read once more: others may have gone on with it in between', async () => {
      const { server, snapshot } = await resumedBehind(status('idle'), usage);
      await answerRead(server, { turns: [aTurn({ id: 'of others' })] }, 2);
      expect(turnIdsOf(await snapshot)).toEqual(['of others']);
    });

    test('is read twice at most, whatever the server says', async () => {
      const { server, snapshot } = await resumedBehind(usage);
      const { id } = await readOf(server, 2);
      server.send({ id, result: { thread: thread({ ...NOT_LOADED, name: 'now' }) } }, usage);
      expect((await snapshot).name).toBe('now');
      await server.quiet();
      expect(readsOf(server)).toHaveLength(2);
    });

    test('is read once where it was let go of again', async () => {
      const { server, snapshot } = await resumedBehind(status('idle'), told('thread/closed'));
      await snapshot;
      expect(readsOf(server)).toHaveLength(1);
    });
  });

  test('is as it was where nothing says that it goes on', async () => {
    const { server, log } = await followed();
    const entries = log.read();
    await next(entries);
    server.send(told('thread/closed'), told('thread/archived'), told('thread/name/updated'));
    await server.quiet();
    const methods = [await next(entries), await next(entries), await next(entries)];
    expect(methods.map(({ message }) => message?.method)).toEqual([
      'thread/closed',
      'thread/archived',
      'thread/name/updated',
    ]);
    expect(readsOf(server)).toHaveLength(1);
  });

  test('tells its readers when it cannot be read; the next read asks again', async () => {
    const { server, log } = await followed();
    const entries = log.read();
    await next(entries);
    server.send(told('thread/closed'), usage);
    const { id } = await next(entries);
    const waiting = entries.next();
    server.send({ id: (await readOf(server, 2)).id, error: { code: -32603, message: 'disk' } });
    await expect(waiting).rejects.toMatchObject({ rpcCode: -32603 });
    const back = log.read({ after: id });
    const later = snapshotBehindGap(back);
    await answerRead(server, { name: 'now' }, 3);
    expect((await later).name).toBe('now');
  });
});

describe('L25 a log that is fed by one session after another', () => {
  /** A log that the first of two servers feeds. */
  async function twoServers() {
    const servers = [await readyServer(), await readyServer()] as const;
    const entryLog = new EntryLog(1_000_000);
    const first = feedOf(servers[0], entryLog);
    const log = new LiveThreadLog('thread', entryLog, first);
    await answerRead(servers[0]);
    return { servers, entryLog, first, log };
  }

  test('breaks off with its session, and goes on with the next, whose requests have keys of their own', async () => {
    const { servers, entryLog, first, log } = await twoServers();
    const [gone, server] = servers;
    const entries = log.read();
    const { epoch } = await snapshotOf(entries);
    gone.send(wire(delta(1)), wire(ask(0)));
    const waiting = [await next(entries), await next(entries)].map(({ message }) => numberOf(message));
    expect(waiting).toEqual([1, 0]);
    gone.end();
    expect(await first.over).toMatchObject({ code: 'CODEX_SERVER_CLOSED' });
    const more = snapshotBehindGap(entries);
    expect(await outcomeOf(more)).toBe('pending');
    expect(textsOf(await snapshotOf(log.read()))).toEqual(['1']);

    feedOf(server, entryLog);
    server.send(wire(ask(0)));
    await answerRead(server, { turns: [aTurn({ id: 'turn', status: 'interrupted' })] });
    const view = await more;
    expect([view.epoch === epoch, view.turns.map((turn) => turn.status)]).toEqual([false, ['interrupted']]);
    expect(view.requests.map(({ key }) => key)).toEqual([`${view.epoch}:0`]);
  });

  test('a session that ends while the thread is read tells the readers nothing: they wait for the next', async () => {
    const [gone, server] = [await readyServer(), await readyServer()];
    const entryLog = new EntryLog(1_000_000);
    const first = feedOf(gone, entryLog);
    const log = new LiveThreadLog('thread', entryLog, first);
    const waiting = snapshotOf(log.read());
    await readOf(gone);
    gone.end();
    await first.over;
    expect(await outcomeOf(waiting)).toBe('pending');
    first.begin();
    feedOf(server, entryLog);
    await answerRead(server, { name: 'next' });
    expect((await waiting).name).toBe('next');
  });

  test('a feed that is detached tells the log nothing any more, not even what it has asked for', async () => {
    const { servers, entryLog, first, log } = await twoServers();
    const [server] = servers;
    const entries = log.read();
    await next(entries);
    server.send(told('thread/reverted'));
    await next(entries);
    await readOf(server, 2);
    first.detach();
    expect(await first.over).toBeUndefined();
    await answerRead(server, { name: 'late' }, 2);
    server.send(wire(delta(1)));
    await server.quiet();
    expect(await outcomeOf(entries.next())).toBe('pending');
    expect(entryLog.needsBeginning).toBe(true);
    expect(server.client.stats()).toMatchObject({ taps: { open: 0 } });
    expect(server.client.stats().streams.filter(({ name }) => /follower/.test(name ?? ''))).toEqual([]);
  });
});

describe('a feed that sees to its subscription', () => {
  /** A feed that has asked for it, and what comes of that. */
  async function subscribing() {
    const server = await readyServer();
    const entryLog = new EntryLog(1_000_000);
    const answers = [deferred<boolean>(), deferred<boolean>()];
    let asked = 0;
    const subscribe = () => {
      asked += 1;
      return answers[asked - 1]?.promise ?? Promise.reject(new Error('it was asked for too often'));
    };
    const feed = feedOf(server, entryLog, { subscribe });
    return { server, answers, log: new LiveThreadLog('thread', entryLog, feed) };
  }

  test('reads the thread after that, and holds what comes meanwhile', async () => {
    const { server, answers, log } = await subscribing();
    const entries = log.read();
    const waiting = snapshotOf(entries);
    server.send(wire(delta(1)));
    await server.quiet();
    expect(readsOf(server)).toHaveLength(0);
    answers[0]?.resolve(true);
    await answerRead(server);
    expect(textsOf(await waiting)).toEqual(['1']);
    server.send(wire(delta(2)));
    expect(numberOf((await next(entries)).message)).toBe(2);
  });

  test('reads the thread alone where there is to be none, and anew once the server tells of it', async () => {
    const { server, answers, log } = await subscribing();
    const entries = log.read();
    answers[0]?.resolve(false);
    await answerRead(server, { name: 'unheard' });
    expect((await snapshotOf(entries)).name).toBe('unheard');
    server.send(usage, wire(delta(1)));
    await answerRead(server, { name: 'heard' }, 2);
    const view = await snapshotBehindGap(entries);
    expect([view.name, textsOf(view)]).toEqual(['heard', ['1']]);
    server.send(wire(delta(2)));
    expect(numberOf((await next(entries)).message)).toBe(2);
  });

  test('tells those who wait why it came to nothing, and tries again for the next who do', async () => {
    const { server, answers, log } = await subscribing();
    const waiting = log.read().next();
    const refusal = new Error('no rollout found');
    answers[0]?.reject(refusal);
    await expect(waiting).rejects.toBe(refusal);
    const later = snapshotOf(log.read());
    answers[1]?.resolve(true);
    await answerRead(server, { name: 'now' });
    expect((await later).name).toBe('now');
  });
});
