/** The shape of a type, read from its text. */
import { describe, expect, test } from 'vitest';
import { choicesOf, fieldsOf, keysOf, mayBeLeftOut, unionMembers } from '../../src/generator/type-shape.js';

describe('the shape of a type', () => {
  test('its union members are split outside brackets only', () => {
    expect(unionMembers('({ a: 1 | 2 } | Array<"|" | 3> | null)')).toEqual([
      '{ a: 1 | 2 }',
      'Array<"|" | 3>',
      'null',
    ]);
  });

  test('its fields are read with comments and quotes taken off', () => {
    expect(fieldsOf('{ "method": "x",\n/**\n * Of: an a, b.\n */\nparams?: { c: 1, } | null, }')).toEqual([
      { name: 'method', optional: false, type: '"x"' },
      { name: 'params', optional: true, type: '{ c: 1, } | null' },
    ]);
  });

  test.each([
    ['undefined', true],
    ['A | null', true],
    ['{ a?: string, b?: number, }', true],
    ['{ a?: string, b: number, }', false],
    ['Record<string, never>', true],
    ['{ [key in string]?: number }', true],
    ['{ a?: 1 } & ({ b?: 2 } | { c: 3 })', true],
    ['{ a?: 1 } & { c: 3 }', false],
    ['Named', true],
    ['Unknown', false],
    ['string', false],
  ])('params of type %s may be left out: %s', (type, expected) => {
    expect(mayBeLeftOut(type, (name) => (name === 'Named' ? '{ a?: 1 }' : undefined))).toBe(expected);
  });

  const named = (name: string) => ({ Both: '{ a: 1 } | { b: 2 }', Verdict: '"yes" | "no"' })[name];

  test.each<[string, string[] | undefined]>([
    ['{ a?: string, b: number, }', ['a', 'b']],
    ['({ c: 3, a: 1 } & Both) | null', ['c', 'a', 'b']],
    ['Record<string, never>', []],
    ['undefined', []],
    ['{ [key in string]?: number }', undefined],
    ['Both | string', undefined],
    ['Unknown', undefined],
  ])('the keys of %s are %j', (type, expected) => {
    expect(keysOf(type, named)).toEqual(expected);
  });

  test.each<[string, string[] | undefined]>([
    ['"yes" | "no"', ['yes', 'no']],
    ['Verdict | { "never": { why: string } }', ['yes', 'no', '{never}']],
    ['"yes" | null', undefined],
    ['"yes" | { a: 1, b: 2 }', undefined],
    ['string', undefined],
  ])('the choices of a key of type %s are %j', (type, expected) => {
    expect(choicesOf(`{ decision: ${type}, }`, 'decision', named)).toEqual(expected);
    expect(choicesOf(`{ decision: ${type}, }`, 'other', named)).toBeUndefined();
  });
});
