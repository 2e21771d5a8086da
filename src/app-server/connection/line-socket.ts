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

const NEWLINE = 0x0a;
const SPACE = 0x20;
const NORMAL_CLOSURE = 1000;

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

/** How a WebSocket ended. */
export interface SocketEnd {
  /** The close code; 1006 when the other end said none. */
  readonly code: number;
  /** What the other end gave as its reason, mostly nothing. */
  readonly reason: string;
  /** What broke, when it did not end by itself. */
  readonly error: Error | undefined;
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

  /**
   * @param stream - the bytes beneath
   * @param maxFrameBytes - a longer message goes out in parts
   */
  constructor(socket: OpenWebSocket, stream: Duplex, maxFrameBytes: number) {
    this.#socket = socket;
    this.#stream = stream;
    this.#maxFrameBytes = maxFrameBytes;
    this.stdin = new Writable({
      decodeStrings: false,
      write: (chunk: unknown, _encoding, done) => this.#send(String(chunk), done),
    });
    this.stdout = new Readable({ read: () => {} });
    stream.on('data', (chunk: Buffer) => {
      this.#bytesRead += chunk.length;
    });
    socket.on('message', (data) => void this.stdout.push(lineOf(data)));
    socket.on('error', (error) => {
      this.#error ??= asProtocolError(error);
    });
    socket.on('close', (code, reason) => this.#ended(code, String(reason)));
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
    this.#socket.close(NORMAL_CLOSURE);
    this.#stream.end();
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
    this.#stream.cork();
    lines.forEach((line, index) => {
      this.#sendMessage(line, index === lines.length - 1 ? (error) => done(error ?? null) : undefined);
    });
    this.#stream.uncork();
  }

  #sendMessage(line: string, done?: (error?: Error) => void): void {
    if (Buffer.byteLength(line) <= this.#maxFrameBytes) {
      this.#socket.send(line, { fin: true, binary: false }, done);
      return;
    }
    const bytes = Buffer.from(line);
    for (let start = 0; start < bytes.length; start += this.#maxFrameBytes) {
      const end = start + this.#maxFrameBytes;
      const fin = end >= bytes.length;
      this.#socket.send(bytes.subarray(start, end), { fin, binary: false }, fin ? done : undefined);
    }
  }

  #ended(code: number, reason: string): void {
    // Nothing is held back here, so that all that came is with the reader already.
    if (this.#error === undefined) this.stdout.push(null);
    else this.stdout.destroy(this.#error);
    this.stdin.destroy();
    this.#closed.resolve({ code, reason, error: this.#error });
  }
}

/** A message as a line. A line end within JSON is white space between its parts. */
function lineOf(data: unknown): Buffer {
  const message = Buffer.isBuffer(data) ? data : Buffer.from(String(data));
  for (let at = message.indexOf(NEWLINE); at !== -1; at = message.indexOf(NEWLINE, at)) message[at] = SPACE;
  return Buffer.concat([message, LINE_END]);
}

const LINE_END = Buffer.from('\n');

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
