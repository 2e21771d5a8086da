/** The shapes that the texts of types are read into. */
import { describe, expect, test } from 'vitest';
import {
  canonical,
  joinPath,
  literalTag,
  readTypes,
  shown,
  tagOf,
} from '../../../src/generator/diff/type-model.js';

const types = readTypes([
  { name: 'Named', doc: '', body: '{ a: 1, }' },
  { name: 'Either', doc: '', body: '{ "type": "x", } | { "type": "y", z?: string, }' },
  { name: 'Endless', doc: '', body: '{ next: Endless | null, }' },
]);
const read = (text: string) => canonical(types.read(text));

describe('a shape', () => {
  test.each([
    ['string', 'string'],
    ['Named', '@Named'],
    ['Unknown', 'Unknown'],
    ['"b" | /** The a. */ "a" | null | "a"', '"a" | "b" | null'],
    ['Array<Named | null>', 'Array<@Named | null>'],
    ['(string | null)[]', 'Array<null | string>'],
    ['{ b?: string, "a": { c: 1 }, }', '{ a: { c: 1 }, b?: string }'],
    ['{ [key in string]?: Named }', '{ [*]: @Named }'],
    ['Record<string, never>', '{  }'],
    ['Record<string, number>', '{ [*]: number }'],
    ['[Named, string]', '[Named, string]'],
  ])('of %s is %s', (text, expected) => expect(read(text)).toBe(expected));

  test('of an intersection has the members of all its parts, in each alternative of a union', () => {
    expect(read('{ id: string, } & Either')).toBe(
      '{ id: string, type: "x" } | { id: string, type: "y", z?: string }',
    );
    expect(read('Named & { [key in string]?: number }')).toBe('{ a: 1, [*]: number }');
  });

  test('of a type that names itself ends there', () => {
    expect(canonical(types.shapeOf('Endless') ?? types.read('never'))).toBe('{ next: @Endless | null }');
  });
});

test('a name that is not declared has no shape', () => {
  expect(types.shapeOf('Unknown')).toBeUndefined();
});

test('an object of a union is told apart by its first literal, or its only key', () => {
  expect(tagOf(types.read('{ a: string, type: "x", }'))).toBe('x');
  expect(tagOf(types.read('{ no: { why: string, }, }'))).toBe('no');
  expect(literalTag(types.read('{ no: { why: string, }, }'))).toBeUndefined();
  expect(tagOf(types.read('{ a: string, b: string, }'))).toBeUndefined();
});

test('a shape is shown in a few words: literals first, and no more than four keys', () => {
  expect(shown(types.read('Array<Named> | null'))).toBe('Array<Named> | null');
  expect(shown(types.read('{ a: 1, type: "x", }'))).toBe('{ type: "x", a }');
  expect(shown(types.read('{ a: 1, b: 1, c: 1, d: 1, e: 1, }'))).toBe('{ a, b, c, d, ... }');
});

test('paths are joined with a dot before a member, and with nothing before brackets', () => {
  expect(joinPath('a', 'b')).toBe('a.b');
  expect(joinPath('a', '[].b')).toBe('a[].b');
  expect(joinPath('', 'b')).toBe('b');
  expect(joinPath('a', '')).toBe('a');
});
