/**
 * A WebSocket that is open, as the two streams of lines that a session works with: each text message is one line. Owns
 * how a line becomes messages and frames. It reads at all times, because the server disconnects a client that does not;
 * whoever reads the lines bounds what is held.
 */
import { Buffer } from 'node:buffer';
import { type Duplex, Readable, Writable } from 'node:stream';
import { memberOf } from '../../support/argument-checks.js';
import { deferred } from '../../support/deferred.js';
import { ProtocolError } from '../../support/errors.js';
import { MASKED } from '../../support/secret-shapes.js';

const NEWLINE = 0x0a;
const SPACE = 0x20;
const NORMAL_CLOSURE = 1000;
/** What is handed on at once: so much stands before a ping, on a slow way for a second or two. */
const BURST_BYTES = 1024 * 1024;

/** What is used of a WebSocket of `ws`. */
export interface OpenWebSocket {
  send(
    data: string | Buffer,
    options: { fin: boolean; binary: boolean },
    done?: (error?: Error) => void,
  ): void;
  ping(): void;
  close(code: number): void;
  terminate(): void;
  on(event: 'message', listener: (data: unknown) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'close', listener: (code: number, reason: Buffer) => void): unknown;
}

/** A part of a message, or all of it. */
interface Frame {
  readonly data: string | Buffer;
  /** In bytes. */
  readonly length: number;
  readonly fin: boolean;
}

/** How a WebSocket ended. */
export interface SocketEnd {
  /** The close code; 1006 when the other end said none. */
  readonly code: number;
  /** What the other end gave as its reason, mostly nothing. */
  readonly reason: string;
  /** What broke, when it did not end by itself. */
  readonly error: Error | undefined;
}

/** What varies. */
export interface LineSocketOptions {
  /** A longer message goes out in parts; at the latest one of a mebibyte does. */
  readonly maxFrameBytes: number;
  /** What the reason of the other end may not show. */
  readonly secret?: string | undefined;
}

/** Lines over a WebSocket. */
export class LineSocket {
  /** Takes whole lines. */
  readonly stdin: Writable;
  /** Gives whole lines; ends when the WebSocket does. */
  readonly stdout: Readable;
  readonly #socket: OpenWebSocket;
  readonly #stream: Duplex;
  readonly #maxFrameBytes: number;
  readonly #closed = deferred<SocketEnd>();
  #bytesRead = 0;
  #error: Error | undefined;

  /** @param stream - the bytes beneath */
  constructor(socket: OpenWebSocket, stream: Duplex, { maxFrameBytes, secret }: LineSocketOptions) {
    this.#socket = socket;
    this.#stream = stream;
    this.#maxFrameBytes = Math.min(maxFrameBytes, BURST_BYTES);
    this.stdin = new Writable({
      decodeStrings: false,
      write: (chunk: unknown, _encoding, done) => this.#send(String(chunk), done),
    });
    this.stdout = new Readable({ read: () => {} });
    // It can break before anybody reads it.
    for (const lines of [this.stdin, this.stdout]) lines.on('error', ignoreError);
    stream.on('data', (chunk: Buffer) => {
      this.#bytesRead += chunk.length;
    });
    socket.on('message', (data) => void this.stdout.push(lineOf(data)));
    // What comes after it cannot be read, so nobody waits until the other end has taken leave.
    socket.on('error', (error) => this.terminate(asProtocolError(error)));
    socket.on('close', (code, reason) => this.#ended(code, maskSecret(String(reason), secret)));
  }

  /** Settles when nothing more comes; never rejects. */
  get closed(): Promise<SocketEnd> {
    return this.#closed.promise;
  }

  /** Bytes read so far, those of an unfinished message included. */
  get bytesRead(): number {
    return this.#bytesRead;
  }

  /** Asks the other end for a sign of life. */
  ping(): void {
    this.#socket.ping();
  }

  /**
   * Says that nothing more comes from here, behind all that was written. Codex goes without a closing word of its own, so
   * the bytes beneath end, too.
   */
  close(): void {
    this.stdin.end(() => {
      this.#socket.close(NORMAL_CLOSURE);
      this.#stream.end();
    });
  }

  /** Ends at once, with what this error says, if any. */
  terminate(error?: Error): void {
    this.#error ??= error;
    this.#socket.terminate();
  }

  #send(text: string, done: (error?: Error | null) => void): void {
    const lines = text.split('\n');
    // What follows the last line end is empty: only whole lines are written.
    lines.pop();
    this.#sendFrames(
      lines.flatMap((line) => framesOf(line, this.#maxFrameBytes)),
      done,
    );
  }

  /** A ping goes out between two bursts, so that a long message on a slow way is not taken for an end that is gone. */
  #sendFrames(frames: readonly Frame[], done: (error?: Error | null) => void): void {
    const count = burstOf(frames);
    const rest = frames.slice(count);
    const sent = (error?: Error | null) =>
      error || rest.length === 0 ? done(error ?? null) : this.#sendFrames(rest, done);
    this.#stream.cork();
    frames.slice(0, count).forEach(({ data, fin }, index) => {
      this.#socket.send(data, { fin, binary: false }, index === count - 1 ? sent : undefined);
    });
    this.#stream.uncork();
  }

  #ended(code: number, reason: string): void {
    // Nothing is held back here, so that all that came is with the reader already.
    if (this.#error === undefined) this.stdout.push(null);
    else this.stdout.destroy(this.#error);
    this.stdin.destroy();
    this.#closed.resolve({ code, reason, error: this.#error });
  }
}

/** A line as the frames of one message. */
function framesOf(line: string, maxFrameBytes: number): Frame[] {
  const length = Buffer.byteLength(line);
  if (length <= maxFrameBytes) return [{ data: line, length, fin: true }];
  const bytes = Buffer.from(line);
  const frames: Frame[] = [];
  for (let start = 0; start < length; start += maxFrameBytes) {
    const data = bytes.subarray(start, start + maxFrameBytes);
    frames.push({ data, length: data.length, fin: start + maxFrameBytes >= length });
  }
  return frames;
}

/** How many of the frames are handed on at once: at least one. */
function burstOf(frames: readonly Frame[]): number {
  let bytes = 0;
  const tooMuch = frames.findIndex(({ length }, index) => {
    bytes += length;
    return index > 0 && bytes > BURST_BYTES;
  });
  return tooMuch === -1 ? frames.length : tooMuch;
}

/** A message as a line. A line end within JSON is white space between its parts. */
function lineOf(data: unknown): Buffer {
  const message = Buffer.isBuffer(data) ? data : Buffer.from(String(data));
  for (let at = message.indexOf(NEWLINE); at !== -1; at = message.indexOf(NEWLINE, at)) message[at] = SPACE;
  return Buffer.concat([message, LINE_END]);
}

const LINE_END = Buffer.from('\n');

/** The text without the secret. */
export function maskSecret(text: string, secret: string | undefined): string {
  return secret === undefined ? text : text.replaceAll(secret, MASKED);
}

/** Whoever works with the lines has listeners of its own; this one only keeps an error from ending the host. */
function ignoreError(): void {}

/** What `ws` refuses to read breaks the protocol; all else is the system's. */
function asProtocolError(error: Error): Error {
  const code = String(memberOf(error, 'code'));
  if (!code.startsWith('WS_ERR_')) return error;
  const what =
    code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH'
      ? 'a message that is longer than maxLineBytes'
      : `what is no WebSocket message: ${error.message}`;
  return new ProtocolError(`the codex app-server wrote ${what}`, { cause: error });
}
