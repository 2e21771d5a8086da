/** Reading a JSON Schema: where references lead, what lets null through, and which parts have no value in common. */
import { describe, expect, test } from 'vitest';
import { SchemaTree, typeOf } from '../../src/schemas/schema-nodes.js';

const TEXT = { type: 'string' };
const $defs = {
  Text: TEXT,
  Again: { $ref: '#/$defs/Text' },
  Circle: { $ref: '#/$defs/Other' },
  Other: { $ref: '#/$defs/Circle' },
  Maybe: { anyOf: [TEXT, { type: 'null' }] },
  Self: { anyOf: [{ $ref: '#/$defs/Self' }, TEXT] },
  A: { type: 'object', properties: { k: { const: 'a' }, l: { const: 1 } }, required: ['k'] },
  B: { type: 'object', properties: { k: { const: 'b' }, l: { const: 2 } }, required: ['k', 'l'] },
};
const root = { type: 'object', $defs, definitions: { Old: TEXT } };
const tree = new SchemaTree(root);
const to = (name: string) => ({ $ref: `#/$defs/${name}` });

describe('a reference', () => {
  test.each<[string, object | undefined]>([
    ['#', root],
    ['#/$defs/Text', TEXT],
    ['#/$defs/Again', TEXT],
    ['#/definitions/Old', TEXT],
    ['#/$defs/No', undefined],
    ['#/$defs/toString', undefined],
    ['#/$defs', undefined],
    ['#/$defs/Text/type', undefined],
    ['#/properties/a', undefined],
    ['#Text', undefined],
    ['other.json#/$defs/Text', undefined],
    ['#/$defs/Circle', undefined],
    ['#/$defs/%', undefined],
  ])('%s leads to what it names, or nowhere', ($ref, expected) => {
    expect(tree.target({ $ref })).toBe(expected);
  });
});

test.each<[object, boolean]>([
  [{ type: 'null' }, true],
  [{ type: ['string', 'null'] }, true],
  [{ enum: ['a', null] }, true],
  [{ const: null }, true],
  [to('Maybe'), true],
  [TEXT, false],
  [{ type: ['string', 'null'], enum: ['a'] }, false],
  [{ type: 'string', enum: ['a', null] }, false],
  [to('Self'), false],
  [to('No'), false],
])('null is let through, or not, by %j', (part, expected) => {
  expect(tree.acceptsNull(part)).toBe(expected);
});

test.each<[object, object, boolean]>([
  [TEXT, { type: 'number' }, true],
  [{ type: 'integer' }, { type: 'number' }, false],
  [{ type: 'number' }, { type: 'integer' }, false],
  [{ type: ['string', 'null'] }, { type: ['null', 'boolean'] }, false],
  [{ const: 1 }, { const: 2 }, true],
  [{ enum: ['a', 'b'] }, { enum: ['b'] }, false],
  [{ const: 'a' }, { type: 'integer' }, true],
  [{ const: { a: 1 } }, { const: { a: 1 } }, false],
  [to('A'), to('B'), true],
  [{ anyOf: [to('A'), TEXT] }, to('B'), true],
  [to('B'), { oneOf: [to('A'), to('B')] }, false],
  [{ ...$defs.A, required: [] }, to('B'), false],
  [{ ...$defs.A, type: ['object', 'null'] }, { ...$defs.B, type: ['object', 'null'] }, false],
  [to('Self'), to('Self'), false],
  [to('No'), TEXT, false],
])('whether %j and %j have no value in common', (one, other, expected) => {
  expect(tree.areDisjoint(one, other)).toBe(expected);
  expect(tree.areDisjoint(other, one)).toBe(expected);
});

test('types have the names of JSON Schema', () => {
  const values = [null, [], {}, 'a', 1, 1.5, true];
  expect(values.map(typeOf)).toEqual(['null', 'array', 'object', 'string', 'integer', 'number', 'boolean']);
});
