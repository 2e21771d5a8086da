/** Opening a WebSocket: when it settles, with what, and what is left behind. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
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

const LIMITS: WebSocketLimits = {
  maxMessageBytes: 1_000,
  timeoutMs: 0,
  closeTimeoutMs: 2_000,
  signal: undefined,
};

function open(url: string, limits: Partial<WebSocketLimits> = {}, headers: Record<string, string> = {}) {
  const createStream = () => connect(Number(new URL(url).port), '127.0.0.1');
  return openWebSocket({ url, headers, createStream }, { ...LIMITS, ...limits });
}

/** A server that answers an upgrade by hand. */
function upgrading(answer: (stream: Duplex, key: string) => void): Promise<string> {
  const server = createHttpServer();
  server.on('upgrade', ({ headers }, stream) => answer(stream, String(headers['sec-websocket-key'])));
  return listening(server);
}

/** The answer by which a WebSocket opens. */
function opened(key: string): string {
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
  return `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`;
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

  test('reads what is in the same chunk as the answer', async () => {
    const url = await upgrading(
      (stream, key) => void stream.write(`${opened(key)}\x81\x08{"id":1}`, 'latin1'),
    );
    const lines = await open(url);
    const [chunk] = await once(lines.stdout, 'data');
    expect(String(chunk)).toBe('{"id":1}\n');
    expect(lines.bytesRead).toBe(10);
    lines.terminate();
  });

  test('of which the first chunk brings nonsense, too, breaks when nobody listens yet', async () => {
    const url = await upgrading((stream, key) => void stream.write(`${opened(key)}\x7f\x7f`, 'latin1'));
    const lines = await open(url);
    expect((await lines.closed).error).toMatchObject({ code: 'CODEX_PROTOCOL' });
  });

  test.each([
    ['Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: nonsense', 'Sec-WebSocket-Accept'],
    ['Upgrade: chat\r\nConnection: Upgrade', 'Upgrade'],
  ])('fails alone when the answer is %j', async (headers, named) => {
    const url = await upgrading(
      (stream) => void stream.write(`HTTP/1.1 101 Switching Protocols\r\n${headers}\r\n\r\n`),
    );
    // An error that nobody catches would fail the run of the tests.
    expect(await failureOf(open(url))).toMatchObject({ message: `Invalid ${named} header` });
  });

  test('that is refused shows nothing of the secret, not where it is cut either', async () => {
    const secret = 'hunter2-of-all-tokens';
    for (const before of [0, 250, 290, 299, 300]) {
      const body = `${'x'.repeat(before)}${secret}${'y'.repeat(1_000)}`;
      const url = await listening(
        createHttpServer((_request, response) => response.writeHead(401).end(body)),
      );
      const createStream = () => connect(Number(new URL(url).port), '127.0.0.1');
      const failure = await failureOf(openWebSocket({ url, headers: {}, secret, createStream }, LIMITS));
      expect(failure).toMatchObject({ statusCode: 401, text: expect.stringMatching(/^x*(\[\w*\]?y*)?$/) });
    }
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
