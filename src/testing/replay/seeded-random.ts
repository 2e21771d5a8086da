/** Numbers that look drawn, and are the same for the same seed: what a replay does by chance it does again. */

/** Draws numbers. */
export class SeededRandom {
  readonly #fraction: () => number;

  /** @param seed - a whole number, 0 or more */
  constructor(seed: number) {
    // Seeds above 32 bits count with all of their bits.
    this.#fraction = mulberry32(seed ^ Math.imul(Math.floor(seed / 2 ** 32), 0x9e3779b1));
  }

  /** A whole number from 0 to below `end`. */
  below(end: number): number {
    return Math.floor(this.#fraction() * end);
  }

  /** True once in so many draws. */
  oneIn(draws: number): boolean {
    return this.below(draws) === 0;
  }
}

/**
 * Fractions from 0, included, to 1, excluded, from a state of 32 bits: small, fast, and good enough for schedules.
 * @internal
 */
export function mulberry32(state: number): () => number {
  let last = state >>> 0;
  return () => {
    last = (last + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(last ^ (last >>> 15), last | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
