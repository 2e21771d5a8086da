/** Numbers that look drawn, and are the same for the same seed: what a replay does by chance it does again. */

/** Draws numbers. */
export class SeededRandom {
  #state: number;

  /** @param seed - a whole number, 0 or more */
  constructor(seed: number) {
    // Seeds above 32 bits count with all of their bits.
    this.#state = (seed ^ Math.imul(Math.floor(seed / 2 ** 32), 0x9e3779b1)) >>> 0;
  }

  /** A whole number from 0 to below `end`. */
  below(end: number): number {
    return Math.floor(this.#fraction() * end);
  }

  /** True once in so many draws. */
  oneIn(draws: number): boolean {
    return this.below(draws) === 0;
  }

  /** The generator mulberry32: small, fast, and good enough for schedules. */
  #fraction(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
}
