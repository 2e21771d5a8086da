/**
 * Bytes to lines. Owns the unfinished line between two reads and nothing else.
 *
 * Only `\n` ends a line: U+2028 and U+2029 arrive raw inside JSON strings. Bytes are decoded only up to a
 * line end, so a character split over two reads is never broken. Work is linear in bytes whatever the
 * chunking: an unfinished line is kept in pieces that are joined once. A line that does not start with
 * `{` is noise: counted, never held.
 */
import { Buffer } from 'node:buffer';
import { UnfinishedLine } from './unfinished-line.js';

const NEWLINE = 0x0a;
const OPEN_BRACE = 0x7b;
/** How much of an over-long line an error message shows. */
const EXCERPT_BYTES = 200;

/** The lines that one chunk completed. */
export interface LineBatch {
  /** Lines that start with `{`, in order, without their `\n`; a trailing `\r` is white space to JSON. */
  readonly lines: readonly string[];
  /** Every line of the batch is ASCII, so a line's length is its size in bytes. */
  readonly ascii: boolean;
  /** The start of a line that passed `maxLineBytes`; nothing after it was read. */
  readonly overlong: string | undefined;
}

/** Splits a byte stream into candidate JSON lines. */
export class LineSplitter {
  readonly #maxLineBytes: number;
  readonly #held = new UnfinishedLine();
  #inNoise = false;
  #noiseLines = 0;

  /** @param maxLineBytes - the longest line, in bytes, that is still read */
  constructor(maxLineBytes: number) {
    this.#maxLineBytes = maxLineBytes;
  }

  /** How many finished lines did not start with `{`. */
  get noiseLines(): number {
    return this.#noiseLines;
  }

  /** Takes the next bytes and gives back the lines they completed. */
  push(chunk: Buffer): LineBatch {
    const lastNewline = chunk.lastIndexOf(NEWLINE);
    if (lastNewline === -1) {
      this.#hold(chunk);
      return { lines: [], ascii: true, overlong: this.#overlongExcerpt() };
    }
    let start = 0;
    let ascii = true;
    const lines: string[] = [];
    if (this.#inNoise || this.#held.length > 0) {
      const firstNewline = chunk.indexOf(NEWLINE);
      this.#hold(chunk.subarray(0, firstNewline));
      const overlong = this.#overlongExcerpt();
      if (overlong !== undefined) return { lines, ascii, overlong };
      const bytes = this.#held.length;
      const line = this.#finishHeld();
      if (line !== undefined) {
        ascii = line.length === bytes;
        lines.push(line);
      }
      start = firstNewline + 1;
    }
    if (start <= lastNewline) {
      const text = chunk.toString('utf8', start, lastNewline);
      const bytes = lastNewline - start;
      ascii &&= text.length === bytes;
      const overlong = this.#splitText(text, bytes > this.#maxLineBytes, lines);
      if (overlong !== undefined) return { lines, ascii, overlong };
    }
    this.#hold(chunk.subarray(lastNewline + 1));
    return { lines, ascii, overlong: this.#overlongExcerpt() };
  }

  /** The end of input: the unfinished line when it starts with `{`, for the caller to judge. */
  end(): string | undefined {
    return this.#held.length > 0 ? this.#finishHeld() : undefined;
  }

  /** Adds whole lines of decoded text to `lines`; gives the start of the first one that is too long, if one can be. */
  #splitText(text: string, mayBeOverlong: boolean, lines: string[]): string | undefined {
    for (const line of text.split('\n')) {
      if (line.charCodeAt(0) !== OPEN_BRACE) this.#noiseLines += 1;
      else if (mayBeOverlong && Buffer.byteLength(line) > this.#maxLineBytes)
        return line.slice(0, EXCERPT_BYTES);
      else lines.push(line);
    }
    return undefined;
  }

  #hold(bytes: Buffer): void {
    if (this.#inNoise || bytes.length === 0) return;
    if (this.#held.length === 0 && bytes[0] !== OPEN_BRACE) {
      this.#inNoise = true;
      return;
    }
    this.#held.add(bytes);
  }

  #finishHeld(): string | undefined {
    if (this.#inNoise) {
      this.#inNoise = false;
      this.#noiseLines += 1;
      return undefined;
    }
    return this.#held.take();
  }

  #overlongExcerpt(): string | undefined {
    if (this.#held.length <= this.#maxLineBytes) return undefined;
    const excerpt = this.#held.start(EXCERPT_BYTES);
    this.#held.clear();
    return excerpt;
  }
}
