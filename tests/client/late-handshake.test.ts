/** Handshakes that are repeated, refused or late: what a second call waits for, and what it may still change. */
import { type AsyncClient, HandshakeError, InvalidArgumentError, RpcError } from 'codex-async-client';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { PipedServer } from '../helpers/piped-server.js';
import { errorOf } from './scripted-client.js';

afterEach(() => {
  vi.useRealTimers();
});

const params = {
  clientInfo: { name: 'a test', title: null, version: '1.2.3' },
  capabilities: { experimentalApi: true, requestAttestation: false },
};

/** A server that answers each `initialize` so. */
async function answered(initialize: (client: AsyncClient) => Promise<unknown>, answer: object) {
  const server = new PipedServer();
  const outcome = initialize(server.client).catch((error: unknown) => error);
  const [request] = await server.receivedRequests(1);
  server.send({ id: request?.id, ...answer });
  return { server, outcome: await outcome };
}

const GOOD = { result: { userAgent: 'a/1.0.0' } };

describe('params that are equal', () => {
  const capabilities = (...entries: [string, unknown][]) => Object.fromEntries(entries) as never;
  const first = {
    clientInfo: params.clientInfo,
    capabilities: capabilities(['b', { d: 1, c: [1, { f: null, e: 'x' }] }], ['a', true]),
  };

  test('have their keys in any order, at any depth', async () => {
    const { server, outcome } = await answered((client) => client.initialize(first), GOOD);
    const same = {
      capabilities: capabilities(['a', true], ['b', { c: [1, { e: 'x', f: null }], d: 1 }]),
      clientInfo: params.clientInfo,
    };
    expect(await server.client.initialize(same)).toBe(outcome);
  });

  test.each<[string, unknown]>([
    ['the order of a list', { c: [{ f: null, e: 'x' }, 1], d: 1 }],
    ['a number', { c: [1, { f: null, e: 'x' }], d: 2 }],
    ['a name', { c: [1, { f: null, e: 'x' }], g: 1 }],
    ['a list for an object', { c: [1, ['x', null]], d: 1 }],
  ])('differ in %s when they do', async (_, b) => {
    const { server } = await answered((client) => client.initialize(first), GOOD);
    const other = { ...first, capabilities: capabilities(['a', true], ['b', b]) };
    expect(await errorOf(server.client.initialize(other))).toMatchObject({
      argument: 'params',
      message:
        'params: initialize was called before with other params, and a connection is initialized once; start another client for other params',
    });
  });
});

describe('a refused handshake', () => {
  const other = { ...params, clientInfo: { ...params.clientInfo, name: 'other' } };

  test('can be tried again, also with other params', async () => {
    const refusal = { error: { code: -32600, message: 'not you' } };
    const { server, outcome } = await answered((client) => client.initialize(params), refusal);
    expect(outcome).toBeInstanceOf(HandshakeError);
    expect(outcome).toMatchObject({
      message: 'the handshake with the codex app-server failed: initialize failed: not you (-32600)',
      cause: expect.any(RpcError),
    });
    expect(server.client.state).toBe('spawned');
    const again = server.client.initialize(other);
    expect(server.client.state).toBe('initializing');
    await server.receivedRequests(2);
    server.send({ id: 2, ...GOOD });
    expect(await again).toEqual(GOOD.result);
  });

  test('can be tried again when the server was overloaded', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const server = new PipedServer();
    const refused = errorOf(server.client.initialize(params, { timeoutMs: 0 }));
    let isRefused = false;
    refused.then(() => {
      isRefused = true;
    });
    for (let sent = 1; !isRefused; sent += 1) {
      const { id } = (await server.receivedRequests(sent)).at(-1) ?? {};
      server.send({ id, error: { code: -32001, message: 'overloaded' } });
      await server.quiet();
      await vi.runAllTimersAsync();
      await server.quiet();
    }
    expect(await refused).toMatchObject({ code: 'CODEX_HANDSHAKE', cause: { code: 'CODEX_OVERLOADED' } });
    expect(server.client.state).toBe('spawned');
  });

  test('that an answer broke stays as it is: the server has taken it', async () => {
    const { server, outcome } = await answered((client) => client.initialize(params), { result: 'ok' });
    expect(outcome).toMatchObject({
      message: expect.stringContaining('initialize was answered with "ok"'),
    });
    expect(server.client.state).toBe('initializing');
    expect(await errorOf(server.client.initialize(params))).toBe(outcome);
    expect(await errorOf(server.client.initialize(other))).toBeInstanceOf(InvalidArgumentError);
    expect(server.received).toHaveLength(1);
  });

  test('leaves nothing to handle behind when nobody waits for it any more', async () => {
    const server = new PipedServer();
    const controller = new AbortController();
    const waiting = errorOf(server.client.initialize(params, { signal: controller.signal }));
    controller.abort(new Error('the user left'));
    await waiting;
    // An unhandled rejection fails the run of the tests.
    server.send({ id: 1, error: { code: 1, message: 'late' } });
    await server.quiet();
    expect(server.client.state).toBe('spawned');
  });
});

describe('the limits of a handshake', () => {
  test('an abort that came before sends nothing, and binds nobody to the params', async () => {
    const server = new PipedServer();
    const reason = new Error('too late');
    expect(await errorOf(server.client.initialize(params, { signal: AbortSignal.abort(reason) }))).toBe(
      reason,
    );
    expect(server.client.state).toBe('spawned');
    await server.quiet();
    expect(server.received).toEqual([]);
  });

  test('the time is the client’s limit, or the call’s own, and the error says how to go on', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const server = new PipedServer({ requestTimeoutMs: 700 });
    const calls = [server.client.initialize(params), server.client.initialize(params, { timeoutMs: 300 })];
    const outcomes = calls.map((call) => call.catch((error: unknown) => error));
    await vi.advanceTimersByTimeAsync(300);
    const ofTimeout = (timeoutMs: number) => ({
      message: `the handshake with the codex app-server failed: initialize was not answered within ${timeoutMs} ms; call initialize() again to go on waiting, or shutdown()`,
      cause: { code: 'CODEX_REQUEST_TIMEOUT', method: 'initialize', timeoutMs },
    });
    expect(await outcomes[1]).toMatchObject(ofTimeout(300));
    await vi.advanceTimersByTimeAsync(400);
    expect(await outcomes[0]).toMatchObject(ofTimeout(700));
  });

  test('a late answer counts however late it is', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const server = new PipedServer({ requestTimeoutMs: 700 });
    const first = errorOf(server.client.initialize(params));
    await vi.advanceTimersByTimeAsync(700);
    await first;
    await vi.advanceTimersByTimeAsync(1_000_000);
    server.send({ id: server.received[0]?.id, ...GOOD });
    await server.quiet();
    expect(server.client.serverInfo?.version).toBe('1.0.0');
    expect(await server.client.initialize(params)).toEqual(GOOD.result);
  });

  test('`initialized` is sent once, also by calls at once', async () => {
    const { server } = await answered(
      (client) => client.initialize(params, { sendInitialized: false }),
      GOOD,
    );
    await Promise.all([server.client.initialized(), server.client.initialized()]);
    await server.quiet();
    expect(server.received.map(({ method }) => method)).toEqual(['initialize', 'initialized']);
  });

  test('`initialized` says what has to come before it', async () => {
    const { client } = new PipedServer();
    expect(await errorOf(client.initialized())).toMatchObject({
      message:
        'the handshake with the codex app-server failed: initialized() comes after initialize(); call and await initialize() first',
      cause: expect.any(Error),
    });
  });

  test.each<[string, object]>([
    ['null', { title: null }],
    ['a text', { title: 'Mine' }],
    ['left out', {}],
  ])('a title can be %s, and capabilities null', async (_, title) => {
    const clientInfo = { name: 'x', version: '1', ...title } as typeof params.clientInfo;
    const { outcome } = await answered(
      (client) => client.initialize({ clientInfo, capabilities: null }),
      GOOD,
    );
    expect(outcome).toEqual(GOOD.result);
  });
});
