/** The handshake with the real server, and what it tells about itself. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AsyncClient, HandshakeError, PROTOCOL_VERSION, RpcError } from 'codex-async-client';
import { LocalModelProvider } from 'codex-async-client/testing';
import { describe, expect, test } from 'vitest';

const errorOf = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => new Error('the call was expected to fail'),
    (error: unknown) => error,
  );

describe('the handshake with the real server', () => {
  test('tells its version, its home and its platform', async () => {
    await using provider = await LocalModelProvider.start();
    await using client = await AsyncClient.start({ ...provider.options });
    expect(client.state).toBe('ready');
    expect(client.isAlive).toBe(true);
    expect(client.pid).toBeGreaterThan(0);
    expect(client.serverInfo).toMatchObject({
      version: PROTOCOL_VERSION,
      codexHome: provider.options.codexHome,
      platform: { os: { darwin: 'macos', win32: 'windows' }[process.platform as string] ?? process.platform },
    });
    expect(client.serverInfo?.userAgent).toContain(`codex-async-client/${PROTOCOL_VERSION}`);
  });

  test('introduces the client by the name it was given', async () => {
    await using provider = await LocalModelProvider.start();
    await using client = await AsyncClient.start({
      ...provider.options,
      clientInfo: { name: 'my/odd client 1.2.3', version: '9.8.7' },
    });
    expect(client.serverInfo?.version).toBe(PROTOCOL_VERSION);
  });

  test('by hand: before it the server refuses requests, repeated it is not sent again', async () => {
    await using provider = await LocalModelProvider.start();
    await using client = await AsyncClient.spawn({ ...provider.options });
    const early = await errorOf(client.threadLoadedList());
    expect(early).toBeInstanceOf(RpcError);
    expect(early).toMatchObject({
      rpcCode: -32600,
      message: expect.stringContaining('Not initialized (-32600); call initialize() first'),
    });
    const params = { clientInfo: { name: 'by-hand', title: null, version: '1' }, capabilities: null };
    const answer = await client.initialize(params, { sendInitialized: false });
    expect(client.state).toBe('initializing');
    await client.initialized();
    expect(await client.initialize({ ...params })).toBe(answer);
    expect(await client.threadLoadedList()).toMatchObject({ data: [] });
    const twice = await errorOf(client.request('initialize', params));
    expect(twice).toMatchObject({ rpcCode: -32600, message: expect.stringContaining('Already initialized') });
  });

  test('fails with the server’s last words when its configuration is broken', async () => {
    const codexHome = await mkdtemp(join(tmpdir(), 'codex-home-'));
    try {
      const error = await errorOf(AsyncClient.start({ codexHome, args: ['--no-such-flag'] }));
      expect(error).toBeInstanceOf(HandshakeError);
      expect(error).toMatchObject({
        stderrTail: expect.stringContaining('--no-such-flag'),
        cause: { code: 'CODEX_SERVER_CLOSED', exitCode: 2 },
      });
    } finally {
      await rm(codexHome, { recursive: true });
    }
  });

  test('shutdown ends the server with exit code 0, and streams end', async () => {
    await using provider = await LocalModelProvider.start();
    const client = await AsyncClient.start({ ...provider.options });
    const events = client.events();
    await client.shutdown();
    for await (const _ of events);
    expect(await client.closed).toMatchObject({
      expected: true,
      exitCode: 0,
      signal: null,
      error: undefined,
    });
    expect(client.state).toBe('closed');
  });
});
