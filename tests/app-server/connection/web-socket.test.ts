/** Opening a WebSocket: when it settles, with what, and what is left behind. */
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import {
  NotOpened,
  openWebSocket,
  UpgradeRefused,
  type WebSocketLimits,
} from '../../../src/app-server/connection/web-socket.js';
import { SocketServer } from '../../helpers/socket-server.js';

const servers: Server[] = [];
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
});

/** The address of a server that listens on this machine. */
async function listening(server: Server): Promise<string> {
  servers.push(server);
  server.on('connection', (socket: Socket) => sockets.push(socket));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  return `ws://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
}

const LIMITS: WebSocketLimits = { maxMessageBytes: 1_000, timeoutMs: 0, signal: undefined };

function open(url: string, limits: Partial<WebSocketLimits> = {}, headers: Record<string, string> = {}) {
  const createStream = () => connect(Number(new URL(url).port), '127.0.0.1');
  return openWebSocket({ url, headers, createStream }, { ...LIMITS, ...limits });
}

const failureOf = (opening: Promise<unknown>): Promise<unknown> =>
  opening.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('opening', () => {
  test('sends the headers, offers no compression, and reads what comes first', async () => {
    await using server = await SocketServer.start();
    const lines = await open(server.url, {}, { Authorization: 'Bearer x' });
    await server.until(() => server.sockets.length === 1);
    server.send({ hello: 1 });
    const [chunk] = await once(lines.stdout, 'data');
    expect(String(chunk)).toBe('{"hello":1}\n');
    expect(server.upgrades[0]).toMatchObject({ authorization: 'Bearer x' });
    expect(server.upgrades[0]).not.toHaveProperty('sec-websocket-extensions');
    lines.terminate();
  });

  test('that is refused says with which status, and the start of what was said', async () => {
    const url = await listening(
      createHttpServer().on('upgrade', (_request, stream) => {
        stream.end(`HTTP/1.1 401 Unauthorized\r\ncontent-length: 1000\r\n\r\n${'no '.repeat(300)}`);
      }),
    );
    const failure = await failureOf(open(url));
    expect(failure).toBeInstanceOf(UpgradeRefused);
    expect(failure).toMatchObject({ statusCode: 401, text: 'no '.repeat(100) });
  });

  test('that is answered with a page says so', async () => {
    const url = await listening(createHttpServer((_request, response) => response.end('hello')));
    expect(await failureOf(open(url))).toMatchObject({ statusCode: 200, text: 'hello' });
  });

  test('fails with what the system says', async () => {
    expect(await failureOf(open('ws://127.0.0.1:1'))).toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('fails when what comes is no HTTP', async () => {
    const url = await listening(createServer((socket) => void socket.write('{"method":"hello"}\n')));
    expect(await failureOf(open(url))).toMatchObject({ code: expect.stringMatching(/^HPE_/) });
  });

  test('ends after its time, and lets go of the socket', async () => {
    const server = createServer();
    const url = await listening(server);
    const gone = once(server, 'connection').then(([socket]) => once(socket.resume(), 'close'));
    const failure = await failureOf(open(url, { timeoutMs: 20 }));
    expect(failure).toBeInstanceOf(NotOpened);
    expect(failure).toMatchObject({ message: 'it did not open within 20 ms' });
    await gone;
  });

  test('ends with its signal, before and while it opens', async () => {
    const server = createServer();
    const url = await listening(server);
    const reason = new Error('never mind');
    expect(await failureOf(open(url, { signal: AbortSignal.abort(reason) }))).toBe(reason);
    const abort = new AbortController();
    const opening = failureOf(open(url, { signal: abort.signal }));
    const [socket] = await once(server, 'connection');
    const gone = once(socket.resume(), 'close');
    abort.abort(reason);
    expect(await opening).toBe(reason);
    await gone;
  });
});
