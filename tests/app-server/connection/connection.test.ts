/** An open connection in the place of a process: its end, how it is ended, and what it says of it. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { Connection, type ConnectionParts } from '../../../src/app-server/connection/connection.js';
import { openWebSocket } from '../../../src/app-server/connection/web-socket.js';
import { spawnServer } from '../../../src/app-server/launch/spawn-server.js';
import { SocketServer, type SocketServerOptions } from '../../helpers/socket-server.js';
import { start } from '../processes.js';

const NO_PULSE = { intervalMs: 0, limitMs: 1 };

async function connected(parts: Partial<ConnectionParts> = {}, options: SocketServerOptions = {}) {
  const server = await SocketServer.start(options);
  const address = { url: server.url, headers: {}, createStream: () => connect(server.socketPath) };
  const limits = { maxMessageBytes: 1_000, timeoutMs: 0, closeTimeoutMs: 2_000, signal: undefined };
  const socket = await openWebSocket(address, limits);
  const rest = { place: 'at x', proxy: undefined, graceMs: 60_000, pulse: NO_PULSE };
  const connection = new Connection({ socket, ...rest, ...parts });
  await server.until(() => server.sockets.length === 1);
  // As a session does: whoever reads decides how much is held.
  connection.stdout.resume();
  return { server, connection, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

const UNKNOWN = { exitCode: null, signal: null };

describe('a connection', () => {
  test('stands until the other end goes, and has no exit code', async () => {
    await using stage = await connected();
    const { connection, server } = stage;
    expect(connection).toMatchObject({
      hasExited: false,
      ending: undefined,
      pid: undefined,
      localFolder: undefined,
    });
    server.socket.terminate();
    expect(await connection.exited).toEqual(UNKNOWN);
    expect(connection.hasExited).toBe(true);
    expect(connection.ending).toMatch(/^the connection to the codex app-server at x ended without a word: /);
  });

  test('says which code and reason the other end gave', async () => {
    await using stage = await connected();
    stage.server.socket.close(1012, 'now');
    await stage.connection.exited;
    expect(stage.connection.ending).toContain('closed by the other end (code 1012, it restarts, "now")');
  });

  test('says only the code where no reason was given', async () => {
    await using stage = await connected();
    stage.server.socket.close(4000);
    await stage.connection.exited;
    expect(stage.connection.ending).toMatch(/closed by the other end \(code 4000\)$/);
  });

  test('has no stderr to be taken, and its log is over', async () => {
    await using stage = await connected();
    await stage.connection.stderr.ended;
    expect(stage.connection.stderr.take()).toBeUndefined();
  });

  test('L13 is ended by stop: the other end gets a closing word, once', async () => {
    await using stage = await connected();
    const { connection, server } = stage;
    const closed = once(server.socket, 'close');
    expect(connection.stop()).toBe(connection.stop());
    await connection.stop();
    expect((await closed)[0]).toBe(1000);
    expect(connection.hasExited).toBe(true);
  });

  test('L13 is cut when the other end does not follow within the grace', async () => {
    await using stage = await connected({ graceMs: 10 });
    const { connection, server } = stage;
    const bytes: unknown = Reflect.get(server.socket, '_socket');
    Reflect.apply(Reflect.get(Object(bytes), 'pause'), bytes, []);
    await connection.stop();
    expect(await connection.exited).toEqual(UNKNOWN);
  });

  test('that does not answer a ping is taken for gone', async () => {
    const pulse = { intervalMs: 5, limitMs: 5 };
    await using stage = await connected({ pulse }, { autoPong: false });
    const { connection, server } = stage;
    const broke = once(connection.stdout, 'error');
    await connection.exited;
    expect(server.pings).toBeGreaterThan(0);
    expect(connection.ending).toMatch(/ at x broke: a ping was not answered within 5 ms/);
    expect(String(await broke)).toContain('a ping was not answered');
  });

  test('that answers its pings stands', async () => {
    await using stage = await connected({ pulse: { intervalMs: 5, limitMs: 1_000 } });
    const { connection, server } = stage;
    await server.until(() => server.pings >= 2);
    expect(connection.hasExited).toBe(false);
    await connection.stop();
  });

  test('L13 ends its proxy with it, and has its pid and its stderr', async () => {
    const proxy = await start('ends-with-stdin');
    await using stage = await connected({ proxy });
    const { connection, server } = stage;
    expect(connection.pid).toBe(proxy.pid);
    expect(connection.stderr).toBe(proxy.stderr);
    server.socket.terminate();
    expect(await connection.exited).toEqual(UNKNOWN);
    expect(proxy.hasExited).toBe(true);
    connection.release();
    expect(proxy.stdout.destroyed && connection.stdin.destroyed && connection.stdout.destroyed).toBe(true);
  });

  test('says so when its proxy failed', async () => {
    const proxy = await spawnServer({ command: ['/bin/sh', '-c', 'read line; exit 5'] });
    await using stage = await connected({ proxy });
    stage.server.socket.terminate();
    await stage.connection.exited;
    expect(stage.connection.ending).toMatch(/; the proxy exited with code 5$/);
  });
});
