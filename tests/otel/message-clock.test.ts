/** Times: the server's where it tells one, and as tracers read them right. */
import { describe, expect, test } from 'vitest';
import { hrTimeOf, MessageClock, toldTime } from '../../src/otel/message-clock.js';

describe('the time of a message', () => {
  test('is the one that it tells, and of one that tells none that of the message before', () => {
    const clock = new MessageClock();
    expect(clock.timeOf({ emittedAtMs: 1_000 })).toBe(1_000);
    expect(clock.timeOf({})).toBe(1_000);
    expect(clock.timeOf({ emittedAtMs: 2_000 })).toBe(2_000);
  });

  test('is now while no message has told one', () => {
    const before = Date.now();
    expect(new MessageClock().timeOf({})).toBeGreaterThanOrEqual(before);
  });

  test('is none that cannot be: what is no number is as good as not told', () => {
    const clock = new MessageClock();
    clock.timeOf({ emittedAtMs: 5 });
    expect(clock.timeOf({ emittedAtMs: Number.NaN })).toBe(5);
    expect(toldTime(null, 7)).toBe(7);
    expect(toldTime('9', 7)).toBe(7);
    expect(toldTime(9, 7)).toBe(9);
  });
});

test('now is not before a message of a server whose clock is ahead', () => {
  const clock = new MessageClock();
  const ahead = Date.now() + 3_600_000;
  clock.timeOf({ emittedAtMs: ahead });
  expect(clock.nowMs()).toBe(ahead);
});

test('a time keeps its part of a second', () => {
  expect(hrTimeOf(1_767_225_600_123)).toEqual([1_767_225_600, 123_000_000]);
  expect(hrTimeOf(1_500.25)).toEqual([1, 500_250_000]);
});
