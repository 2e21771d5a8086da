/**
 * The door to the package `ws`, which is loaded with the first connection. Opens a WebSocket, within a time limit, and
 * says as data why one does not open. Knows nothing of codex.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { Settlement } from '../../support/settlement.js';
import { LineSocket, maskSecret } from './line-socket.js';

/** The header by which a server says how long a frame may be. */
const MAX_FRAME_HEADER = 'x-codex-websocket-max-unfragmented-message-bytes';
/** The most of a refusal's text that is read. */
const REFUSAL_MAX_CHARS = 300;

/** What is opened. */
export interface WebSocketAddress {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** What the headers hold that nothing said by the other end may bring into an error. */
  readonly secret?: string | undefined;
  /** Begins to open the stream of bytes beneath. */
  createStream(): Duplex;
}

/** The limits of a WebSocket. */
export interface WebSocketLimits {
  /** The longest message that is read, in bytes. */
  readonly maxMessageBytes: number;
  /** How long opening it may take. Milliseconds; 0 for no limit. */
  readonly timeoutMs: number;
  /** How long the other end may take to end the bytes beneath, once it has, or we have, said the closing word. Milliseconds. */
  readonly closeTimeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/** It was answered, and not with a WebSocket. */
export class UpgradeRefused extends Error {
  readonly statusCode: number;
  /** The start of what was said with it, the secret masked. */
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
  { url, headers, secret, createStream }: WebSocketAddress,
  { maxMessageBytes, timeoutMs, closeTimeoutMs, signal }: WebSocketLimits,
): Promise<LineSocket> {
  const { default: WebSocketOfWs } = await import('ws');
  signal?.throwIfAborted();
  const stream = createStream();
  // Not as a literal: the types of `ws` do not know closeTimeout yet.
  const options = {
    headers,
    maxPayload: maxMessageBytes,
    // On the way to this machine it costs time and saves nothing; ssh and TLS proxies compress by themselves.
    perMessageDeflate: false,
    closeTimeout: closeTimeoutMs,
    createConnection: () => stream,
  };
  const socket = new WebSocketOfWs(url, options);
  const opening = new Settlement<LineSocket>(() => socket.terminate());
  opening.limit({ timeoutMs, signal, timeoutError: (limitMs) => new NotOpened(limitMs) });
  // A stream can fail before anybody else listens to it.
  for (const emitter of [stream, socket]) emitter.on('error', (error: Error) => opening.reject(error));
  socket.on('unexpected-response', (_request, response) => refused(opening, response, secret));
  let maxFrameBytes = Number.POSITIVE_INFINITY;
  socket.on('upgrade', (response) => {
    maxFrameBytes = maxFrameBytesOf(response);
  });
  // Not before: the answer is looked at after `upgrade`, and who listens to the stream first takes what came with it. Not
  // later: the first message can be in the same chunk.
  socket.on('open', () => opening.resolve(new LineSocket(socket, stream, { maxFrameBytes, secret })));
  return opening.promise;
}

function maxFrameBytesOf({ headers }: IncomingMessage): number {
  const bytes = Number(headers[MAX_FRAME_HEADER]);
  return Number.isSafeInteger(bytes) && bytes > 0 ? bytes : Number.POSITIVE_INFINITY;
}

function refused(
  opening: Settlement<LineSocket>,
  response: IncomingMessage,
  secret: string | undefined,
): void {
  // So much more is read that a secret at the cut is whole, or is cut away.
  const spare = secret?.length ?? 0;
  let text = '';
  const refuse = () => {
    const isCut = text.length >= REFUSAL_MAX_CHARS + spare;
    const masked = maskSecret(text, secret);
    const shown = isCut ? masked.slice(0, masked.length - spare) : masked;
    opening.giveUp(new UpgradeRefused(response.statusCode ?? 0, shown.slice(0, REFUSAL_MAX_CHARS)));
  };
  response.setEncoding('utf8');
  response.on('data', (chunk: string) => {
    text += chunk;
    if (text.length >= REFUSAL_MAX_CHARS + spare) refuse();
  });
  for (const event of ['end', 'close', 'error']) response.on(event, refuse);
}
