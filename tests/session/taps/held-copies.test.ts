/** What a tap holds: nothing out of order, nothing missing without its gap, and no more than its bound. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Gap, HeldCopies } from '../../../src/session/taps/held-copies.js';
import { outcomeOf } from '../../helpers/piped-server.js';

const gap = (missed: number): Gap => ({ kind: 'gap', missed });

/** Everything that is at hand. */
function takeAll<T>(copies: HeldCopies<T>): (T | Gap)[] {
  const taken: (T | Gap)[] = [];
  for (let next = copies.takeNow(); next !== undefined; next = copies.takeNow()) taken.push(next);
  return taken;
}

describe('a reader that keeps up', () => {
  test('L1 gets what comes while it waits, which is not held', async () => {
    const copies = new HeldCopies<string>(1);
    const read = copies.take();
    expect(copies.add('a', 1_000)).toBe(true);
    expect(await read).toBe('a');
    expect(copies.bytes).toBe(0);
  });

  test('L1 gets everything in order, without a gap', () => {
    const copies = new HeldCopies<string>(10);
    for (const value of ['a', 'b', 'c']) expect(copies.add(value, 3)).toBe(true);
    expect(copies.bytes).toBe(9);
    expect(takeAll(copies)).toEqual(['a', 'b', 'c']);
    expect(copies.bytes).toBe(0);
  });
});

describe('a reader that lags', () => {
  test('L1 misses what comes until half of the bound is free, and finds a gap in its place', () => {
    const copies = new HeldCopies<string>(4);
    for (const value of ['a', 'b', 'c', 'd']) copies.add(value, 1);
    expect(copies.add('e', 1)).toBe(false);
    expect(copies.takeNow()).toBe('a');
    // There is room for one, and not yet half of all.
    expect(copies.add('f', 1)).toBe(false);
    expect(copies.takeNow()).toBe('b');
    expect(copies.add('g', 1)).toBe(true);
    expect(copies.add('h', 1)).toBe(true);
    expect(takeAll(copies)).toEqual(['c', 'd', gap(2), 'g', 'h']);
  });

  test('L1 is told of a gap at the end at once, before anything more comes', () => {
    const copies = new HeldCopies<string>(1);
    for (const value of ['a', 'b', 'c']) copies.add(value, 1);
    expect(takeAll(copies)).toEqual(['a', gap(2)]);
    copies.add('d', 1);
    expect(takeAll(copies)).toEqual(['d']);
  });

  test('L1 misses what is larger than the room that is left, and gets what is smaller', () => {
    const copies = new HeldCopies<string>(10);
    copies.add('a', 4);
    expect(copies.add('large', 7)).toBe(false);
    expect(copies.add('b', 4)).toBe(true);
    expect(takeAll(copies)).toEqual(['a', gap(1), 'b']);
  });

  test('L1 gets one that is larger than the bound when nothing else is held', () => {
    const copies = new HeldCopies<string>(10);
    expect(copies.add('large', 1_000)).toBe(true);
    expect(copies.add('b', 1)).toBe(false);
    expect(takeAll(copies)).toEqual(['large', gap(1)]);
  });

  test('L1 without a bound misses nothing', () => {
    const copies = new HeldCopies<number>(Number.POSITIVE_INFINITY);
    for (let n = 0; n < 100; n += 1) expect(copies.add(n, 1e9)).toBe(true);
    expect(takeAll(copies)).toHaveLength(100);
  });
});

describe('the end', () => {
  test('L9 comes after everything that is held, and after the gap behind it', async () => {
    const copies = new HeldCopies<string>(1);
    for (const value of ['a', 'b']) copies.add(value, 1);
    copies.end();
    expect(takeAll(copies)).toEqual(['a', gap(1)]);
    expect(await copies.take()).toBeUndefined();
  });

  test('L9 that is a failure is told to every read', async () => {
    const copies = new HeldCopies<string>(1);
    const waiting = copies.take();
    copies.end(new Error('gone'));
    await expect(waiting).rejects.toThrow('gone');
    await expect(copies.take()).rejects.toThrow('gone');
  });

  test('L11 of its reader lets go of everything, and ends a read that waits', async () => {
    const copies = new HeldCopies<string>(2);
    for (const value of ['a', 'b', 'c']) copies.add(value, 1);
    copies.close();
    expect(copies.bytes).toBe(0);
    expect(takeAll(copies)).toEqual([]);
    expect(await copies.take()).toBeUndefined();
    const other = new HeldCopies<string>(2);
    const waiting = other.take();
    expect(await outcomeOf(waiting)).toBe('pending');
    other.close();
    expect(await waiting).toBeUndefined();
  });
});

test('so little that nobody looks at its cost is less than a quarter of a mebibyte, all together', () => {
  const copies = new HeldCopies<string>(Number.POSITIVE_INFINITY);
  expect(copies.isLight(262_143)).toBe(true);
  copies.add('a', 1);
  expect(copies.isLight(262_142)).toBe(true);
  expect(copies.isLight(262_143)).toBe(false);
});

const anyStep = fc.oneof(
  fc.record({ do: fc.constant('add' as const), bytes: fc.integer({ min: 1, max: 12 }) }),
  fc.record({ do: fc.constant('read' as const), count: fc.integer({ min: 1, max: 4 }) }),
);

test('L1 whatever comes and whenever it is read, gaps counted it is what was added, in order, within the bound', () =>
  fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 20 }),
      fc.array(anyStep, { maxLength: 60, size: 'max' }),
      async (maxBytes, steps) => {
        const copies = new HeldCopies<number>(maxBytes);
        const handed: (number | Gap)[] = [];
        const waiting: Promise<void>[] = [];
        let added = 0;
        let largest = 0;
        let isRead = false;
        const read = () => {
          const now = copies.takeNow();
          if (now !== undefined) handed.push(now);
          else if (!isRead) {
            isRead = true;
            waiting.push(
              copies.take().then((value) => {
                isRead = false;
                if (value !== undefined) handed.push(value);
              }),
            );
          }
        };
        for (const step of steps) {
          if (step.do === 'read') for (let n = 0; n < step.count && !isRead; n += 1) read();
          else {
            copies.add(added, step.bytes);
            added += 1;
            largest = Math.max(largest, step.bytes);
            expect(copies.bytes).toBeLessThanOrEqual(Math.max(maxBytes, largest));
          }
          await Promise.resolve();
          await Promise.resolve();
        }
        copies.end();
        await Promise.all(waiting);
        for (const rest of takeAll(copies)) handed.push(rest);
        let at = 0;
        for (const value of handed) {
          if (typeof value === 'number') expect(value).toBe(at);
          at += typeof value === 'number' ? 1 : value.missed;
        }
        expect(at).toBe(added);
        const gaps = handed.map((value) => typeof value !== 'number');
        expect(gaps.some((isGap, index) => isGap && gaps[index + 1] === true)).toBe(false);
      },
    ),
    { numRuns: 500 },
  ));
