/** Checks name the argument, the value and what was expected, and show no more of a value than its start. */
import { InvalidArgumentError } from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import {
  checkBoolean,
  checkKnownKeys,
  checkSignal,
  checkText,
  checkTextList,
  checkTimeLimit,
  checkWholeNumber,
  describeValue,
  isPlainObject,
} from '../../src/support/argument-checks.js';

test.each<[unknown, string]>([
  ['text', '"text"'],
  ['x'.repeat(60), JSON.stringify('x'.repeat(60))],
  ['x'.repeat(61), `${JSON.stringify('x'.repeat(60))}...`],
  [() => {}, 'a function'],
  [[1, 2], 'an array of 2'],
  [{ a: 1, b: 2 }, 'an object with keys [a, b]'],
  [
    Object.fromEntries([...'abcdefghij'].map((key) => [key, key])),
    'an object with keys [a, b, c, d, e, f, g, h]',
  ],
  [null, 'null'],
  [undefined, 'undefined'],
  [Number.NaN, 'NaN'],
  [5n, '5'],
])('a value is shown shortly, and never whole: %s', (value, shown) => {
  expect(describeValue(value)).toBe(shown);
});

test('a plain object is no array, no instance and not null', () => {
  expect([{}, Object.create(null)].map(isPlainObject)).toEqual([true, true]);
  expect([[], null, undefined, 'text', new Date(), new Map()].map(isPlainObject)).toEqual(
    Array.from({ length: 6 }, () => false),
  );
});

const EXPECTED: readonly [string, (value: unknown) => void, readonly unknown[], readonly unknown[]][] = [
  [
    'a whole number of lines, 1 to 5',
    (value) => checkWholeNumber('a', value, { min: 1, max: 5, unit: 'lines' }),
    [undefined, 1, 5],
    [0, 6, 1.5, '1', null, Number.NaN, Number.POSITIVE_INFINITY],
  ],
  [
    'a whole number of lines, 0 or more',
    (value) => checkWholeNumber('a', value, { min: 0, unit: 'lines' }),
    [0, Number.MAX_SAFE_INTEGER],
    [-1, 2 ** 53],
  ],
  [
    'a whole number of milliseconds, 0 to 2147483647',
    (value) => checkTimeLimit('a', value),
    [undefined, 0, 2_147_483_647],
    [-1, 2_147_483_648, 0.5],
  ],
  ['a non-empty string', (value) => checkText('a', value), [undefined, ' '], ['', 5, null]],
  ['true or false', (value) => checkBoolean('a', value), [undefined, true, false], [0, 'true', null]],
  ['an array of strings', (value) => checkTextList('a', value), [undefined, [], ['']], ['a', [1], {}, null]],
  [
    'an AbortSignal',
    (value) => checkSignal('a', value),
    [undefined, new AbortController().signal],
    [new AbortController(), {}, null],
  ],
];

describe.each(EXPECTED)('%s', (expected, check, good, bad) => {
  test('is taken, or may be left out', () => {
    for (const value of good) expect(() => check(value)).not.toThrow();
  });

  test('L20 is what the error expects of anything else', () => {
    for (const value of bad) {
      expect(() => check(value)).toThrow(InvalidArgumentError);
      expect(() => check(value)).toThrow(`a: expected ${expected}, got ${describeValue(value)}`);
    }
  });
});

describe('names', () => {
  test('L20 one that is unknown is refused with the one that was meant, or with all', () => {
    expect(() => checkKnownKeys('options', { timeoutMs: 1 }, ['timeoutMs', 'signal'])).not.toThrow();
    expect(() => checkKnownKeys('options', { timeout: 1 }, ['timeoutMs', 'signal'])).toThrow(
      'options.timeout: unknown name; did you mean "timeoutMs"?',
    );
    expect(() => checkKnownKeys('options', { zebra: 1 }, ['timeoutMs', 'signal'])).toThrow(
      'options.zebra: unknown name; known names: timeoutMs, signal',
    );
    expect(() => checkKnownKeys('options', { zebra: 1 }, ['signal'])).toThrow(
      expect.objectContaining({ argument: 'options.zebra' }),
    );
  });

  test.each([[null], [[]], ['text'], [undefined]])('L20 %j has no names', (value) => {
    expect(() => checkKnownKeys('options', value, [])).toThrow('options: expected an object, got ');
  });
});
