/** The command line: what may be left out, and what is refused. */
import { expect, test } from 'vitest';
import { argumentsOf } from './arguments.js';

test('a room is enough: all mutants, some seed, every test, no bar', () => {
  const wanted = argumentsOf(['--room', 'wire']);
  expect(wanted).toEqual({ room: 'wire', sample: Infinity, seed: expect.any(Number), testFiles: [], bar: 0 });
  expect(argumentsOf(['--room', 'wire'])?.seed).not.toBe(wanted?.seed);
});

test('everything can be said', () => {
  const argv = '--room session/streams --sample 200 --seed 7 --test-files a --test-files b --bar 97.5'.split(
    ' ',
  );
  expect(argumentsOf(argv)).toEqual({
    room: 'session/streams',
    sample: 200,
    seed: 7,
    testFiles: ['a', 'b'],
    bar: 97.5,
  });
});

test('help wants no room', () => {
  expect(argumentsOf(['--help'])).toBeUndefined();
});

test.each([
  [[], '--room is missing'],
  [['--room', 'wire', '--sample', '0'], "--sample wants a number from 1 to 9007199254740991, not '0'"],
  [['--room', 'wire', '--sample', '1.5'], '--sample wants'],
  [['--room', 'wire', '--seed', '4294967296'], '--seed wants'],
  [['--room', 'wire', '--bar', '101'], '--bar wants a number from 0 to 100'],
  [['--room', 'wire', '--bar', ''], '--bar wants'],
  [['--room', 'wire', '--samples', '1'], "Unknown option '--samples'"],
])('%j is refused', (argv, message) => {
  expect(() => argumentsOf(argv)).toThrow(message);
});
