/** Which known name somebody may have meant. */
import { expect, test } from 'vitest';
import { nearestName, nearestNames } from '../../src/support/near-names.js';

test('the nearest is a few edits away, whatever its case, and the first of equals', () => {
  expect(nearestName('TIMEOUTMS', ['signal', 'timeoutMs'])).toBe('timeoutMs');
  expect(nearestName('ab', ['ax', 'ay'])).toBe('ax');
  expect(nearestName('ab', ['cd'])).toBe('cd');
  expect(nearestName('ab', ['cde'])).toBeUndefined();
  expect(nearestName('maxInFlight', ['maxInFlightRequests'])).toBeUndefined();
  expect(nearestName('requestTimeout', ['requestTimeoutMs', 'timeoutMs'])).toBe('requestTimeoutMs');
  expect(nearestName('x', [])).toBeUndefined();
});

test('how much may differ can be said, and two signs always may', () => {
  expect(nearestName('abcdefghi', ['abcdefxyz'])).toBe('abcdefxyz');
  expect(nearestName('abcdefghi', ['abcdefxyz'], 1 / 8)).toBeUndefined();
  expect(nearestName('abcdefghi', ['abcdefgyz'], 1 / 8)).toBe('abcdefgyz');
});

test('the signs between words make no difference', () => {
  expect(nearestName('threadStart', ['thread/start_'])).toBe('thread/start_');
  expect(nearestNames('thread_start', ['turn/start', 'threadStart'], 1)).toEqual(['threadStart']);
});

test('the nearest few come in order, however far they are', () => {
  expect(nearestNames('abc', ['xyz', 'abd', 'abc', 'axy'], 3)).toEqual(['abc', 'abd', 'axy']);
  expect(nearestNames('abc', ['xyz'], 3)).toEqual(['xyz']);
});
