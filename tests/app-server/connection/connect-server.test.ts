/** From a target to a connection, and what a failure leaves: neither a socket nor a proxy. */

import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpsServer } from 'node:https';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConnectionError, SpawnError } from 'codex-async-client';
import { afterAll, describe, expect, test } from 'vitest';
import { connectServer } from '../../../src/app-server/connection/connect-server.js';
import { type ConnectTarget, endpointOf } from '../../../src/app-server/connection/connect-target.js';
import { asPlainUser } from '../../helpers/plain-user.js';
import { scriptedCommand } from '../../helpers/scripted.js';
import { SocketServer } from '../../helpers/socket-server.js';
import { isRunning } from '../processes.js';

const folder = mkdtempSync(join(tmpdir(), 'codex-async-client-connect-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Makes certificates, where it is installed. */
const OPENSSL = 'openssl';
const HAS_OPENSSL = spawnSync(OPENSSL, ['version']).status === 0;

const OPTIONS = {
  timeoutMs: 30_000,
  signal: undefined,
  maxMessageBytes: 1_000,
  graceMs: 2_000,
  pulse: { intervalMs: 0, limitMs: 1 },
};

const connect = (target: ConnectTarget, options: Partial<typeof OPTIONS> | { signal: AbortSignal } = {}) =>
  connectServer(endpointOf(target), { ...OPTIONS, ...options });

async function failureOf(connecting: Promise<unknown>): Promise<Error> {
  const outcome = await connecting.catch((error: unknown) => error);
  if (!(outcome instanceof Error)) throw new Error('it connected');
  return outcome;
}

/** A line to the server arrives. */
async function speaks(target: (server: SocketServer) => ConnectTarget): Promise<SocketServer> {
  await using server = await SocketServer.start();
  const connection = await connect(target(server));
  connection.stdin.write('{"id":1,"method":"x/y"}\n');
  expect(await server.receivedWhere(({ id }) => id === 1)).toEqual({ id: 1, method: 'x/y' });
  await connection.stop();
  expect(connection.hasExited).toBe(true);
  return server;
}

describe('a connection', () => {
  test('goes over a Unix socket', async () => {
    const { upgrades } = await speaks(({ socketPath }) => ({ socketPath }));
    expect(upgrades[0]).not.toHaveProperty('authorization');
  });

  test('goes to an address, with its token', async () => {
    const { upgrades } = await speaks(({ url }) => ({ url, bearerToken: 'secret' }));
    expect(upgrades[0]).toMatchObject({ authorization: 'Bearer secret' });
  });

  test('goes to an address without a token', async () => {
    const { upgrades } = await speaks(({ url }) => ({ url }));
    expect(upgrades[0]).not.toHaveProperty('authorization');
  });

  test('goes through a proxy', async () => {
    await speaks(({ socketPath }) => ({ proxy: scriptedCommand('socket-proxy', socketPath) }));
  });
});

describe('no connection', () => {
  test('comes about without a socket, or with a file that is none', async () => {
    const missing = await failureOf(connect({ socketPath: join(folder, 'missing') }));
    expect(missing).toBeInstanceOf(ConnectionError);
    expect(missing.message).toContain('there is no such socket');
    const file = join(folder, 'file');
    writeFileSync(file, '');
    expect(await failureOf(connect({ socketPath: file }))).toBeInstanceOf(ConnectionError);
  });

  test('comes about with a socket of somebody else', async () => {
    await using server = await SocketServer.start();
    chmodSync(server.socketPath, 0);
    const failure = await asPlainUser(() => failureOf(connect({ socketPath: server.socketPath })));
    expect(failure.message).toContain('EACCES');
  });

  test('comes about with a server that speaks lines', async () => {
    const lines = createServer((socket) => void socket.on('error', () => {}).write('{"method":"hello"}\n'));
    await once(lines.listen(join(folder, 'lines.sock')), 'listening');
    const failure = await failureOf(connect({ socketPath: join(folder, 'lines.sock') }));
    expect(failure.message).toContain('a server that speaks lines, which is reached with start or attach');
    lines.close();
  });

  test.runIf(HAS_OPENSSL)('comes about with a certificate that nobody vouches for', async () => {
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const files = ['-keyout', key, '-out', cert, '-subj', '/CN=localhost'];
    execFileSync(OPENSSL, ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...files], { stdio: 'ignore' });
    const requests: unknown[] = [];
    const secure = createHttpsServer({ key: readFileSync(key), cert: readFileSync(cert) });
    secure.on('upgrade', (request) => requests.push(request)).listen(0, '127.0.0.1');
    await once(secure, 'listening');
    const address = secure.address();
    const host = `127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
    const failure = await failureOf(connect({ url: `wss://${host}`, bearerToken: 'secret' }));
    expect(failure.message).toContain('its certificate is not trusted (DEPTH_ZERO_SELF_SIGNED_CERT)');
    expect(requests).toEqual([]);
    expect((await failureOf(connect({ url: `ws://${host}` }))).message).toContain('wants wss://');
    secure.close();
  });

  test('comes about without TLS where it is asked for', async () => {
    await using server = await SocketServer.start();
    const failure = await failureOf(connect({ url: server.url.replace('ws:', 'wss:') }));
    expect(failure.message).toContain('it does not speak TLS; use ws:// there');
  });

  test('comes about with a proxy that cannot be started', async () => {
    const failure = await failureOf(connect({ proxy: ['no-such-program-anywhere'] }));
    expect(failure).toBeInstanceOf(SpawnError);
    expect(failure.message).toBe(
      'Could not start the proxy: "no-such-program-anywhere" (from target.proxy) failed with ENOENT. There is no such program, or the interpreter in its first line is missing.',
    );
  });

  test('comes about with a proxy that goes', async () => {
    const failure = await failureOf(connect({ proxy: ['/bin/sh', '-c', 'echo no route >&2; exit 3'] }));
    expect(failure).toMatchObject({ target: 'proxy "/bin/sh"', stderrTail: 'no route' });
    expect(failure.message).toContain('it exited with code 3; the end of its stderr:\nno route');
  });

  test('L13 comes about with a proxy that is silent, and it is ended', async () => {
    const proxy = ['/bin/sh', '-c', 'echo $$ >&2; while read line; do :; done'];
    const failure = await failureOf(connect({ proxy }, { timeoutMs: 300 }));
    expect(failure.message).toContain('did not open within 300 ms');
    const pid = Number(Reflect.get(failure, 'stderrTail'));
    expect(pid).toBeGreaterThan(0);
    expect(await isRunning(pid)).toBe(false);
  });

  test('comes about when its signal fires, which is no error of the connection', async () => {
    const server = createServer();
    await once(server.listen(join(folder, 'silent.sock')), 'listening');
    const abort = new AbortController();
    const reason = new Error('never mind');
    const connecting = failureOf(
      connect({ socketPath: join(folder, 'silent.sock') }, { signal: abort.signal }),
    );
    await once(server, 'connection');
    abort.abort(reason);
    expect(await connecting).toBe(reason);
    server.close();
  });
});
