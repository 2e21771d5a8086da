/** One server after another: what `client()` gives, how the next one comes, and how it ends. */
import {
  AsyncClient,
  ConnectionError,
  HandshakeError,
  InvalidArgumentError,
  ServerClosedError,
  SpawnError,
  UnsupportedServerError,
} from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import { deferred } from '../../src/support/deferred.js';
import { outcomeOf, readyServer, turn } from '../helpers/piped-server.js';
import { scriptedCommand } from '../helpers/scripted.js';
import { openedOf, PipedLives } from './piped-lives.js';

const refusedStart = () => new HandshakeError('no', { stderrTail: '' });
const ONE_RESTART = { maxRestarts: 1, withinMs: 60_000, firstDelayMs: 0 };

describe('the client that lives', () => {
  test('is started at once, and is the same until it ends', async () => {
    const lives = new PipedLives();
    expect(lives.starts).toBe(1);
    const client = await lives.supervisor.client();
    expect(await lives.supervisor.client()).toBe(client);
    expect(client.state).toBe('ready');
    await lives.supervisor.shutdown();
  });

  test('L24: when it ends the next one is started; client() waits for it, and never gives one that is ending', async () => {
    const lives = new PipedLives();
    const first = await lives.supervisor.client();
    const server = await lives.server(1);
    const pending = first.request('thread/loaded/list').catch((error: unknown) => error);
    server.end();
    expect(await pending).toBeInstanceOf(ServerClosedError);
    const second = await lives.supervisor.client();
    expect(second).not.toBe(first);
    expect(second.isAlive).toBe(true);
    await lives.supervisor.shutdown();
  });

  test('L24: one that is read to its end, for its process is gone, is not given any more', async () => {
    await using supervisor = AsyncClient.supervise({ command: scriptedCommand('leaves-writer') });
    const first = await supervisor.client();
    const { pid } = first;
    if (pid === undefined) throw new Error('a server of our own has a pid');
    process.kill(pid, 'SIGKILL');
    for (let client = first; client === first; await turn()) {
      client = await supervisor.client();
      expect(client.isAlive).toBe(true);
    }
  });

  test('one that lets its turns end before it goes is not given any more', async () => {
    const lives = new PipedLives();
    const first = await lives.supervisor.client();
    const server = await lives.server(1);
    server.send({ method: 'thread/status/changed', params: { threadId: 't', status: { type: 'active' } } });
    await server.quiet();
    const over = first.shutdown({ drainMs: 60_000 });
    const next = lives.supervisor.client();
    expect(await outcomeOf(next)).toBe('pending');
    await first.shutdown();
    await over;
    expect((await next).state).toBe('ready');
    await lives.supervisor.shutdown();
  });

  test('shutting one client down is a way to have the next', async () => {
    const lives = new PipedLives();
    const first = await lives.supervisor.client();
    await first.shutdown();
    expect(await lives.supervisor.client()).not.toBe(first);
    const { value } = await lives.supervisor.restarts().next();
    expect(value).toMatchObject({ number: 1, cause: undefined });
    await lives.supervisor.shutdown();
  });

  test('a start that fails is tried again', async () => {
    const lives = new PipedLives({ failingStarts: { 1: refusedStart() } });
    expect((await lives.supervisor.client()).isAlive).toBe(true);
    expect(lives.starts).toBe(2);
    await lives.supervisor.shutdown();
  });
});

describe('a health check', () => {
  test('asks also when as many requests are unanswered as may be: they may take long, or never be answered', async () => {
    const server = await readyServer({ maxInFlightRequests: 1 });
    const lives = new PipedLives({
      open: async () => openedOf(server.client),
      healthCheck: { everyMs: 1, timeoutMs: 60_000 },
    } as object);
    const client = await lives.supervisor.client();
    const slow = client.request('plugin/list', {}).catch((error: unknown) => error);
    await server.receivedWhere(({ method }) => method === 'thread/loaded/list');
    expect(await outcomeOf(slow)).toBe('pending');
    await lives.supervisor.shutdown();
  });

  test('ends a process that was stopped, as a failure, and the next one is started', async () => {
    await using supervisor = AsyncClient.supervise({
      command: scriptedCommand('echo-params'),
      shutdownGraceMs: 10,
      restart: { maxRestarts: Number.POSITIVE_INFINITY },
      healthCheck: { everyMs: 500, timeoutMs: 500 },
    });
    const { pid, closed } = await supervisor.client();
    if (pid === undefined) throw new Error('a server of our own has a pid');
    process.kill(pid, 'SIGSTOP');
    const { error, signal } = await closed;
    expect([error?.code, signal]).toEqual(['CODEX_SERVER_CLOSED', 'SIGKILL']);
    expect(error?.cause).toMatchObject({ code: 'CODEX_REQUEST_TIMEOUT', method: 'healthCheck' });
    expect((await supervisor.client()).pid).not.toBe(pid);
  });
});

describe('giving up', () => {
  test('after too many restarts everything rejects with one error, that has the last failure as its cause', async () => {
    const last = refusedStart();
    const lives = new PipedLives({ restart: ONE_RESTART, failingStarts: { 1: refusedStart(), 2: last } });
    const failure = await lives.supervisor.client().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ServerClosedError);
    expect(failure).toMatchObject({
      cause: last,
      message: expect.stringContaining('has given up'),
    });
    expect(await lives.supervisor.client().catch((error: unknown) => error)).toBe(failure);
    expect(
      await lives.supervisor
        .restarts()
        .next()
        .catch((error: unknown) => error),
    ).toBe(failure);
    expect(lives.supervisor.stats()).toEqual({ state: 'givenUp', restarts: 0, client: undefined });
    await lives.supervisor.shutdown();
  });

  test('a server that keeps going is given up, too, with how it went', async () => {
    const lives = new PipedLives({ restart: ONE_RESTART });
    const restarts = lives.supervisor.restarts();
    (await lives.crash()).end();
    expect(await restarts.next()).toMatchObject({ value: { number: 1 } });
    const failure = await restarts.next().catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'CODEX_SERVER_CLOSED', cause: { code: 'CODEX_SERVER_CLOSED' } });
    expect(lives.starts).toBe(2);
  });

  const hopeless = [
    new SpawnError('codex was not found'),
    new InvalidArgumentError('options.cwd', 'options.cwd: expected a folder that exists'),
    new UnsupportedServerError('old', { serverVersion: '0.1.0', oldestVersion: '0.117.0' }),
    new ConnectionError('401', { target: 'ws://127.0.0.1', statusCode: 401, stderrTail: '' }),
  ];
  test.each(hopeless)(
    'a first start that waiting does not help ($name) is not tried again',
    async (error) => {
      const lives = new PipedLives({ failingStarts: { 1: error } });
      await expect(lives.supervisor.client()).rejects.toBe(error);
      expect(lives.starts).toBe(1);
    },
  );

  test('the same failure later is tried again: a program may be missing while it is being updated', async () => {
    const lives = new PipedLives({ failingStarts: { 2: new SpawnError('codex was not found') } });
    await lives.crash();
    expect(lives.starts).toBe(3);
    await lives.supervisor.shutdown();
  });
});

describe('shutdown', () => {
  test('ends the server, the readers and the calls, and starts nothing any more', async () => {
    const lives = new PipedLives();
    const client = await lives.supervisor.client();
    const restarts = lives.supervisor.restarts().next();
    await lives.supervisor.shutdown();
    expect(client.state).toBe('closed');
    expect(await restarts).toEqual({ done: true, value: undefined });
    await expect(lives.supervisor.client()).rejects.toThrow('the supervisor was shut down');
    expect(lives.supervisor.stats()).toMatchObject({ state: 'shutDown' });
    expect(lives.starts).toBe(1);
    await lives.supervisor.shutdown();
  });

  test('ends a start that is under way, and a wait for one', async () => {
    const lives = new PipedLives({
      restart: { maxRestarts: 5, withinMs: 60_000, firstDelayMs: 60_000 },
    });
    const first = await lives.supervisor.client();
    (await lives.server(1)).end();
    await first.closed;
    const next = lives.supervisor.client();
    expect(await outcomeOf(next)).toBe('pending');
    await lives.supervisor.shutdown();
    await expect(next).rejects.toThrow('the supervisor was shut down');
    expect(lives.starts).toBe(1);
  });

  test('a server that comes up during it is ended', async () => {
    const { promise: opened, resolve: open } = deferred<ReturnType<typeof openedOf>>();
    const lives = new PipedLives({ open: () => opened } as object);
    const over = lives.supervisor.shutdown();
    const { client } = await readyServer();
    open(openedOf(client));
    await over;
    expect(client.state).toBe('closed');
  });
});
