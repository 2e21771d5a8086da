/**
 * A server in the test's own process that speaks WebSocket, behind a Unix socket and a port of 127.0.0.1: what the real
 * one cannot be made to do. It answers the handshake; the rest is up to the test.
 */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import type { ConnectTarget } from 'codex-async-client';
import { type WebSocket, WebSocketServer } from 'ws';
import type { ReceivedMessage } from './piped-server.js';

/** What varies. */
export interface SocketServerOptions {
  /** It answers pings. @defaultValue true */
  readonly autoPong?: boolean;
  /** It answers `initialize`. @defaultValue true */
  readonly answersHandshake?: boolean;
  /** The bytes of one frame that it names in its answer to the upgrade. @defaultValue none */
  readonly maxFrameBytes?: number;
}

const HANDSHAKE_ANSWER = {
  userAgent: 'codex-async-client/0.169.0 (test)',
  codexHome: '/codex-home',
  platformFamily: 'unix',
  platformOs: 'linux',
};

/** The bits of the first byte of a frame; see RFC 6455. */
export const FIN = 0x80;
export const TEXT = 1;
export const BINARY = 2;
export const PING = 9;

/** A frame as a server sends it, of at most 65,535 bytes. */
export function frame(data: string | Buffer, firstByte = TEXT | FIN): Buffer {
  const bytes = Buffer.from(data);
  const length = bytes.length < 126 ? [bytes.length] : [126, bytes.length >> 8, bytes.length & 0xff];
  return Buffer.concat([Buffer.from([firstByte, ...length]), bytes]);
}

/** A server of WebSockets. */
export class SocketServer implements AsyncDisposable {
  /** The open and closed WebSockets, in the order in which they came. */
  readonly sockets: WebSocket[] = [];
  /** The headers of their upgrades. */
  readonly upgrades: IncomingHttpHeaders[] = [];
  /** Everything that the clients sent, in order. */
  readonly received: ReceivedMessage[] = [];
  pings = 0;
  readonly socketPath: string;
  readonly url: string;
  readonly #folder: string;
  readonly #servers: readonly Server[];
  readonly #answersHandshake: boolean;
  readonly #waiters = new Set<() => void>();

  private constructor(folder: string, servers: readonly Server[], options: SocketServerOptions) {
    this.#folder = folder;
    this.#servers = servers;
    this.#answersHandshake = options.answersHandshake ?? true;
    this.socketPath = join(folder, 'server.sock');
    const address = servers[1]?.address();
    this.url = `ws://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
    const { autoPong = true, maxFrameBytes } = options;
    const webSockets = new WebSocketServer({ noServer: true, autoPong });
    if (maxFrameBytes !== undefined)
      webSockets.on('headers', (headers) =>
        headers.push(`x-codex-websocket-max-unfragmented-message-bytes: ${maxFrameBytes}`),
      );
    for (const server of servers)
      server.on('upgrade', (request, stream, head) => {
        this.upgrades.push(request.headers);
        webSockets.handleUpgrade(request, stream, head, (socket) => this.#take(socket));
      });
  }

  static async start(options: SocketServerOptions = {}): Promise<SocketServer> {
    const folder = mkdtempSync(join(tmpdir(), 'codex-async-client-socket-'));
    const servers = [createServer(), createServer()] as const;
    servers[0].listen(join(folder, 'server.sock'));
    servers[1].listen(0, '127.0.0.1');
    await Promise.all(servers.map((server) => once(server, 'listening')));
    return new SocketServer(folder, servers, options);
  }

  /** What `connect` takes. */
  get target(): ConnectTarget {
    return { socketPath: this.socketPath };
  }

  /** The WebSocket that came last. */
  get socket(): WebSocket {
    const socket = this.sockets.at(-1);
    if (socket === undefined) throw new Error('nobody has connected');
    return socket;
  }

  /** Sends messages to the client that came last, each as one frame. */
  send(...messages: readonly object[]): void {
    for (const message of messages) this.socket.send(JSON.stringify(message));
  }

  /** The bytes beneath the WebSocket that came last: what is written there goes out as it is. */
  get stream(): Duplex {
    const stream: unknown = Reflect.get(this.socket, '_socket');
    if (!(stream instanceof Duplex)) throw new Error('the WebSocket is gone');
    return stream;
  }

  /** Settles when something is so, which is looked at whenever something comes. */
  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await new Promise<void>((resolve) => this.#waiters.add(resolve));
  }

  /** Settles when a client has sent a message that fits. */
  async receivedWhere(matches: (message: ReceivedMessage) => boolean): Promise<ReceivedMessage> {
    await this.until(() => this.received.some(matches));
    return this.received.find(matches) ?? {};
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.sockets) socket.terminate();
    await Promise.all(this.#servers.map((server) => new Promise((resolve) => server.close(resolve))));
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #take(socket: WebSocket): void {
    this.sockets.push(socket);
    socket.on('error', () => {});
    socket.on('ping', () => {
      this.pings += 1;
      this.#wake();
    });
    socket.on('close', () => this.#wake());
    socket.on('message', (data) => this.#read(socket, String(data)));
    this.#wake();
  }

  #read(socket: WebSocket, text: string): void {
    // The edge of the wire: what the client writes is JSON-RPC.
    const message = JSON.parse(text) as ReceivedMessage;
    this.received.push(message);
    if (message.method === 'initialize' && this.#answersHandshake)
      socket.send(JSON.stringify({ id: message.id, result: HANDSHAKE_ANSWER }));
    this.#wake();
  }

  #wake(): void {
    for (const resolve of [...this.#waiters]) resolve();
    this.#waiters.clear();
  }
}
