/** The arithmetic of the bench: what is a ratio, which way up it is, and when a bar is met. Nothing is measured. */
import { expect, test } from 'vitest';
import { meetsBar, resultOf } from './compare.js';
import { spreadOf } from './statistics.js';

test('the median of an even number of values lies between the two in the middle', () => {
  expect(spreadOf([4, 1, 3, 2])).toEqual({ median: 2.5, lowest: 1, highest: 4 });
});

test('the values need not be sorted, and stay as they are', () => {
  const values = [10, 9, 1];
  expect(spreadOf(values).median).toBe(9);
  expect(values).toEqual([10, 9, 1]);
});

test('a client that takes twice the time has half the rate', () => {
  expect(resultOf('rate', 200, 100)).toBe(0.5);
  expect(resultOf('time', 200, 100)).toBe(2);
});

test('memory is compared by its difference', () => {
  expect(resultOf('memory', 90, 60)).toBe(30);
});

test.each([
  ['rate', 0.9, 0.9, true],
  ['rate', 0.9, 0.89, false],
  ['time', 1.3, 1.3, true],
  ['time', 1.3, 1.31, false],
  ['memory', 40, 41, false],
] as const)('a %s with the bar %d and the median %d is met: %s', (kind, bar, median, isMet) => {
  expect(meetsBar({ kind, bar }, { median, lowest: 0, highest: 99 })).toBe(isMet);
});

test('one round in which a call did not settle misses the bar', () => {
  expect(meetsBar({ kind: 'settled', bar: 1 }, { median: 1, lowest: 0.99, highest: 1 })).toBe(false);
});

test('without a bar nothing is met or missed', () => {
  expect(meetsBar({ kind: 'time' }, { median: 1, lowest: 1, highest: 1 })).toBeUndefined();
});
