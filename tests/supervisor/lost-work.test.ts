/** What went with a server, and what a server that lives on behind a cut connection still has. */
import { requestKey } from 'codex-async-client/view';
import { describe, expect, test } from 'vitest';
import type { RestartLimits } from '../../src/supervisor/restart-window.js';
import type { Restart } from '../../src/supervisor/restarts.js';
import { outcomeOf, type PipedServer } from '../helpers/piped-server.js';
import { thread as aThread } from '../view/threads.js';
import { turn as aTurn } from '../view/told.js';
import { openedOf, PipedLives } from './piped-lives.js';

function told(method: string, params: object) {
  return { method, params: { threadId: 't', turnId: 'turn', ...params } };
}

const ASKED = {
  id: 0,
  method: 'item/commandExecution/requestApproval',
  params: { threadId: 't', turnId: 'turn', itemId: 'command' },
};

/** A server at work: a turn that writes and asks, and a thread without a turn. */
async function working(areConnections: boolean, restart?: RestartLimits) {
  const lives = new PipedLives({ areConnections, ...(restart === undefined ? {} : { restart }) });
  const client = await lives.supervisor.client();
  const server = await lives.server(1);
  const started = client.threadStart({});
  const { id } = await server.receivedWhere(({ method }) => method === 'thread/start');
  server.send({ id, result: { thread: { id: 'empty' } } });
  await started;
  server.send(
    told('turn/started', { turn: aTurn({ id: 'turn', status: 'inProgress' }) }),
    told('item/agentMessage/delta', { itemId: 'm', delta: 'Hel' }),
    told('item/agentMessage/delta', { itemId: 'm', delta: 'lo' }),
    ASKED,
  );
  await server.quiet();
  return { lives, server, key: requestKey(0, openedOf(client).peer.epoch) };
}

async function restartOf(lives: PipedLives): Promise<Restart> {
  const { value } = await lives.supervisor.restarts().next();
  if (value === undefined) throw new Error('there was none');
  return value;
}

const ALL = (key: string) => ({
  turns: [{ threadId: 't', turnId: 'turn' }],
  approvals: [{ key, id: 0, method: ASKED.method, threadId: 't', turnId: 'turn', itemId: 'command' }],
  threads: ['empty'],
  partialText: [{ threadId: 't', turnId: 'turn', itemId: 'm', text: 'Hello' }],
});

describe('L24: a restart says what was lost', () => {
  test('of a process all that was under way', async () => {
    const { lives, key } = await working(false);
    await lives.crash();
    expect(await restartOf(lives)).toMatchObject({
      number: 1,
      lost: ALL(key),
      cause: { code: 'CODEX_SERVER_CLOSED' },
    });
    await lives.supervisor.shutdown();
  });

  test('nothing when nothing was under way', async () => {
    const lives = new PipedLives();
    await lives.crash();
    const { lost, startedAtMs } = await restartOf(lives);
    expect(lost).toEqual({ turns: [], approvals: [], threads: [], partialText: [] });
    expect(Math.abs(Date.now() - startedAtMs)).toBeLessThan(60_000);
    await lives.supervisor.shutdown();
  });
});

/** What a server says of a thread; what it does not know it refuses. */
interface ToldThread {
  readonly status: string;
  readonly turns?: readonly object[];
}

/** Answers whatever is asked about threads, as it comes, until the client is gone. */
async function tellOf(server: PipedServer, threads: Readonly<Record<string, ToldThread>>): Promise<void> {
  const loaded = Object.keys(threads).filter((id) => threads[id]?.status !== 'notLoaded');
  const answered = new Set<unknown>();
  for (;;) {
    const { id, method, params } = await server.receivedWhere(
      (message) => message.id !== undefined && !answered.has(message.id) && message.method !== 'initialize',
    );
    answered.add(id);
    const threadId = String(params?.['threadId']);
    const known = threads[threadId];
    const { status, turns = [] } = known ?? {};
    const result =
      method === 'thread/loaded/list'
        ? { data: loaded, nextCursor: null }
        : { thread: { ...aThread({}), id: threadId, status: { type: status }, turns } };
    const error = { code: -32600, message: `thread not loaded: ${threadId}` };
    server.send(method === 'thread/read' && known === undefined ? { id, error } : { id, result });
  }
}

const NOTHING = { turns: [], approvals: [], threads: [], partialText: [] };
const GOES_ON: ToldThread = { status: 'active', turns: [aTurn({ id: 'turn', status: 'inProgress' })] };
const INTERRUPTED: ToldThread = {
  status: 'notLoaded',
  turns: [aTurn({ id: 'turn', status: 'interrupted' })],
};
const EMPTY: ToldThread = { status: 'idle' };

describe('behind a connection that was cut', () => {
  test.each([
    { title: 'goes on', told: GOES_ON },
    {
      title: 'came to its end meanwhile',
      told: { status: 'idle', turns: [aTurn({ id: 'turn', status: 'completed' })] },
    },
    {
      title: 'is not told of yet',
      told: { status: 'active', turns: [aTurn({ id: 'other', status: 'completed' })] },
    },
  ])('a turn that $title is not lost, nor what it asked and wrote', async ({ told }) => {
    const { lives } = await working(true);
    void tellOf(await lives.crash(), { t: told, empty: EMPTY });
    expect((await restartOf(lives)).lost).toEqual(NOTHING);
    await lives.supervisor.shutdown();
  });

  test('a server that is another one has lost all of it', async () => {
    const { lives, key } = await working(true);
    void tellOf(await lives.crash(), { t: INTERRUPTED });
    expect((await restartOf(lives)).lost).toEqual(ALL(key));
    await lives.supervisor.shutdown();
  });

  test('so has one that does not know the thread', async () => {
    const { lives, key } = await working(true);
    void tellOf(await lives.crash(), {});
    expect((await restartOf(lives)).lost).toEqual(ALL(key));
    await lives.supervisor.shutdown();
  });

  test('what was kept meanwhile is not lost: the thread had a turn, and the message was completed', async () => {
    const { lives, key } = await working(true);
    const items = [{ type: 'agentMessage', id: 'm', text: 'Hello, world' }];
    void tellOf(await lives.crash(), {
      t: {
        status: 'notLoaded',
        turns: [aTurn({ id: 'turn', status: 'interrupted', items: items as never })],
      },
      empty: { status: 'notLoaded' },
    });
    expect((await restartOf(lives)).lost).toEqual({ ...ALL(key), threads: [], partialText: [] });
    await lives.supervisor.shutdown();
  });
});

describe('behind connections that are cut one after another', () => {
  test('the question goes to the next when one is cut before it has answered; restarts are told in order', async () => {
    const { lives } = await working(true);
    const second = await lives.crash();
    await second.receivedWhere(({ method }) => method === 'thread/read');
    const third = await lives.crash();
    const restarts = lives.supervisor.restarts();
    const first = restarts.next();
    expect(await outcomeOf(first)).toBe('pending');
    expect(lives.supervisor.stats().restarts).toBe(2);
    void tellOf(third, { t: GOES_ON, empty: EMPTY });
    expect(await first).toMatchObject({ value: { number: 1, lost: NOTHING } });
    expect(await restarts.next()).toMatchObject({ value: { number: 2, lost: NOTHING } });
    await lives.supervisor.shutdown();
  });

  test('what went on, and that no later connection was told of, is lost when its server goes', async () => {
    const { lives, key } = await working(true);
    const restarts = lives.supervisor.restarts();
    void tellOf(await lives.crash(), { t: GOES_ON, empty: EMPTY });
    expect(await restarts.next()).toMatchObject({ value: { lost: NOTHING } });
    void tellOf(await lives.crash(), { t: INTERRUPTED });
    const { value } = await restarts.next();
    expect(value?.lost).toEqual(ALL(key));
    void tellOf(await lives.crash(), { t: INTERRUPTED });
    expect(await restarts.next()).toMatchObject({ value: { number: 3, lost: NOTHING } });
    await lives.supervisor.shutdown();
  });

  test('what a later connection was asked on the thread, and answered, is not', async () => {
    const { lives } = await working(true);
    const restarts = lives.supervisor.restarts();
    const second = await lives.crash();
    void tellOf(second, { t: GOES_ON, empty: EMPTY });
    await restarts.next();
    const client = await lives.supervisor.client();
    await client.threadResume({ threadId: 't' });
    second.send(ASKED);
    await second.quiet();
    await client.respondById(0, { decision: 'accept' });
    void tellOf(await lives.crash(), { t: INTERRUPTED });
    expect(await restarts.next()).toMatchObject({
      value: { lost: { turns: [{ turnId: 'turn' }], approvals: [] } },
    });
    await lives.supervisor.shutdown();
  });

  test('all is lost when no further one comes, and that is told before the end', async () => {
    const restart = { maxRestarts: 1, withinMs: 60_000, firstDelayMs: 0 };
    const { lives, key } = await working(true, restart);
    const restarts = lives.supervisor.restarts();
    const second = await lives.crash();
    await second.receivedWhere(({ method }) => method === 'thread/read');
    second.end();
    expect(await restarts.next()).toMatchObject({ value: { number: 1, lost: ALL(key) } });
    await expect(restarts.next()).rejects.toThrow('has given up');
  });
});
