/**
 * Where the server's output is cut into chunks. Without a seed what goes out together is one chunk; with one it is drawn
 * which lines go together, where they are cut, also in the middle of a character, and how long a chunk waits. What is
 * drawn for a line depends on the seed and on the lines before it, never on when it goes out.
 */
import type { Buffer } from 'node:buffer';
import { SeededRandom } from './seeded-random.js';

/** One chunk of the output. */
export interface Chunk {
  readonly bytes: Buffer;
  /** Turns of the event loop that pass before it goes out. */
  readonly turns: number;
}

/** A line as it goes out. */
export interface CutLine {
  /** Its pieces; the first goes with what went out before it, if that is still at hand. */
  readonly pieces: readonly Buffer[];
  /** The next line may go out in the same chunk. */
  readonly goesOn: boolean;
}

/** How chunks are cut. */
export interface Cuts {
  readonly seed: number | undefined;
  /** The most bytes of a chunk. */
  readonly splitBytes: number | undefined;
}

/** The most places in which one line is cut by chance. */
const MAX_CUTS = 3;
/** The most turns of the event loop that a chunk waits by chance. */
const MAX_TURNS = 3;

/** Cuts the output of one replay. */
export class ChunkCutter {
  readonly #random: SeededRandom | undefined;
  readonly #splitBytes: number | undefined;

  constructor({ seed, splitBytes }: Cuts) {
    this.#random = seed === undefined ? undefined : new SeededRandom(seed);
    this.#splitBytes = splitBytes;
  }

  /** Cuts a line, which is asked for once. */
  cut(line: Buffer): CutLine {
    if (this.#random === undefined) return { pieces: [line], goesOn: true };
    const random = this.#random;
    const count = random.oneIn(2) ? 0 : 1 + random.below(MAX_CUTS);
    const places = Array.from({ length: count }, () => random.below(line.length));
    return { pieces: piecesOf(line, places), goesOn: random.oneIn(2) };
  }

  /** What goes out together, as chunks. */
  chunksOf(bytes: Buffer): Chunk[] {
    const turns = this.#random?.oneIn(2) ? this.#random.below(MAX_TURNS + 1) : 0;
    const size = this.#splitBytes ?? bytes.length;
    const chunks: Chunk[] = [];
    for (let start = 0; start < bytes.length; start += size)
      chunks.push({ bytes: bytes.subarray(start, start + size), turns: start === 0 ? turns : 0 });
    return chunks;
  }
}

function piecesOf(line: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...places, line.length].toSorted((one, other) => one - other);
  return ends
    .map((end, index) => line.subarray(ends[index - 1] ?? 0, end))
    .filter((piece) => piece.length > 0);
}
