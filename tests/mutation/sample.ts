/** Draws at random what can be drawn again: the same seed and the same items give the same sample. */

const TWO_TO_THE_32 = 2 ** 32;

/** Seeds are whole numbers below this. */
export const SEED_LIMIT = TWO_TO_THE_32;

/** At most `size` of the items, each as likely as any other, in the order of the items. */
export function sampleOf<Item>(items: readonly Item[], size: number, seed: number): Item[] {
  const random = randomNumbers(seed);
  const ranked = items.map((item, index) => ({ item, index, rank: random() }));
  const drawn = ranked.toSorted((a, b) => a.rank - b.rank).slice(0, size);
  return drawn.toSorted((a, b) => a.index - b.index).map(({ item }) => item);
}

/** Mulberry32: numbers from 0 up to 1 that look random and follow from the seed. */
function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / TWO_TO_THE_32;
  };
}
