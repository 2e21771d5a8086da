/** A seed is all that a point depends on. */
import { expect, test } from 'vitest';
import { PLANTED_BUGS } from './planted-bugs.js';
import { runPoint } from './point.js';

const SEEDS = Array.from({ length: 40 }, (_, index) => 1_000 + index);

test('the same seed gives the same transcript, byte for byte, whatever ran before it', async () => {
  const first = [];
  for (const seed of SEEDS) first.push((await runPoint(seed, { isTold: true })).transcript.text);
  const again = [];
  for (const seed of SEEDS.toReversed())
    again.unshift((await runPoint(seed, { isTold: true })).transcript.text);
  expect(again).toEqual(first);
  expect(new Set(first).size).toBe(SEEDS.length);
});

test('a transcript has what the server wrote, what it read, what the program did, the faults and the time', async () => {
  const signs = new Set<string | undefined>();
  for (const seed of SEEDS)
    for (const line of (await runPoint(seed, { isTold: true })).transcript.text.split('\n'))
      signs.add(line[0]);
  expect([...signs].filter((sign) => sign !== undefined).sort()).toEqual(['!', '.', '<', '>', '@']);
});

test('what is broken is the same with and without a transcript, and each time', async () => {
  const [bug] = PLANTED_BUGS;
  const outcomes = [];
  for (const isTold of [false, true, false]) {
    const broken = [];
    for (const seed of SEEDS) broken.push((await runPoint(seed, { lens: bug?.lens() ?? {}, isTold })).broken);
    outcomes.push(broken);
  }
  expect(outcomes[1]).toEqual(outcomes[0]);
  expect(outcomes[2]).toEqual(outcomes[0]);
  expect(outcomes[0]?.flat()).not.toEqual([]);
});

test('a point leaves the clocks and the chance of the process as they were', async () => {
  const clocks = () => [
    setTimeout,
    clearTimeout,
    setInterval,
    setImmediate,
    clearImmediate,
    performance.now,
    Date.now,
    Math.random,
  ];
  const before = clocks();
  await runPoint(1);
  expect(clocks()).toEqual(before);
  expect(Object.keys(performance)).not.toContain('now');
});
