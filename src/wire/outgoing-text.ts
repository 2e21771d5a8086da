/**
 * How much text is on its way to the server and has not been taken by its pipe. Owns the count and its limit; those who
 * hold the text tell it. A text that comes while the limit is not reached is taken, however long it is, unless the server
 * takes none so long.
 */
import { Buffer } from 'node:buffer';
import { BackpressureError, InvalidArgumentError } from '../support/errors.js';

/** Text on its way to the server, for `stats()`. */
export interface OutgoingStats {
  /** Requests that wait in line, and lines that the pipe has not taken. */
  readonly messages: number;
  /** Their text, in bytes. */
  readonly bytes: number;
  /** The most bytes so far. */
  readonly peakBytes: number;
}

/** Counts what waits to be sent. */
export class OutgoingText {
  readonly #maxBytes: number;
  readonly #maxTextBytes: number;
  #messages = 0;
  #bytes = 0;
  #peakBytes = 0;

  /**
   * @param maxBytes - from which on nothing more is taken but what passes every limit
   * @param maxTextBytes - the longest text that the server takes
   */
  constructor(maxBytes: number, maxTextBytes = Number.POSITIVE_INFINITY) {
    this.#maxBytes = maxBytes;
    this.#maxTextBytes = maxTextBytes;
  }

  /** @throws InvalidArgumentError when the text is longer than what the server takes */
  checkLength(argument: string, text: string): void {
    // No character takes more than three bytes for each of its code units.
    if (text.length * 3 <= this.#maxTextBytes) return;
    const bytes = Buffer.byteLength(text);
    if (bytes <= this.#maxTextBytes) return;
    const message =
      `${argument}: expected at most ${this.#maxTextBytes} bytes of JSON, got ${bytes}: a server that gets a longer message over a connection ends it; ` +
      'send it in parts, or put it into a file that the server can read';
    throw new InvalidArgumentError(argument, message);
  }

  /** The error of a call that would add to what waits; undefined while there is room. */
  refusalOf(method: string): BackpressureError | undefined {
    if (this.#bytes < this.#maxBytes) return undefined;
    const message =
      `${method} was not sent: ${this.#messages} messages (${this.#bytes} bytes) that wait to be sent fill buffer.maxOutgoingBytes (${this.#maxBytes}), ` +
      'because the server does not read as fast as calls are made; await earlier calls, or raise buffer.maxOutgoingBytes';
    return new BackpressureError(message, { missed: 0 });
  }

  /** A text waits from now on. */
  add(bytes: number): void {
    this.#messages += 1;
    this.#bytes += bytes;
    if (this.#bytes > this.#peakBytes) this.#peakBytes = this.#bytes;
  }

  /** A text waits no more: it was taken, or given up. */
  remove(bytes: number): void {
    this.#messages -= 1;
    this.#bytes -= bytes;
  }

  /** The counters now. */
  stats(): OutgoingStats {
    return { messages: this.#messages, bytes: this.#bytes, peakBytes: this.#peakBytes };
  }
}
