/** The way back from an answer in strict form. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { withoutAddedNulls } from '../../src/schemas/added-nulls.js';
import { SchemaTree } from '../../src/schemas/schema-nodes.js';
import { anySample } from './any-schema.js';
import { withNulls } from './with-nulls.js';

const TEXT = { type: 'string' };

function back(schema: Record<string, unknown>, answer: unknown): unknown {
  return withoutAddedNulls(new SchemaTree(schema), answer);
}

const objectOf = (properties: object, required: string[] = []) => ({ type: 'object', properties, required });

describe('an answer in strict form', () => {
  test('comes back as the value that fits the schema', () => {
    fc.assert(
      fc.property(anySample, ({ schema, value }) => {
        expect(back(schema, withNulls(schema, value))).toEqual(value);
      }),
    );
  });

  test('that came back once stays as it is', () => {
    fc.assert(
      fc.property(anySample, ({ schema, value }) => {
        expect(back(schema, value)).toEqual(value);
      }),
    );
  });

  test('is not changed itself', () => {
    const answer = Object.freeze({ a: null });
    expect(back(objectOf({ a: TEXT }), answer)).toEqual({});
    expect(answer).toEqual({ a: null });
  });
});

describe('a null', () => {
  const nullable = { type: ['string', 'null'] };

  test.each<[string, Record<string, unknown>, unknown, unknown]>([
    ['goes where the key may be left out', objectOf({ a: TEXT }), { a: null }, {}],
    ['stays where the key is required', objectOf({ a: TEXT }, ['a']), { a: null }, { a: null }],
    ['stays where the schema has it', objectOf({ a: nullable }), { a: null }, { a: null }],
    ['stays at a key that the schema does not have', objectOf({}), { b: null }, { b: null }],
    ['stays in an array', objectOf({ a: { type: 'array', items: nullable } }), { a: [null] }, { a: [null] }],
    [
      'goes inside of arrays',
      objectOf({ a: { type: 'array', items: objectOf({ b: TEXT }) } }),
      { a: [{ b: null }, { b: 'x' }] },
      { a: [{}, { b: 'x' }] },
    ],
    [
      'goes at any depth of what names itself',
      objectOf({ head: TEXT, tail: { $ref: '#' } }),
      { head: 'a', tail: { head: null, tail: { head: 'c', tail: null } } },
      { head: 'a', tail: { tail: { head: 'c' } } },
    ],
    [
      'goes at a key called __proto__',
      objectOf(JSON.parse('{"__proto__":{"type":"string"}}')),
      JSON.parse('{"__proto__":null}'),
      {},
    ],
  ])('%s', (_, schema, answer, expected) => {
    expect(back(schema, answer)).toEqual(expected);
  });
});

describe('of a choice', () => {
  const a = objectOf({ k: { const: 'a' }, x: TEXT }, ['k']);
  const b = objectOf({ k: { const: 'b' }, x: { type: ['string', 'null'] } }, ['k', 'x']);
  const either = objectOf({ of: { anyOf: [a, b] } }, ['of']);

  test('the branch that fits says what goes', () => {
    expect(back(either, { of: { k: 'a', x: null } })).toEqual({ of: { k: 'a' } });
    expect(back(either, { of: { k: 'b', x: null } })).toEqual({ of: { k: 'b', x: null } });
  });

  test('the branch is told by what is deep inside', () => {
    const deep = (branch: object) => objectOf({ in: branch, y: TEXT }, ['in']);
    const schema = objectOf({ of: { anyOf: [deep(a), deep(b)] } }, ['of']);
    expect(back(schema, { of: { in: { k: 'b', x: null }, y: null } })).toEqual({
      of: { in: { k: 'b', x: null } },
    });
  });

  test('what fits no branch stays as it is, for the schema to find fault with', () => {
    expect(back(either, { of: { k: 'c', x: null } })).toEqual({ of: { k: 'c', x: null } });
    expect(back(either, { of: { k: 'a', x: null, z: 1 } })).toEqual({ of: { k: 'a', x: null, z: 1 } });
  });

  test('one that leads back to itself without a step ends', () => {
    const schema = {
      ...objectOf({ a: { $ref: '#/$defs/A' } }),
      $defs: { A: { anyOf: [{ $ref: '#/$defs/A' }, TEXT] } },
    };
    expect(back(schema, { a: 'x' })).toEqual({ a: 'x' });
    expect(back(schema, { a: null })).toEqual({});
  });

  test('of a schema that names itself is looked at once for each value, however deep', () => {
    // Both branches fail at the very end only: without memory that is 2 to the power of 40 looks.
    const branch = (end: string) => objectOf({ next: { $ref: '#/$defs/N' }, end: { const: end } });
    const N = { anyOf: [branch('a'), branch('b')] };
    let answer: unknown = { end: 'c' };
    for (let level = 0; level < 40; level += 1) answer = { next: answer };
    expect(back({ ...objectOf({ n: { $ref: '#/$defs/N' } }), $defs: { N } }, { n: answer })).toEqual({
      n: answer,
    });
  });
});
