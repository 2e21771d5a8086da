/**
 * Bytes in the user's hands: one async iterator over the chunks of one output, and its text. Owns nothing but whether
 * it was left; where the chunks wait, and what leaving means, is its source's business.
 */
import { Buffer } from 'node:buffer';
import { TextLines } from './text-lines.js';

/** What a byte stream reads from. */
export interface ByteSource {
  /** The next chunk; `undefined` at the end. */
  take(): Promise<Uint8Array | undefined>;
  /** The stream was left early. */
  leave(): Promise<void>;
  /** Drops what is unread and what will come. */
  discard(): void;
}

/**
 * The bytes of one output of a command, chunk by chunk as the server sent them, each handed out once. One read at a
 * time: a second `next()` before the first settled rejects with {@link ConcurrentReadError}. Nothing is read ahead of
 * the reader but what `buffer.highWaterMark` allows, so a slow reader slows the command down.
 */
export class ByteStream implements AsyncIterableIterator<Uint8Array, undefined, undefined>, AsyncDisposable {
  readonly #source: ByteSource;
  #isLeft = false;

  /** @internal */
  constructor(source: ByteSource) {
    this.#source = source;
  }

  /**
   * The next chunk.
   *
   * @throws what {@link CommandRun.result} does
   * @throws {@link ConcurrentReadError} when a read of this stream is waiting already
   * @throws {@link BackpressureError} when this stream is empty while unread messages of others fill `buffer.maxBytes`;
   * the stream goes on afterwards
   */
  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (this.#isLeft) return { done: true, value: undefined };
    const value = await this.#source.take();
    return value === undefined ? { done: true, value } : { done: false, value };
  }

  /** Leaves the stream early, which terminates the command. Idempotent; never rejects. */
  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (!this.#isLeft) {
      this.#isLeft = true;
      await this.#source.leave();
    }
    return { done: true, value: undefined };
  }

  /** Leaves the stream, for `await using`; never rejects. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Drops what is unread and all that will come, and lets the command go on. The stream ends. */
  discard(): void {
    this.#isLeft = true;
    this.#source.discard();
  }

  /** Reads to the end and gives back the text, decoded as UTF-8. @throws what {@link ByteStream.next} does */
  async text(): Promise<string> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of this) chunks.push(chunk);
    return textOfChunks(chunks);
  }

  /**
   * The text line by line, decoded as UTF-8, without the line ends. Only `\n` ends a line; a `\r` before it goes with
   * it. What follows the last line end is a line too, unless it is empty. Leaving it early leaves the stream.
   */
  lines(): TextLines {
    return new TextLines(this);
  }
}

/** Chunks as one text; a character may be split between two of them. */
export function textOfChunks(chunks: readonly Uint8Array[]): string {
  return Buffer.concat(chunks).toString('utf8');
}
