/** A client over a child that somebody else started: a ChildProcess, an execa subprocess, or plain streams. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { AsyncClient } from 'codex-async-client';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { PipedServer } from '../helpers/piped-server.js';
import { scriptedCommand } from '../helpers/scripted.js';
import { errorOf } from './scripted-client.js';

const [program = '', ...args] = scriptedCommand('echo-params');

async function echoes(client: AsyncClient): Promise<void> {
  await client.initialize();
  expect(await client.request('echo/this', { text: 'hi' })).toEqual({
    method: 'echo/this',
    params: { text: 'hi' },
  });
}

describe('attach', () => {
  test('speaks with a child of child_process.spawn, and ends it', async () => {
    const child = spawn(program, args);
    const exited = once(child, 'exit');
    const client = AsyncClient.attach(child);
    expect(client.pid).toBe(child.pid);
    await echoes(client);
    await client.shutdown();
    expect(await exited).toEqual([0, null]);
    expect(client.state).toBe('closed');
  });

  test('speaks with an execa subprocess, and ends it', async () => {
    const child = execa(program, args, { buffer: false, reject: false });
    const client = AsyncClient.attach(child);
    await echoes(client);
    await client.shutdown();
    expect(await child).toMatchObject({ exitCode: 0 });
  });

  test('leaves a child without kill alive, for the next client', async () => {
    const child = spawn(program, args);
    const { stdin, stdout } = child;
    const first = AsyncClient.attach({ stdin, stdout });
    await echoes(first);
    await first.shutdown();
    expect(child.exitCode).toBeNull();
    const second = AsyncClient.attach({ stdin, stdout });
    await echoes(second);
    await second.shutdown();
    child.stdin.end();
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  test('speaks with plain streams', async () => {
    const server = new PipedServer();
    const initializing = server.client.initialize();
    const { id, params } = await server.receivedWhere(({ method }) => method === 'initialize');
    expect(params).toMatchObject({ clientInfo: { name: 'codex-async-client' } });
    server.send({
      id,
      result: { userAgent: 'codex-async-client/0.169.0', codexHome: '/', platformOs: 'linux' },
    });
    await initializing;
    expect(server.client.state).toBe('ready');
    expect(server.client.pid).toBeUndefined();
    server.end();
    expect(await server.client.closed).toMatchObject({ expected: false, exitCode: null, signal: null });
  });

  test('L9 a socket that is reset ends the client with the socket’s own error as the cause', async () => {
    const listener = createServer().listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const address = listener.address();
    const socket = connect(typeof address === 'object' ? (address?.port ?? 0) : 0, '127.0.0.1');
    // The edge of what node:events types.
    const [peer] = (await once(listener, 'connection')) as [Socket];
    const client = AsyncClient.attach({ stdin: socket, stdout: socket });
    const call = errorOf(client.request('x/y'));
    await once(peer, 'data');
    peer.resetAndDestroy();
    listener.close();
    expect(await call).toMatchObject({ code: 'CODEX_SERVER_CLOSED', cause: { code: 'ECONNRESET' } });
    expect((await client.closed).error).toMatchObject({ cause: { code: 'ECONNRESET' } });
  });

  test('a child whose stdout ended before is a closed server', async () => {
    const stdout = new PassThrough();
    stdout.end();
    stdout.resume();
    await once(stdout, 'end');
    const client = AsyncClient.attach({ stdin: new PassThrough(), stdout });
    expect(await errorOf(client.initialize())).toMatchObject({ code: 'CODEX_HANDSHAKE' });
    await client.closed;
    expect(client.isAlive).toBe(false);
  });
});
