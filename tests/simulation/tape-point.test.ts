/** Points over tapes: a seed is all that they depend on, and a program that waits in vain or comes to something else is found. */
import { expect, test } from 'vitest';
import { runTapePoint } from './tape-point.js';

const SEEDS = Array.from({ length: 30 }, (_, index) => 20 * (index + 1));

test('L23 the same seed gives the same transcript, byte for byte, whatever ran before it', async () => {
  const first = [];
  for (const seed of SEEDS) first.push((await runTapePoint(seed, { isTold: true })).transcript.text);
  const again = [];
  for (const seed of SEEDS.toReversed())
    again.unshift((await runTapePoint(seed, { isTold: true })).transcript.text);
  expect(again).toEqual(first);
});

test.each([
  ['L10', 'never settles', () => new Promise<never>(() => {})],
  ['L23', 'comes to something else', async () => 'something else'],
])('%s a program that %s is found', async (law, _, promise) => {
  const broken = [];
  for (const seed of SEEDS) broken.push(...(await runTapePoint(seed, { lens: { promise } })).broken);
  expect(broken.filter((what) => what.startsWith(`${law}:`))).not.toEqual([]);
});
