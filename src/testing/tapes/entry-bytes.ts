/**
 * Entries of a tape as the bytes of its lines, in pieces that one buffer holds: what is recorded is copied once, and nothing
 * is made for a line but its bytes. A piece is valid until the next one is asked for.
 */
import { Buffer } from 'node:buffer';
import type { TapeEntry } from './tape-masking.js';

/** Some hundreds of lines: enough for a disk to take them as fast as it can. */
export const PIECE_BYTES = 256 * 1024;
/** A UTF-16 code unit takes at most so many bytes in UTF-8. */
const BYTES_PER_UNIT = 3;
/** `{"atMs":`, a time, `,"received":`, `}` and the line's end take fewer. */
const FRAME_BYTES = 64;

const CLOSING_BRACE = 0x7d;
const NEWLINE = 0x0a;

/** Turns entries into bytes. */
export class EntryBytes {
  readonly #buffer = Buffer.allocUnsafe(PIECE_BYTES);
  #head = '';
  #headOf: Pick<TapeEntry, 'kind' | 'atMs'> = { kind: 'ended', atMs: -1 };

  /** The bytes of the entries' lines, in order. */
  *pieces(entries: readonly TapeEntry[]): Generator<Buffer, void, undefined> {
    let end = 0;
    for (const entry of entries) {
      const most = entry.text.length * BYTES_PER_UNIT + FRAME_BYTES;
      if (end + most > PIECE_BYTES && end > 0) {
        yield this.#buffer.subarray(0, end);
        end = 0;
      }
      if (most > PIECE_BYTES) yield Buffer.from(`${this.#headFor(entry)}${entry.text}}\n`);
      else end = this.#append(entry, end);
    }
    if (end > 0) yield this.#buffer.subarray(0, end);
  }

  #append(entry: TapeEntry, start: number): number {
    const buffer = this.#buffer;
    let end = start;
    end += buffer.write(this.#headFor(entry), end, 'latin1');
    end += buffer.write(entry.text, end);
    buffer[end] = CLOSING_BRACE;
    buffer[end + 1] = NEWLINE;
    return end + 2;
  }

  /** The beginning of its line; those of one millisecond have the same. */
  #headFor(entry: TapeEntry): string {
    const { kind, atMs } = entry;
    if (kind !== this.#headOf.kind || atMs !== this.#headOf.atMs) {
      this.#head = `{"atMs":${atMs},"${kind}":`;
      this.#headOf = entry;
    }
    return this.#head;
  }
}
