/** Points of lives: a seed is all that they depend on. */
import { expect, test } from 'vitest';
import { runOutlivingPoint } from './outliving-point.js';

const SEEDS = Array.from({ length: 30 }, (_, index) => 2_000 + index);

test('L24 the same seed gives the same transcript, byte for byte, whatever ran before it', async () => {
  const first = [];
  for (const seed of SEEDS) first.push((await runOutlivingPoint(seed, { isTold: true })).transcript.text);
  const again = [];
  for (const seed of SEEDS.toReversed())
    again.unshift((await runOutlivingPoint(seed, { isTold: true })).transcript.text);
  expect(again).toEqual(first);
  expect(new Set(first).size).toBe(SEEDS.length);
});
