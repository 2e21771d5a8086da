/** What is different between two types, and where. */
import { describe, expect, test } from 'vitest';
import { typeChanges } from '../../../src/generator/diff/type-changes.js';
import { readTypes } from '../../../src/generator/diff/type-model.js';
import type { TypeTexts } from './two-versions.js';

const typesOf = (texts: TypeTexts) =>
  readTypes(Object.entries(texts).map(([name, body]) => ({ name, doc: '', body })));

/** The changes of two texts, each as `path: kind details`. */
function changes(before: string, after: string, named: TypeTexts = {}, namedAfter = named): string[] {
  const sides = { before: typesOf(named), after: typesOf(namedAfter) };
  return typeChanges(sides.before.read(before), sides.after.read(after), sides).map(
    ({ path, kind, details }) => `${path}: ${kind} ${details.join(', ')}`.trim(),
  );
}

describe('of members', () => {
  test.each([
    ['{ a: 1, }', '{ a: 1, b: 2, }', 'b: added'],
    ['{ a: 1, }', '{ a: 1, b?: 2, }', 'b: added optional'],
    ['{ a: 1, b: 2, }', '{ a: 1, }', 'b: removed'],
    ['{ a?: 1, }', '{ a: 1, }', 'a: now required'],
    ['{ a: 1, }', '{ a?: 1, }', 'a: now optional'],
    ['{ a: string, }', '{ a: string | null, }', 'a: widened null'],
    ['{ a: string | null, }', '{ a: string, }', 'a: narrowed null'],
    ['{ a: string, }', '{ a: number, }', 'a: retyped string, number'],
    ['{ a: string, }', '{ a: Array<string>, }', 'a: retyped string, Array<string>'],
    ['{ a: Array<{ b: 1, }>, }', '{ a: Array<{ b?: 1, }>, }', 'a[].b: now optional'],
    ['{ a: { b: Array<"x">, }, }', '{ a: { b: Array<"x" | "y">, }, }', 'a.b[]: widened "y"'],
    ['{ [key in string]?: string }', '{ [key in string]?: number }', '[*]: retyped string, number'],
    ['{ a: 1, }', '{ a: 1, } & { [key in string]?: 2 }', '[*]: added optional'],
    ['Record<string, never>', '{ a?: 1, }', 'a: added optional'],
  ])('%s and %s: %s', (before, after, expected) => expect(changes(before, after)).toEqual([expected]));

  test('all are told, and nothing is told of two that are equal in another order', () => {
    expect(changes('{ a: 1, b: 2, }', '{ b?: 2, c: 3, }')).toEqual([
      'a: removed',
      'b: now optional',
      'c: added',
    ]);
    expect(changes('{ a: "x" | "y", b: 1, }', '{ b: 1, a: "y" | "x", }')).toEqual([]);
  });
});

describe('of unions', () => {
  test.each([
    ['"a" | "b"', '"b" | "c"', [': narrowed "a"', ': widened "c"']],
    ['"a" | "b"', 'string', [': widened string']],
    ['string', '"a" | "b"', [': narrowed string', ': named "a", "b"']],
    ['"a" | string', '"a" | "b" | string', [': named "b"']],
    ['1 | 2', 'number | null', [': widened number, null']],
  ])('%s and %s: %j', (before, after, expected) => expect(changes(before, after)).toEqual(expected));

  test('objects are matched by their literal', () => {
    const before = '{ "type": "x", a: 1, } | { "type": "y", a: 1, }';
    expect(changes(before, `${before} | { "type": "z", }`)).toEqual([': widened { type: "z" }']);
    expect(changes(before, '{ "type": "y", a: 1, } | { "type": "x", a: 1, b: 2, }')).toEqual([
      '<x>.b: added',
    ]);
  });

  test('objects with one key are matched by the key', () => {
    expect(changes('"ok" | { "no": { why: string, } }', '"ok" | { "no": { why: string | null, } }')).toEqual([
      'no.why: widened null',
    ]);
  });

  test('a change of every object of a union is told once', () => {
    const union = '({ "type": "x", a: 1, } | { "type": "y", })';
    expect(changes(union, `{ at: number, } & ${union}`)).toEqual(['at: added']);
  });

  test('of objects with one literal those with the most members in common are matched', () => {
    const either = '({ url: string, } | { file: string, })';
    expect(
      changes(`{ "type": "x", } & ${either} | "y"`, `{ "type": "x", n?: 1, } & ${either} | "y"`),
    ).toEqual(['n: added optional']);
    expect(changes('{ "type": "x", url: string, }', `{ "type": "x", } & ${either}`)).toEqual([
      ': widened { type: "x", file }',
    ]);
  });
});

describe('of named types', () => {
  test('nothing is told of a name that both sides have: it is compared by itself', () => {
    expect(changes('{ a: Named, }', '{ a: Named, }', { Named: '1' }, { Named: '2' })).toEqual([]);
  });

  test('a type that has only got a name, or another one, is the same', () => {
    expect(changes('{ a: string, }', '{ a: Path, }', {}, { Path: 'string' })).toEqual([]);
    expect(
      changes('{ a: Old | null, }', '{ a: New | null, }', { Old: '{ b: 1, }' }, { New: '{ b: 1, }' }),
    ).toEqual([]);
  });

  test('one name in place of another is compared by what they stand for', () => {
    expect(changes('{ a: Old, }', '{ a: New, }', { Old: '{ b: 1, }' }, { New: '{ b?: 1, }' })).toEqual([
      'a.b: now optional',
    ]);
  });

  test('types that contain themselves come to an end', () => {
    const old = { Old: '{ next: Old | null, a: 1, }' };
    const now = { New: '{ next: New | null, a: 2, }' };
    expect(changes('Old', 'New', old, now)).toEqual(['a: narrowed 1', 'a: widened 2']);
  });
});
