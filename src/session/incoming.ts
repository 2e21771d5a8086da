/**
 * What the server writes, from bytes to where it belongs: an answer to its call, a server request past the standing
 * answers, every other message to its stream. Owns the order in which the parts hear of a message: a line is on the wire's
 * taps before it is parsed, an answer settles its call while its chunk is read, and a server request is on record before
 * anybody can answer it.
 */
import { Buffer } from 'node:buffer';
import { describeValue } from '../support/argument-checks.js';
import { ProtocolError } from '../support/errors.js';
import { LineSplitter } from '../wire/line-splitter.js';
import { parsedCost } from '../wire/parsed-cost.js';
import { parseMessage, protocolError, type WireMessage } from '../wire/wire-message.js';
import { type Asker, noteAsker } from './answers/askers.js';
import type { Responder } from './answers/responder.js';
import type { ServerMessage } from './messages/server-message.js';
import type { Requests } from './requests/requests.js';
import type { Flow } from './streams/flow.js';
import type { Streams } from './streams/streams.js';
import type { Taps } from './taps/taps.js';
import type { ThreadActivity } from './thread-activity.js';
import type { ThreadSubscriptions } from './thread-subscriptions.js';
import type { ThreadUsage } from './thread-usage.js';

/** The parts that hear of messages. */
export interface IncomingParts {
  readonly flow: Flow;
  readonly requests: Requests;
  readonly responder: Responder;
  readonly taps: Taps;
  readonly streams: Streams;
  readonly activity: ThreadActivity;
  readonly subscriptions: ThreadSubscriptions;
  readonly usage: ThreadUsage;
  /** Whom requests are answered by. */
  readonly asker: Asker;
}

/** Reads chunks. */
export class Incoming {
  readonly #splitter: LineSplitter;
  readonly #parts: IncomingParts;
  #bytesRead = 0;

  constructor(maxLineBytes: number, parts: IncomingParts) {
    this.#splitter = new LineSplitter(maxLineBytes);
    this.#parts = parts;
  }

  /** Bytes read so far. */
  get bytesRead(): number {
    return this.#bytesRead;
  }

  /** How many lines were no messages. */
  get noiseLines(): number {
    return this.#splitter.noiseLines;
  }

  /** Reads a chunk. What comes before a line that is no message is dealt with; the error is given back. */
  read(chunk: unknown): ProtocolError | undefined {
    return protocolErrorOf(() => {
      const bytes = bytesOfChunk(chunk);
      this.#bytesRead += bytes.length;
      const { lines, ascii, overlong } = this.#splitter.push(bytes);
      for (const line of lines) this.#readLine(line, ascii ? line.length : Buffer.byteLength(line));
      if (overlong !== undefined) throw protocolError('a line that is longer than maxLineBytes', overlong);
    });
  }

  /** The end of input: a whole message without its line end counts, half a message does not. */
  readLast(): void {
    const line = this.#splitter.end();
    if (line !== undefined) protocolErrorOf(() => this.#readLine(line, Buffer.byteLength(line)));
  }

  /** @throws ProtocolError */
  #readLine(line: string, bytes: number): void {
    const { taps } = this.#parts;
    if (taps.hasWires) taps.received(line, bytes);
    const message = parseMessage(line);
    try {
      if (message.kind === 'result' || message.kind === 'error') this.#parts.requests.answered(message);
      else this.#deliver(message, line, bytes);
    } catch (cause) {
      // Whatever a malformed message trips over must reach the user as an error, not the host as a crash.
      throw protocolError('a message that lacks what its method promises', line, cause);
    }
  }

  #deliver(
    wireMessage: Extract<WireMessage, { kind: 'notification' | 'request' }>,
    line: string,
    bytes: number,
  ): void {
    const { responder, taps, streams, activity, subscriptions, usage, asker } = this.#parts;
    // The edge of the wire: from here on the message has the type its method promises.
    const asRead = wireMessage as ServerMessage;
    const message = asRead.kind === 'request' ? responder.ledger.received(asRead) : asRead;
    if (message === undefined) return;
    if (message.kind === 'request') noteAsker(message, asker);
    if (taps.hasEvents) taps.see(message, line, bytes);
    if (message.kind === 'request') {
      if (responder.answerBeforehand(message)) return;
    } else {
      if (responder.ledger.openCount > 0) responder.note(message);
      activity.note(message);
      subscriptions.note(message);
    }
    streams.dispatch(message, this.#costOf(line, bytes));
    usage.note(message);
  }

  /** What holding a message costs: its text, as long as that is little; see {@link parsedCost}. */
  #costOf(line: string, bytes: number): number {
    return this.#parts.flow.isLight(bytes) ? bytes : parsedCost(line, bytes);
  }
}

function protocolErrorOf(read: () => void): ProtocolError | undefined {
  let broken: ProtocolError | undefined;
  try {
    read();
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    broken = error;
  }
  return broken;
}

/** An attached stream may be one of texts, or of the byte arrays of the web. @throws ProtocolError */
function bytesOfChunk(chunk: unknown): Buffer {
  if (typeof chunk === 'string') return Buffer.from(chunk);
  if (chunk instanceof Uint8Array) return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  throw protocolError('a chunk that is neither bytes nor text', describeValue(chunk));
}
