/** What of a value its type does not have, and under which path. */
import { describe, expect, test } from 'vitest';
import { readTypes } from '../../../src/generator/diff/type-model.js';
import { misfits } from '../../../src/generator/diff/value-misfits.js';

const types = readTypes([
  {
    name: 'Thread',
    doc: '',
    body: '{ id: string, name: string | null, turns: Array<Turn>, more?: number, }',
  },
  { name: 'Turn', doc: '', body: '{ items: Array<Item>, status: Status, }' },
  { name: 'Status', doc: '', body: '"running" | "done"' },
  { name: 'Item', doc: '', body: '{ "type": "said", words: string, } | { "type": "ran", code: bigint, }' },
  { name: 'Json', doc: '', body: 'number | string | Array<Json> | { [key in string]?: Json } | null' },
  { name: 'Either', doc: '', body: '"none" | { "some": { a: string, }, } | { "other": boolean, }' },
]);

/** Each misfit in one line. */
const of = (value: unknown, type: string) =>
  misfits(value, types.read(type), types, 'at').map(({ path, text }) => `${path}: ${text}`);

describe('nothing is found in', () => {
  test.each<[string, unknown, string]>([
    [
      'a value of plain types',
      { a: 'x', b: 1, c: true, d: null },
      '{ a: string, b: number, c: boolean, d: null }',
    ],
    ['a number where types say bigint', 1, 'bigint'],
    ['an object of named types', { id: 'a', name: null, turns: [] }, 'Thread'],
    ['the second object of a union', { items: [{ type: 'ran', code: 1 }], status: 'done' }, 'Turn'],
    ['a member that may be left out and is there', { id: 'a', name: 'b', turns: [], more: 1 }, 'Thread'],
    ['any JSON', { a: [1, { b: [null, 'c'] }] }, 'Json'],
    ['a record', { a: 1, b: 2 }, 'Record<string, number>'],
    ['an object with one key of several', { other: true }, 'Either'],
    ['a text beside objects', 'none', 'Either'],
    ['nothing where nothing is expected', undefined, 'undefined'],
    ['what is not taken apart', [1, 'a'], '[number, string]'],
    ['a type that is not declared', { a: 1 }, 'Elsewhere'],
  ])('%s', (_, value, type) => expect(of(value, type)).toEqual([]));
});

describe('it is told', () => {
  test.each<[string, unknown, string, string[]]>([
    ['an unknown member', { a: 1, b: 2 }, '{ a: number }', ['at.b: unknown member']],
    ['a missing one', {}, '{ a: number | null, b?: string }', ['at.a: is missing']],
    ['an unknown value', 'paused', 'Status', ['at: unknown value "paused"']],
    ['another type', { a: '1' }, '{ a: number }', ['at.a: is a string, expected number']],
    ['null', { a: null }, '{ a: string | number }', ['at.a: is null, expected string | number']],
    ['a list for an object', [], 'Thread', ['at: is a list, expected { id, name, turns, more }']],
    ['an object for a list', {}, 'Array<string>', ['at: is an object, expected Array<string>']],
    ['an unknown object of a union', { type: 'hid' }, 'Item', ['at.type: unknown value "hid"']],
    ['an object of a union without its tag', { words: 'a' }, 'Item', ['at.type: unknown value undefined']],
    [
      'a member deep inside, with the tag of its object and without indices',
      { id: 'a', name: 'b', turns: [{ status: 'done', items: [{ type: 'said', words: 'c', loud: true }] }] },
      'Thread',
      ['at.turns[].items[]<said>.loud: unknown member'],
    ],
    ['a value in a record', { a: 'b' }, 'Record<string, number>', ['at[*]: is a string, expected number']],
    [
      'an unknown key of one of several',
      { third: 1 },
      'Either',
      ['at.some: is missing', 'at.third: unknown member'],
    ],
  ])('%s', (_, value, type, expected) => expect(of(value, type)).toEqual(expected));
});
