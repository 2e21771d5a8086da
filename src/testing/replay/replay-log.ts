/** What a server that is played writes to stderr. A flood is made when it is read, and held nowhere. */
import { Buffer } from 'node:buffer';
import type { ChunkSource } from './replay-pipes.js';

/** A line of a flood. */
const FLOOD_LINE = Buffer.from('replay: this line is one of a flood of stderr\n');
/** The most bytes of a flood that are made at once: whole lines. */
const FLOOD_CHUNK = Buffer.concat(Array.from({ length: 256 }, () => FLOOD_LINE));

/** The text of stderr. */
export class ReplayLog implements ChunkSource {
  readonly #parts: (Buffer | { bytes: number })[] = [];

  /** Adds text. */
  write(text: string): void {
    this.#parts.push(Buffer.from(text));
  }

  /** Adds so many bytes of lines. */
  flood(bytes: number): void {
    this.#parts.push({ bytes });
  }

  nextChunk(): Uint8Array | undefined {
    const part = this.#parts[0];
    if (part === undefined || Buffer.isBuffer(part)) {
      this.#parts.shift();
      return part;
    }
    const chunk = FLOOD_CHUNK.subarray(0, part.bytes);
    part.bytes -= chunk.length;
    if (part.bytes === 0) this.#parts.shift();
    return chunk;
  }
}
