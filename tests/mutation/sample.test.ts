/** What is drawn can be drawn again, and nothing is preferred. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SEED_LIMIT, sampleOf } from './sample.js';

const HUNDRED = Array.from({ length: 100 }, (_, index) => index);
const seeds = fc.integer({ min: 0, max: SEED_LIMIT - 1 });

test('the same seed draws the same items, on every machine', () => {
  expect(sampleOf(HUNDRED, 8, 1)).toEqual([1, 17, 22, 47, 62, 63, 83, 97]);
});

test('another seed draws other items', () => {
  expect(sampleOf(HUNDRED, 8, 2)).not.toEqual(sampleOf(HUNDRED, 8, 1));
});

test('a sample has as many items as were asked for, each once, in their order', () => {
  fc.assert(
    fc.property(seeds, fc.nat({ max: 120 }), (seed, size) => {
      const drawn = sampleOf(HUNDRED, size, seed);
      expect(drawn).toHaveLength(Math.min(size, HUNDRED.length));
      expect(drawn).toEqual([...new Set(drawn)].toSorted((a, b) => a - b));
    }),
  );
});

test('all items are drawn when no size is given', () => {
  expect(sampleOf(HUNDRED, Number.POSITIVE_INFINITY, 5)).toEqual(HUNDRED);
});

test('every item is drawn about as often as any other', () => {
  const times = HUNDRED.map(() => 0);
  for (let seed = 0; seed < 2000; seed += 1)
    for (const item of sampleOf(HUNDRED, 10, seed)) times[item] = (times[item] ?? 0) + 1;
  // 200 is expected, with a standard deviation of 13.4.
  expect(Math.min(...times)).toBeGreaterThan(140);
  expect(Math.max(...times)).toBeLessThan(260);
});
