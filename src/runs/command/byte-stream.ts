/**
 * Bytes in the user's hands: the chunks of one output, and its text. Where the chunks wait, and what leaving means, is
 * its source's business.
 */
import { Buffer } from 'node:buffer';
import { type PulledStream, PullStream } from '../../support/pull-stream.js';
import { LiveTextLines, type TextLines } from './text-lines.js';

/** What a byte stream reads from. */
export interface ByteSource {
  /** The next chunk; `undefined` at the end. */
  take(): Promise<Uint8Array | undefined>;
  /** The stream was left early. */
  leave(): void;
  /** Drops what is unread and what will come. */
  discard(): void;
}

/**
 * The bytes of one output of a command, chunk by chunk as the server sent them, each handed out once. One read at a
 * time: a second `next()` before the first settled rejects with `ConcurrentReadError`. Nothing is read ahead of
 * the reader but what `buffer.highWaterMark` allows, so a slow reader slows the command down. Leaving it early terminates
 * the command. It throws what `CommandRun.result` does, and `BackpressureError` when it is empty while unread
 * messages of others fill `buffer.maxBytes`; it goes on afterwards.
 */
export interface ByteStream extends PulledStream<Uint8Array> {
  /** Drops what is unread and all that will come, and lets the command go on. The stream ends. */
  discard(): void;

  /** Reads to the end and gives back the text, decoded as UTF-8. @throws what {@link ByteStream.next} does */
  text(): Promise<string>;

  /**
   * The text line by line, decoded as UTF-8, without the line ends. Only `\n` ends a line; a `\r` before it goes with
   * it. What follows the last line end is a line too, unless it is empty. Leaving it early leaves the stream.
   */
  lines(): TextLines;
}

/** The bytes of a source. */
export class LiveByteStream extends PullStream<Uint8Array> implements ByteStream {
  readonly #source: ByteSource;

  /** @internal */
  constructor(source: ByteSource) {
    super();
    this.#source = source;
  }

  discard(): void {
    this.#source.discard();
  }

  async text(): Promise<string> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of this) chunks.push(chunk);
    return textOfChunks(chunks);
  }

  lines(): TextLines {
    return new LiveTextLines(this);
  }

  /** @internal */
  protected override take(): Promise<Uint8Array | undefined> {
    return this.#source.take();
  }

  /** @internal */
  protected override leave(): void {
    this.#source.leave();
  }
}

/** Chunks as one text; a character may be split between two of them. */
export function textOfChunks(chunks: readonly Uint8Array[]): string {
  return Buffer.concat(chunks).toString();
}
