/**
 * The door to the package `ws`, which is loaded with the first connection. Opens a WebSocket, within a time limit, and
 * says as data why one does not open. Knows nothing of codex.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { Settlement } from '../../support/settlement.js';
import { LineSocket } from './line-socket.js';

/** The longest message that goes out in one frame where the server does not say: codex refuses longer ones. */
const DEFAULT_MAX_FRAME_BYTES = 16 * 1024 * 1024;
/** The header by which a server says so. */
const MAX_FRAME_HEADER = 'x-codex-websocket-max-unfragmented-message-bytes';
/** The most of a refusal's text that is read. */
const REFUSAL_MAX_CHARS = 300;

/** What is opened. */
export interface WebSocketAddress {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Begins to open the stream of bytes beneath. */
  createStream(): Duplex;
}

/** The limits of a WebSocket. */
export interface WebSocketLimits {
  /** The longest message that is read, in bytes. */
  readonly maxMessageBytes: number;
  /** How long opening it may take. Milliseconds; 0 for no limit. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/** It was answered, and not with a WebSocket. */
export class UpgradeRefused extends Error {
  readonly statusCode: number;
  /** The start of what was said with it. */
  readonly text: string;

  constructor(statusCode: number, text: string) {
    super(`the answer was HTTP ${statusCode}`);
    this.statusCode = statusCode;
    this.text = text;
  }
}

/** It was not answered in time. */
export class NotOpened extends Error {
  constructor(timeoutMs: number) {
    super(`it did not open within ${timeoutMs} ms`);
  }
}

/** Opens a WebSocket. Rejects with {@link UpgradeRefused}, {@link NotOpened}, the signal's reason, or what the system says. */
export async function openWebSocket(
  { url, headers, createStream }: WebSocketAddress,
  { maxMessageBytes, timeoutMs, signal }: WebSocketLimits,
): Promise<LineSocket> {
  const { default: WebSocketOfWs } = await import('ws');
  signal?.throwIfAborted();
  const stream = createStream();
  const socket = new WebSocketOfWs(url, {
    headers,
    maxPayload: maxMessageBytes,
    // On the way to this machine it costs time and saves nothing; ssh and TLS proxies compress by themselves.
    perMessageDeflate: false,
    createConnection: () => stream,
  });
  const opening = new Settlement<LineSocket>(() => socket.terminate());
  opening.limit({ timeoutMs, signal, timeoutError: (limitMs) => new NotOpened(limitMs) });
  // A stream can fail before anybody else listens to it.
  for (const emitter of [stream, socket]) emitter.on('error', (error: Error) => opening.reject(error));
  socket.on('unexpected-response', (_request, response) => refused(opening, response));
  // The first message can be in the same chunk as the upgrade: it is listened to from here on.
  socket.on('upgrade', (response) => {
    const lines = new LineSocket(socket, stream, maxFrameBytesOf(response));
    socket.on('open', () => opening.resolve(lines));
  });
  return opening.promise;
}

function maxFrameBytesOf({ headers }: IncomingMessage): number {
  const bytes = Number(headers[MAX_FRAME_HEADER]);
  return Number.isSafeInteger(bytes) && bytes > 0 ? bytes : DEFAULT_MAX_FRAME_BYTES;
}

function refused(opening: Settlement<LineSocket>, response: IncomingMessage): void {
  let text = '';
  const refuse = () =>
    opening.giveUp(new UpgradeRefused(response.statusCode ?? 0, text.slice(0, REFUSAL_MAX_CHARS)));
  response.setEncoding('utf8');
  response.on('data', (chunk: string) => {
    text += chunk;
    if (text.length >= REFUSAL_MAX_CHARS) refuse();
  });
  for (const event of ['end', 'close', 'error']) response.on(event, refuse);
}
