/** `initialize` and `initialized` against scripted servers: what is sent, what is repeated, and how it fails. */
import {
  AsyncClient,
  HandshakeError,
  InvalidArgumentError,
  RequestTimeoutError,
  RpcError,
  ServerClosedError,
} from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import { markHandled } from '../../src/support/deferred.js';
import { PipedServer } from '../helpers/piped-server.js';
import { scriptedCommand, startScripted } from '../helpers/scripted.js';
import { errorOf, recordedLines, spawnScripted } from './scripted-client.js';

const params = {
  clientInfo: { name: 'a test', title: null, version: '1.2.3' },
  capabilities: { experimentalApi: true, requestAttestation: false },
};

describe('start', () => {
  test('sends initialize, then initialized, and knows the server', async () => {
    await using client = await startScripted('records-lines', [], {
      clientInfo: { name: 'mine', version: '4.5.6' },
      experimentalApi: true,
      optOutNotificationMethods: ['thread/started'],
    });
    expect(client.state).toBe('ready');
    expect(client.serverInfo).toEqual({
      version: '0.169.0',
      userAgent: 'mine/0.169.0 (scripted)',
      codexHome: '/nonexistent',
      platform: { family: 'unix', os: 'linux' },
    });
    expect(await recordedLines(client)).toEqual([
      {
        id: 1,
        method: 'initialize',
        params: {
          clientInfo: { name: 'mine', title: null, version: '4.5.6' },
          capabilities: {
            experimentalApi: true,
            requestAttestation: false,
            optOutNotificationMethods: ['thread/started'],
          },
        },
      },
      { method: 'initialized' },
    ]);
  });
});

describe('initialize', () => {
  test('a spawned server is not spoken to before it', async () => {
    await using client = await spawnScripted('records-lines');
    expect(client.state).toBe('spawned');
    expect(client.serverInfo).toBeUndefined();
    expect(await recordedLines(client)).toEqual([]);
  });

  test('repeated with equal params it sends nothing and gives the first answer', async () => {
    await using client = await spawnScripted('records-lines');
    const first = client.initialize(params);
    const { clientInfo, capabilities } = params;
    const again = client.initialize({
      capabilities,
      clientInfo: { version: '1.2.3', name: 'a test', title: null },
    });
    expect(await again).toBe(await first);
    expect(await client.initialize({ clientInfo, capabilities })).toBe(await first);
    const methods = (await recordedLines(client)).map(({ method }) => method);
    expect(methods).toEqual(['initialize', 'initialized']);
  });

  test('repeated with other params it is refused, and nothing is sent', async () => {
    await using client = await spawnScripted('records-lines');
    await client.initialize(params);
    const other = { ...params, clientInfo: { ...params.clientInfo, version: '9.9.9' } };
    const error = await errorOf(client.initialize(other));
    expect(error).toBeInstanceOf(InvalidArgumentError);
    expect(error).toMatchObject({ argument: 'params', message: expect.stringContaining('other params') });
    expect(await recordedLines(client)).toHaveLength(2);
    expect(client.state).toBe('ready');
  });

  test('leaves initialized to the caller with sendInitialized: false', async () => {
    await using client = await spawnScripted('records-lines');
    await client.initialize(params, { sendInitialized: false });
    expect(client.state).toBe('initializing');
    expect((await recordedLines(client)).map(({ method }) => method)).toEqual(['initialize']);
    await client.initialized();
    await client.initialized();
    expect(client.state).toBe('ready');
    const methods = (await recordedLines(client)).map(({ method }) => method);
    expect(methods).toEqual(['initialize', 'initialized']);
  });

  test('initialized() before it is refused, and nothing is sent', async () => {
    await using client = await spawnScripted('records-lines');
    const error = await errorOf(client.initialized());
    expect(error).toBeInstanceOf(HandshakeError);
    expect(error).toMatchObject({ message: expect.stringContaining('initialize() first') });
    expect(await recordedLines(client)).toEqual([]);
  });
});

describe('a handshake that fails', () => {
  test('a refusal keeps the server’s error, and start() leaves no process', async () => {
    const error = await errorOf(startScripted('refuses-handshake', [], { shutdownGraceMs: 50 }));
    expect(error).toBeInstanceOf(HandshakeError);
    expect(error).toMatchObject({
      code: 'CODEX_HANDSHAKE',
      message: expect.stringContaining('no configuration'),
      cause: { method: 'initialize', rpcCode: -32603, data: { pid: expect.any(Number) } },
    });
    const cause = error instanceof HandshakeError ? error.cause : undefined;
    expect(cause).toBeInstanceOf(RpcError);
    const { pid } = (cause as RpcError).data as { pid: number }; // what the scripted server sends
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });

  test('a server that exits is named with its exit code and its last words', async () => {
    const error = await errorOf(startScripted('exits-in-handshake'));
    expect(error).toBeInstanceOf(HandshakeError);
    expect(error).toMatchObject({
      stderrTail: 'panic: the database is locked',
      message: expect.stringContaining('exited with code 3'),
      cause: expect.any(ServerClosedError),
    });
    expect(error).toMatchObject({ cause: { exitCode: 3, signal: null } });
  });

  test('a server that does not answer in time', async () => {
    const error = await errorOf(startScripted('never-answers', [], { requestTimeoutMs: 30 }));
    expect(error).toBeInstanceOf(HandshakeError);
    expect(error).toMatchObject({ cause: expect.any(RequestTimeoutError) });
  });

  test.each(['null', '5', '"ok"', '[]'])('an answer of %s is no handshake', async (answer) => {
    const error = await errorOf(startScripted('answers-handshake-with', [answer]));
    expect(error).toBeInstanceOf(HandshakeError);
    expect(error).toMatchObject({ cause: expect.any(Error) });
  });

  test('an abort ends the process and rejects with the signal’s reason', async () => {
    const controller = new AbortController();
    const reason = new Error('changed my mind');
    const starting = errorOf(startScripted('never-answers', [], { signal: controller.signal }));
    controller.abort(reason);
    expect(await starting).toBe(reason);
  });

  test('an abort rejects with the reason even when that is an error of this package', async () => {
    await using client = await spawnScripted('never-answers');
    const controller = new AbortController();
    const reason = new RequestTimeoutError('my own limit', { method: 'all of it', timeoutMs: 1 });
    const initializing = errorOf(client.initialize(params, { signal: controller.signal }));
    controller.abort(reason);
    expect(await initializing).toBe(reason);
  });

  test('a start that was aborted before starts nothing', async () => {
    const reason = new Error('too late');
    const command = ['/no/such/program'];
    expect(await errorOf(AsyncClient.start({ command, signal: AbortSignal.abort(reason) }))).toBe(reason);
  });

  test.each([
    ['its time is up', () => ({ timeoutMs: 5 }), expect.any(HandshakeError)],
    [
      'it is aborted',
      () => ({ signal: AbortSignal.timeout(5) }),
      expect.objectContaining({ name: 'TimeoutError' }),
    ],
  ])(
    'a second call waits for the late answer when %s, and nothing is sent twice',
    async (_, limits, expected) => {
      const server = new PipedServer();
      expect(await errorOf(server.client.initialize(params, limits()))).toEqual(expected);
      expect(server.client.state).toBe('initializing');
      const again = server.client.initialize(params);
      const [request] = server.received;
      server.send({ id: request?.id, result: { userAgent: 'a/1.0.0' } });
      expect(await again).toEqual({ userAgent: 'a/1.0.0' });
      expect(server.client.state).toBe('ready');
      expect(server.received.map(({ method }) => method)).toEqual(['initialize', 'initialized']);
      await server.client.shutdown();
    },
  );

  test('other params are refused while the first ones are not answered', async () => {
    const server = new PipedServer();
    await errorOf(server.client.initialize(params, { timeoutMs: 1 }));
    const other = { ...params, clientInfo: { ...params.clientInfo, name: 'other' } };
    expect(await errorOf(server.client.initialize(other))).toMatchObject({ code: 'CODEX_INVALID_ARGUMENT' });
    await server.client.shutdown();
  });

  test('`initialized` that could not be sent is sent by the next call', async () => {
    const server = new PipedServer({ buffer: { maxBytes: 100 } });
    const answered = server.client.initialize(params, { sendInitialized: false });
    await server.receivedWhere(({ method }) => method === 'initialize');
    server.send({ id: server.received[0]?.id, result: { userAgent: 'a/1.0.0' } });
    await answered;
    server.client.events();
    server.stopReading();
    markHandled(server.client.notify('fill', { text: 'x'.repeat(100_000) }));
    await server.quiet();
    server.send({ method: 'x/large', params: { text: 'x'.repeat(200) } });
    await server.quiet();
    expect(await errorOf(server.client.initialized())).toMatchObject({
      code: 'CODEX_HANDSHAKE',
      cause: { code: 'CODEX_BACKPRESSURE' },
    });
    server.readAgain();
    await server.client.nextMessage();
    await server.client.initialized();
    expect(server.client.state).toBe('ready');
    await server.client.shutdown();
  });

  test('a command that does not exist is a SpawnError, not a HandshakeError', async () => {
    const [node = ''] = scriptedCommand('records-lines');
    const error = await errorOf(AsyncClient.start({ command: [`${node}-missing`] }));
    expect(error).toMatchObject({ code: 'CODEX_SPAWN', cause: expect.anything() });
  });
});
