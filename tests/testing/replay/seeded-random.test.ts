/** Drawn numbers: the same for the same seed, all over the range, and others for another seed. */
import { expect, it } from 'vitest';
import { SeededRandom } from '../../../src/testing/replay/seeded-random.js';

const draws = (seed: number, count = 1_000) => {
  const random = new SeededRandom(seed);
  return Array.from({ length: count }, () => random.below(10));
};

it('draws the same for the same seed, and other numbers for another, also above 32 bits', () => {
  const seeds = [0, 1, 2, 2 ** 32, 2 ** 32 + 1, 2 ** 40, Number.MAX_SAFE_INTEGER];
  for (const seed of seeds) expect(draws(seed)).toEqual(draws(seed));
  expect(new Set(seeds.map((seed) => draws(seed).join(''))).size).toBe(seeds.length);
});

it('draws each number below the end about as often as the others', () => {
  for (const seed of [0, 7, 2 ** 33]) {
    const drawn = draws(seed, 10_000);
    for (let number = 0; number < 10; number += 1) {
      const times = drawn.filter((value) => value === number).length;
      expect(times).toBeGreaterThan(800);
      expect(times).toBeLessThan(1_200);
    }
  }
});

it('is true once in so many draws', () => {
  const random = new SeededRandom(3);
  const times = Array.from({ length: 9_000 }, () => random.oneIn(3)).filter(Boolean).length;
  expect(times).toBeGreaterThan(2_700);
  expect(times).toBeLessThan(3_300);
});
