/** What every client can do, on a server in the test's own process: what is passed on, what is told, what is awaited. */
import { PassThrough } from 'node:stream';
import { AsyncClient, HandshakeError, RequestTimeoutError, type ServerRequest } from 'codex-async-client';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { ask, delta, numberOf, wire } from '../helpers/messages.js';
import { outcomeOf, PipedServer, turn } from '../helpers/piped-server.js';
import { startScripted } from '../helpers/scripted.js';
import { errorOf, spawnScripted } from './scripted-client.js';

afterEach(() => {
  vi.useRealTimers();
});

function useFakeTimers(): void {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
}

/** A server that has asked the client something. */
async function askingServer(pipeBytes?: number): Promise<{
  server: PipedServer;
  request: ServerRequest<'item/tool/call'>;
}> {
  const server = new PipedServer(pipeBytes === undefined ? {} : { pipeBytes });
  server.send(wire(ask(0)));
  const request = await server.client.nextMessage();
  if (request?.method !== 'item/tool/call') throw new Error('it is a request');
  return { server, request };
}

describe('a time limit', () => {
  test('of a request is a minute when nothing is said', async () => {
    useFakeTimers();
    const { client } = new PipedServer();
    const call = outcomeOf(client.request('x/y'));
    vi.advanceTimersByTime(59_999);
    expect(client.stats().requests.inFlight).toBe(1);
    vi.advanceTimersByTime(1);
    expect(await call).toMatchObject({ code: 'CODEX_REQUEST_TIMEOUT', timeoutMs: 60_000 });
  });

  test('of a request is the client’s when it has one, and its own when that is given', async () => {
    useFakeTimers();
    const { client } = new PipedServer({ requestTimeoutMs: 500 });
    const calls = [
      outcomeOf(client.request('x/y')),
      outcomeOf(client.request('x/y', {}, { timeoutMs: 100 })),
    ];
    vi.advanceTimersByTime(500);
    expect(await Promise.all(calls)).toEqual([
      expect.objectContaining({ timeoutMs: 500 }),
      expect.objectContaining({ timeoutMs: 100 }),
    ]);
  });

  test('of a read says so, and loses nothing', async () => {
    useFakeTimers();
    const server = new PipedServer();
    const read = outcomeOf(server.client.nextMessage({ timeoutMs: 30 }));
    vi.advanceTimersByTime(30);
    const error = await read;
    expect(error).toBeInstanceOf(RequestTimeoutError);
    expect(error).toMatchObject({
      method: 'nextMessage',
      timeoutMs: 30,
      message: 'no message for it arrived within 30 ms; the stream goes on, and nothing was lost',
    });
    server.send(wire(delta(1)));
    expect(numberOf(await server.client.nextMessage())).toBe(1);
  });
});

describe('a read of the main stream', () => {
  test('ends with the reason of its signal', async () => {
    const { client } = new PipedServer();
    const controller = new AbortController();
    const read = errorOf(client.nextMessage({ signal: controller.signal }));
    const reason = new Error('enough');
    controller.abort(reason);
    expect(await read).toBe(reason);
  });
});

describe('an answer', () => {
  test.each<[string, (client: AsyncClient, request: ServerRequest) => Promise<void>]>([
    ['a result', (client, { id }) => client.respondById(id, { text: 'x'.repeat(2_000) })],
    ['an error', (client, request) => client.respondError(request, -1, 'x'.repeat(2_000))],
    ['a notification', (client) => client.notify('x/y', { text: 'x'.repeat(2_000) })],
  ])('L8 is taken when the pipe has taken it: %s', async (_, answer) => {
    const { server, request } = await askingServer(16);
    server.stopReading();
    const answering = answer(server.client, request);
    expect(await outcomeOf(answering)).toBe('pending');
    server.readAgain();
    expect(await answering).toBeUndefined();
  });

  test('goes to the server as it was given', async () => {
    const { server, request } = await askingServer();
    server.send(wire(ask(1)));
    await server.client.nextMessage();
    await server.client.respond(request, { contentItems: [], success: true });
    await server.client.respondError(1, -5, 'no', { why: 'not now' });
    expect(server.received).toEqual([
      { id: 0, result: { contentItems: [], success: true } },
      { id: 1, error: { code: -5, message: 'no', data: { why: 'not now' } } },
    ]);
  });

  test('of a kind that was set beforehand is given at once, until it is taken back', async () => {
    const { server } = await askingServer();
    server.client.setStandingAnswer('item/tool/call', { contentItems: [], success: false });
    server.send(wire(ask(1)));
    await server.receivedWhere(({ id }) => id === 1);
    server.client.setStandingAnswer('item/tool/call', undefined);
    server.send(wire(ask(2)));
    expect(await server.client.nextMessage()).toMatchObject({ id: 2 });
    expect(server.client.stats()).toMatchObject({
      messages: { standingAnswers: 1 },
      requests: { unansweredByUs: 2 },
    });
  });

  test('that nobody waits for any more fires the signal of the request', async () => {
    const { server, request } = await askingServer();
    const signal = server.client.signalOf(request);
    expect(signal.aborted).toBe(false);
    server.send({ method: 'serverRequest/resolved', params: { threadId: 'thread', requestId: 0 } });
    await server.client.nextMessage();
    expect(signal.aborted).toBe(true);
  });
});

describe('the state', () => {
  test('moves from spawned to closed, and a client that ends its server is not alive', async () => {
    const server = new PipedServer();
    const { client } = server;
    expect([client.state, client.isAlive]).toEqual(['spawned', true]);
    const initializing = client.initialize();
    await server.receivedRequests(1);
    expect(client.state).toBe('initializing');
    expect(client.serverInfo).toBeUndefined();
    server.send({ id: 1, result: { userAgent: 'codex-async-client/0.169.0' } });
    await initializing;
    expect([client.state, client.isAlive]).toEqual(['ready', true]);
    const ending = client.shutdown();
    expect([client.state, client.isAlive]).toEqual(['closing', false]);
    await ending;
    expect([client.state, client.isAlive]).toEqual(['closed', false]);
  });

  test('is closing while what a dead server wrote is still read, and it is not alive then', async () => {
    const stdout = new PassThrough();
    const client = AsyncClient.attach({ stdin: new PassThrough(), stdout });
    stdout.end('{"method":"x/last"}\n');
    expect(await client.nextMessage()).toMatchObject({ method: 'x/last' });
    await client.closed;
    expect([client.state, client.isAlive]).toEqual(['closed', false]);
  });

  test.each<[string, (client: AsyncClient) => Promise<void>]>([
    ['shutdown()', (client) => client.shutdown()],
    ['await using', (client) => client[Symbol.asyncDispose]()],
  ])('is closed when %s has settled', async (_, end) => {
    const { client } = new PipedServer();
    await end(client);
    expect(client.state).toBe('closed');
  });
});

describe('the handshake’s options', () => {
  test('are all of a request’s, and whether `initialized` follows', async () => {
    const server = new PipedServer();
    const trace = { traceparent: '00-a-b-01', tracestate: 'x=y' };
    const { signal } = new AbortController();
    const initializing = server.client.initialize(undefined, {
      timeoutMs: 5_000,
      signal,
      trace,
      sendInitialized: false,
    });
    await server.receivedRequests(1);
    expect(server.received[0]).toMatchObject({ method: 'initialize', trace });
    server.send({ id: 1, result: { userAgent: 'x/1.0.0' } });
    await initializing;
    await turn();
    expect(server.received).toHaveLength(1);
    await server.client.initialized();
    expect(server.received.map(({ method }) => method)).toEqual(['initialize', 'initialized']);
  });

  test('`initialized` that is sent before `initialize` is an error that it settles with', async () => {
    const { client } = new PipedServer();
    expect(await errorOf(client.initialized())).toBeInstanceOf(HandshakeError);
  });

  test.each([undefined, true])('sendInitialized: %s sends it', async (sendInitialized) => {
    const server = new PipedServer();
    const initializing = server.client.initialize(undefined, { sendInitialized });
    await server.receivedRequests(1);
    server.send({ id: 1, result: { userAgent: 'x/1.0.0' } });
    await initializing;
    expect(server.received.map(({ method }) => method)).toEqual(['initialize', 'initialized']);
  });
});

describe('stderr', () => {
  test('is handed out once, and counted', async () => {
    await using client = await spawnScripted('process-exits-at-once');
    const lines: string[] = [];
    for await (const line of client.takeStderr() ?? []) lines.push(line);
    expect(lines).toEqual(['Error: config.toml line 3: unknown key', 'no server for you']);
    expect(client.takeStderr()).toBeUndefined();
    const receivedBytes = Buffer.byteLength(lines.join('\n'));
    expect(client.stats().stderr).toEqual({ receivedBytes, droppedLines: 0 });
  });
});

test('stats() are those of the session and of stderr', async () => {
  await using client = await startScripted('echo-params');
  await client.request('ping');
  expect(client.stats()).toMatchObject({
    messages: { received: 0, delivered: 0 },
    requests: { inFlight: 0, waiting: 0 },
    noiseLines: 0,
    stderr: { receivedBytes: 0, droppedLines: 0 },
  });
});

test('L20 a client that is made by hand says how it is made', () => {
  expect(() => Reflect.construct(AsyncClient, [])).toThrow('AsyncClient.start()');
});
