/**
 * The bytes of a line that has not ended, as they came. Owns that they cost what they are: a pipe may give a line in any
 * number of pieces, and each piece by itself costs some hundred bytes more than it has. So the first few are kept as they
 * are, for nothing is copied then, and small ones after them are joined in blocks.
 */
import { Buffer } from 'node:buffer';

/** Pieces that are kept as they are: what a line of a server that writes well comes in. */
const LOOSE_PIECES = 8;
/** A piece of this size is kept as it is; its overhead is small against it. */
const LARGE_PIECE_BYTES = 16 * 1024;
/** The largest block, which bounds what is allotted and not used. */
const MAX_BLOCK_BYTES = 1024 * 1024;

/** Bytes that grow until they are taken. */
export class UnfinishedLine {
  #pieces: Buffer[] = [];
  /** What small pieces are copied to; it follows the pieces. */
  #block: Buffer | undefined;
  #blockBytes = 0;
  #length = 0;

  /** How many bytes there are. */
  get length(): number {
    return this.#length;
  }

  /** Adds bytes at the end. */
  add(bytes: Buffer): void {
    const rest = this.#fillBlock(bytes);
    this.#length += bytes.length;
    if (rest.length === 0) return;
    if (this.#pieces.length < LOOSE_PIECES || rest.length >= LARGE_PIECE_BYTES) this.#pieces.push(rest);
    else this.#openBlock(rest);
  }

  /** All of it, which empties it. */
  take(): string {
    const text = this.start(this.#length);
    this.clear();
    return text;
  }

  /** Drops all of it. */
  clear(): void {
    this.#pieces = [];
    this.#block = undefined;
    this.#length = 0;
  }

  /** Its first bytes as text. */
  start(length: number): string {
    const open = this.#block?.subarray(0, this.#blockBytes);
    const all = open === undefined ? this.#pieces : [...this.#pieces, open];
    return Buffer.concat(all, Math.min(length, this.#length)).toString('utf8');
  }

  /** Copies what fits into the open block, and gives back the rest. */
  #fillBlock(bytes: Buffer): Buffer {
    if (this.#block === undefined) return bytes;
    const copied = bytes.copy(this.#block, this.#blockBytes);
    this.#blockBytes += copied;
    if (this.#blockBytes === this.#block.length) {
      this.#pieces.push(this.#block);
      this.#block = undefined;
    }
    return bytes.subarray(copied);
  }

  /** As large as the line so far, so that lines of any length are copied in few blocks. */
  #openBlock(first: Buffer): void {
    const size = Math.min(Math.max(this.#length, 2 * LARGE_PIECE_BYTES), MAX_BLOCK_BYTES);
    this.#block = Buffer.allocUnsafeSlow(size);
    this.#blockBytes = 0;
    this.#fillBlock(first);
  }
}
