/** How the threads of a life are made ready: resumed once, never where that would spend, and refused in words that help. */
import {
  ResumeWouldSpendError,
  RpcError,
  ServerClosedError,
  ThreadBusyElsewhereError,
} from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import { QueuedKeys } from '../../src/supervisor/queued-keys.js';
import { LiveThreadReadiness } from '../../src/supervisor/thread-readiness.js';
import { outcomeOf, type PipedServer, readyServer, turn } from '../helpers/piped-server.js';
import { openedOf } from './piped-lives.js';

const GOAL = { threadId: 't', objective: 'win', status: 'active' };
const QUEUED = { id: 'q', input: [], clientUserMessageId: 'c' };

async function life() {
  const server = await readyServer();
  const { peer } = openedOf(server.client);
  const ownKeys = new QueuedKeys();
  return { server, peer, ownKeys, threads: new LiveThreadReadiness(peer, ownKeys) };
}

/** Answers what is asked before a resume. */
async function tell(
  server: PipedServer,
  { goal = null, queued = [] }: { goal?: object | null; queued?: object[] } = {},
): Promise<void> {
  const asked = await server.receivedWhere(({ method }) => method === 'thread/goal/get');
  const listed = await server.receivedWhere(({ method }) => method === 'thread/queue/list');
  server.send(
    { id: asked.id, result: { goal } },
    { id: listed.id, result: { data: queued, nextCursor: null } },
  );
}

const resumeOf = (server: PipedServer) => server.receivedWhere(({ method }) => method === 'thread/resume');
const count = (server: PipedServer, method: string) =>
  server.received.filter((message) => message.method === method).length;

describe('a thread is made ready', () => {
  test('by one resume for all who ask at a time, and by none afterwards', async () => {
    const { server, peer, threads } = await life();
    const ready = Promise.all([threads.ready('t'), threads.ready('t')]);
    await tell(server);
    const { id, params } = await resumeOf(server);
    expect(params).toEqual({ threadId: 't', excludeTurns: true });
    expect(peer.subscriptions.has('t')).toBe(false);
    server.send({ id, result: { thread: { id: 't' } } });
    await ready;
    await threads.ready('t');
    expect(peer.subscriptions.has('t')).toBe(true);
    expect(count(server, 'thread/resume')).toBe(1);
  });

  test.each([
    [[], false],
    [[QUEUED], true],
  ])(
    'and is known to have begun with its queue where something waited there: %j',
    async (queued, hasBegun) => {
      const { server, ownKeys, threads } = await life();
      ownKeys.add('t', QUEUED.clientUserMessageId);
      const ready = threads.ready('t');
      await tell(server, { queued });
      server.send({ id: (await resumeOf(server)).id, result: { thread: { id: 't' } } });
      await ready;
      expect([threads.mayHaveBegun('t'), threads.mayHaveBegun('u')]).toEqual([hasBegun, false]);
    },
  );

  test('without a question when this connection has started it, whoever did', async () => {
    const { server, threads } = await life();
    const started = server.client.threadStart({});
    const { id } = await server.receivedWhere(({ method }) => method === 'thread/start');
    server.send({ id, result: { thread: { id: 't' } } });
    await started;
    await threads.ready('t');
    expect(count(server, 'thread/goal/get') + count(server, 'thread/resume')).toBe(0);
  });

  test('also on a server that knows neither goals nor queues', async () => {
    const { server, threads } = await life();
    const ready = threads.ready('t');
    for (const method of ['thread/goal/get', 'thread/queue/list']) {
      const { id } = await server.receivedWhere((message) => message.method === method);
      server.send({ id, error: { code: -32600, message: `Invalid request: unknown variant "${method}"` } });
    }
    server.send({ id: (await resumeOf(server)).id, result: { thread: { id: 't' } } });
    await ready;
  });

  test('with queued turns of runs of ours alone, which is their consent, on any page of the list', async () => {
    const { server, threads, ownKeys } = await life();
    ownKeys.add('t', 'c');
    const ready = threads.ready('t');
    await tell(server, { queued: [QUEUED] });
    server.send({ id: (await resumeOf(server)).id, result: { thread: { id: 't' } } });
    await ready;
    const other = await life();
    other.ownKeys.add('t', 'c');
    const refused = other.threads.ready('t').catch((error: unknown) => error);
    await tell(other.server, { queued: [QUEUED, { ...QUEUED, clientUserMessageId: 'of another' }] });
    expect(await refused).toBeInstanceOf(ResumeWouldSpendError);
    const busy = await life();
    busy.ownKeys.add('t', 'c');
    const spends = busy.threads.ready('t').catch((error: unknown) => error);
    await tell(busy.server, { goal: GOAL, queued: [QUEUED] });
    expect(await spends).toBeInstanceOf(ResumeWouldSpendError);
  });

  test('where a run of ours has taken its turn out of the queue while the list was on its way', async () => {
    const { server, threads, ownKeys } = await life();
    ownKeys.add('t', 'c');
    const ready = threads.ready('t');
    const listed = await server.receivedWhere(({ method }) => method === 'thread/queue/list');
    ownKeys.delete('t', 'c');
    await tell(server, { queued: [QUEUED] });
    const { id } = await server.receivedWhere(
      (message) => message.method === 'thread/queue/list' && message.id !== listed.id,
    );
    server.send({ id, result: { data: [], nextCursor: null } });
    server.send({ id: (await resumeOf(server)).id, result: { thread: { id: 't' } } });
    await ready;
  });

  test('again when the last try failed', async () => {
    const { server, threads } = await life();
    const refused = threads.ready('t').catch((error: unknown) => error);
    await tell(server);
    server.send({ id: (await resumeOf(server)).id, error: { code: -32600, message: 'no rollout found' } });
    expect(await refused).toBeInstanceOf(RpcError);
    server.received.length = 0;
    const ready = threads.ready('t');
    await tell(server);
    server.send({ id: (await resumeOf(server)).id, result: { thread: { id: 't' } } });
    await ready;
  });
});

describe('L24: a thread that would spend', () => {
  test.each([
    { title: 'for its goal', told: { goal: GOAL }, holds: { goal: GOAL, queued: [] } },
    { title: 'for what is queued', told: { queued: [QUEUED] }, holds: { goal: null, queued: [QUEUED] } },
  ])('is not resumed $title, and the error has both', async ({ told, holds }) => {
    const { server, threads } = await life();
    const refused = threads.ready('t').catch((error: unknown) => error);
    await tell(server, told);
    const error = await refused;
    expect(error).toBeInstanceOf(ResumeWouldSpendError);
    expect(error).toMatchObject({ threadId: 't', ...holds });
    expect(count(server, 'thread/resume')).toBe(0);
  });

  test.each(['thread/goal/get', 'thread/queue/list'])(
    'is not resumed when the server fails to answer %s: nobody knows what it would spend',
    async (method) => {
      const { server, threads } = await life();
      const refused = threads.ready('t').catch((error: unknown) => error);
      const { id } = await server.receivedWhere((message) => message.method === method);
      server.send({ id, error: { code: -32603, message: 'internal error' } });
      expect(await refused).toMatchObject({ code: 'CODEX_RPC', method, rpcCode: -32603 });
      expect(count(server, 'thread/resume')).toBe(0);
    },
  );

  test('is resumed when its goal is not active', async () => {
    const { server, threads } = await life();
    const ready = threads.ready('t');
    await tell(server, { goal: { ...GOAL, status: 'paused' } });
    server.send({ id: (await resumeOf(server)).id, result: { thread: { id: 't' } } });
    await ready;
  });

  test('is resumed by consent, with the params given, and is ready then', async () => {
    const { server, threads } = await life();
    const resumed = threads.resume({ threadId: 't', config: { web_search: 'live' } });
    expect(threads.mayHaveBegun('t')).toBe(true);
    const { id, params } = await resumeOf(server);
    expect(params).toEqual({ threadId: 't', config: { web_search: 'live' } });
    server.send({ id, result: { thread: { id: 't' } } });
    expect(await resumed).toMatchObject({ thread: { id: 't' } });
    await threads.ready('t');
    expect(count(server, 'thread/goal/get')).toBe(0);
  });

  test.each(['before', 'while'])('is ready for who asks %s another one consents', async (when) => {
    const { server, threads } = await life();
    const early = when === 'while' ? [threads.ready('t')] : [];
    const resumed = threads.resume({ threadId: 't' });
    const ready = Promise.all([...early, threads.ready('t')]);
    await tell(server, { goal: GOAL });
    expect(await outcomeOf(ready)).toBe('pending');
    server.send({ id: (await resumeOf(server)).id, result: { thread: { id: 't' } } });
    await Promise.all([resumed, ready]);
    expect(count(server, 'thread/resume')).toBe(1);
  });

  test('is none for who asks while a resume with consent is refused', async () => {
    const { server, threads } = await life();
    const resumed = threads.resume({ threadId: 't' }).catch((error: unknown) => error);
    const ready = threads.ready('t').catch((error: unknown) => error);
    await tell(server, { goal: GOAL });
    server.send({ id: (await resumeOf(server)).id, error: { code: -32600, message: 'no' } });
    expect(await resumed).toBeInstanceOf(RpcError);
    expect(await ready).toBeInstanceOf(ResumeWouldSpendError);
  });
});

describe('a refusal', () => {
  test('for another process that has the thread is a ThreadBusyElsewhereError', async () => {
    const { server, threads } = await life();
    const refused = threads.resume({ threadId: 't' }).catch((error: unknown) => error);
    const message = 'thread t already has an active writer';
    server.send({ id: (await resumeOf(server)).id, error: { code: -32600, message } });
    const error = await refused;
    expect(error).toBeInstanceOf(ThreadBusyElsewhereError);
    expect(error).toMatchObject({ threadId: 't', cause: { code: 'CODEX_RPC' } });
  });

  test('L10: the end of the server settles all who wait', async () => {
    const { server, threads } = await life();
    const waiting = [threads.ready('t'), threads.ready('t'), threads.ready('u')];
    const settled = Promise.allSettled(waiting);
    expect(await outcomeOf(settled)).toBe('pending');
    server.end();
    for (const outcome of await settled)
      expect(outcome).toMatchObject({ status: 'rejected', reason: expect.any(ServerClosedError) });
  });
});

describe('threads that are only read', () => {
  const wanted = () => true;
  const asked = (server: PipedServer) =>
    server.received.flatMap(({ method, params }) =>
      method === 'thread/goal/get' ? [(params as { threadId: string }).threadId] : [],
    );
  /** Answers everything that is asked until then. */
  async function answerAll(server: PipedServer, settled: Promise<unknown>): Promise<void> {
    let answered = 0;
    let isOver = false;
    const over = settled.then(() => {
      isOver = true;
    });
    while (!isOver) {
      for (const { id, method, params } of server.received.slice(answered)) {
        answered += 1;
        const { threadId } = (params ?? {}) as { threadId?: string };
        if (method === 'thread/goal/get') server.send({ id, result: { goal: null } });
        if (method === 'thread/queue/list') server.send({ id, result: { data: [], nextCursor: null } });
        if (method === 'thread/resume') server.send({ id, result: { thread: { id: threadId } } });
      }
      await turn();
    }
    await over;
  }

  test('are made ready a few at a time, and who sends something does not wait behind them', async () => {
    const { server, peer, threads } = await life();
    const names = Array.from({ length: 30 }, (_, index) => `page-${index}`);
    const all = Promise.all(names.map((name) => threads.readyToRead(name, wanted)));
    await server.quiet();
    const first = asked(server).length;
    expect(first).toBeGreaterThan(1);
    expect(first).toBeLessThan(10);
    const send = [threads.ready('turn'), threads.ready('page-29')];
    await server.quiet();
    expect(asked(server).slice(first)).toEqual(['turn', 'page-29']);
    await answerAll(server, Promise.all([all, ...send]));
    expect(await all).toEqual(names.map(() => true));
    expect(names.every((name) => peer.subscriptions.has(name))).toBe(true);
    expect(count(server, 'thread/resume')).toBe(31);
  });

  test('are asked nothing when they are not wanted any more once their place has come', async () => {
    const { server, threads } = await life();
    let isWanted = true;
    const all = Promise.all(
      Array.from({ length: 30 }, (_, index) => threads.readyToRead(`page-${index}`, () => isWanted)),
    );
    await server.quiet();
    const first = asked(server).length;
    isWanted = false;
    await answerAll(server, all);
    expect(asked(server)).toHaveLength(first);
    expect((await all).filter((isReady) => isReady)).toHaveLength(first);
  });

  test('fail each for itself, and all of them when the server ends', async () => {
    const { server, threads } = await life();
    const all = Array.from({ length: 30 }, (_, index) =>
      outcomeOf(threads.readyToRead(`page-${index}`, wanted)),
    );
    const refused = await server.receivedWhere(({ method }) => method === 'thread/goal/get');
    server.send({ id: refused.id, error: { code: -32603, message: 'broken' } });
    await server.quiet();
    expect(await all[0]).toBeInstanceOf(RpcError);
    server.end();
    for (const one of await Promise.all(all.slice(1))) expect(one).toBeInstanceOf(ServerClosedError);
  });
});
