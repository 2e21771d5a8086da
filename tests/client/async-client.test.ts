/** The longer work that a client offers: each method is the run of its name, with what it is given. */
import { PassThrough } from 'node:stream';
import { AsyncClient } from 'codex-async-client';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { PipedServer, type ReceivedMessage, turn } from '../helpers/piped-server.js';
import { errorOf } from './scripted-client.js';

afterEach(() => {
  vi.useRealTimers();
});

const options = () => ({ signal: AbortSignal.abort(new Error('not any more')) });

describe('the longer work', () => {
  test.each<[string, string, object, (client: AsyncClient) => unknown]>([
    [
      'turnRun',
      'turn/start',
      { threadId: 't' },
      (client) => client.turnRun({ threadId: 't', input: 'go' }).result(),
    ],
    [
      'threadRun',
      'thread/start',
      { model: 'x' },
      (client) => client.threadRun({ thread: { model: 'x' }, turn: 'go' }).result(),
    ],
    ['thread', 'thread/read', { threadId: 't' }, (client) => client.thread('t').read()],
    [
      'commandRun',
      'command/exec',
      { command: ['ls'] },
      (client) => client.commandRun({ command: ['ls'] }).result(),
    ],
    ['fileWatch', 'fs/watch', { path: '/x' }, (client) => client.fileWatch({ path: '/x' }).ready],
    [
      'login',
      'account/login/start',
      { type: 'apiKey', apiKey: 'k' },
      (client) => client.login({ type: 'apiKey', apiKey: 'k' }),
    ],
    [
      'paginate',
      'thread/list',
      { limit: 3 },
      (client) => client.paginate('thread/list', { limit: 3 })[Symbol.asyncIterator]().next(),
    ],
  ])('of %s sends %s with its params', async (_, method, params, begin) => {
    const server = new PipedServer();
    const settled = Promise.allSettled([begin(server.client)]);
    expect(await server.receivedWhere((message) => message.method === method)).toMatchObject({ params });
    server.end();
    expect(await settled).toMatchObject([{ status: 'rejected', reason: { code: 'CODEX_SERVER_CLOSED' } }]);
  });

  test.each<[string, (client: AsyncClient) => Promise<unknown>]>([
    ['turnRun', (client) => client.turnRun({ threadId: 't', input: 'go' }, options()).result()],
    ['threadRun', (client) => client.threadRun({ turn: 'go' }, options()).result()],
    ['commandRun', (client) => client.commandRun({ command: ['ls'] }, options()).result()],
    ['fileWatch', (client) => client.fileWatch({ path: '/x' }, options()).ready],
    ['login', (client) => client.login({ type: 'apiKey', apiKey: 'k' }, options())],
    ['paginate', (client) => client.paginate('thread/list', {}, options())[Symbol.asyncIterator]().next()],
  ])('of %s has the options that are given', async (_, begin) => {
    const server = new PipedServer();
    expect(await errorOf(begin(server.client))).toMatchObject({ message: 'not any more' });
    await turn();
    expect(server.received).toEqual([]);
  });

  test('L14 on one thread is in line behind the turns that the client began there, however it was begun', async () => {
    const server = new PipedServer();
    const { client } = server;
    const runs = [
      client.turnRun({ threadId: 't', input: 'one' }),
      client.thread('t').run('two'),
      client.turnRun({ threadId: 'other', input: 'three' }),
    ];
    const settled = Promise.allSettled(runs.map((run) => run.result()));
    const startsTurn = ({ method }: ReceivedMessage) => method === 'turn/start';
    const threadOf = ({ params }: ReceivedMessage) => params?.['threadId'];
    await server.receivedWhere((message) => startsTurn(message) && threadOf(message) === 'other');
    await server.quiet();
    expect(server.received.filter(startsTurn).map(threadOf)).toEqual(['t', 'other']);
    server.end();
    await settled;
  });
});

describe('attach', () => {
  test('L13 waits for each step of a shutdown as long as it is told', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const signals: string[] = [];
    const kill = (signal: string) => signals.push(signal);
    const stdout = new PassThrough();
    const client = AsyncClient.attach({ stdin: new PassThrough(), stdout, kill }, { shutdownGraceMs: 50 });
    const ended = client.shutdown();
    await vi.advanceTimersByTimeAsync(49);
    expect(signals).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(signals).toEqual(['SIGTERM']);
    stdout.end();
    await ended;
  });
});
