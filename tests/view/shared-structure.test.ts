/** Changes that leave what they change alone, and that are no change when they say nothing new. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { keepEqual, lastIndexById, withChanges, withElement } from '../../src/view/shared-structure.js';

describe('withChanges', () => {
  test('makes a new object with the members, and leaves the old one', () => {
    const known: Readonly<{ a: number; b: number }> = Object.freeze({ a: 1, b: 2 });
    expect(withChanges(known, { b: 3 })).toEqual({ a: 1, b: 3 });
  });

  test('gives back the object when it has the members', () => {
    const known = { a: 1, b: Number.NaN };
    expect(withChanges(known, { a: 1, b: Number.NaN })).toBe(known);
  });

  test('takes undefined for what was not told', () => {
    const known: { a: number; b?: number | undefined } = { a: 1 };
    expect(withChanges(known, { b: undefined })).toBe(known);
    expect(
      Object.keys(withChanges<{ a: number; b?: number | undefined }>(known, { a: 2, b: undefined })),
    ).toEqual(['a']);
  });
});

describe('a list', () => {
  const list = Object.freeze([{ id: 'a' }, { id: 'b' }, { id: 'a' }]);

  test('is searched from its end', () => {
    expect(lastIndexById(list, 'a')).toBe(2);
    expect(lastIndexById(list, 'c')).toBe(-1);
  });

  test('gets an element in place of another, or at its end', () => {
    const added = { id: 'c' };
    expect(withElement(list, 0, added)).toEqual([added, list[1], list[2]]);
    expect(withElement(list, -1, added)).toEqual([...list, added]);
    expect(withElement(list, 1, list[1])).toBe(list);
  });
});

describe('equality', () => {
  test('keeps what is known when the next says the same', () => {
    const known = { a: [1, { b: null }] };
    expect(keepEqual(known, { a: [1, { b: null }] })).toBe(known);
    const other = { a: [1, { b: 0 }] };
    expect(keepEqual<object>(known, other)).toBe(other);
  });

  test.each<[unknown, unknown]>([
    [{ a: 1 }, { a: 1, b: 2 }],
    [{ a: undefined }, { b: undefined }],
    [[1], { 0: 1 }],
    [{}, null],
    [null, {}],
    [
      [1, 2],
      [2, 1],
    ],
    ['1', 1],
  ])('tells %j from %j', (left, right) => {
    expect(keepEqual(left, right)).toBe(right);
  });

  test('does not see whether a value is a copy, nor the order of its members', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const known: unknown = JSON.parse(JSON.stringify(value));
        expect(keepEqual(known, reversed(known))).toBe(known);
      }),
    );
  });
});

/** The value with the members of every object the other way round. */
function reversed(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(reversed);
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, member]) => [key, reversed(member)] as const)
      .reverse(),
  );
}
