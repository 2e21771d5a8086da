/** What strict mode is asked for: what changes, what stays, and what is refused with its place. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { SchemaTree } from '../../src/schemas/schema-nodes.js';
import { strictFormOf, withoutRootReference } from '../../src/schemas/strict-form.js';
import { anySample } from './any-schema.js';
import { withNulls } from './with-nulls.js';

const TEXT = { type: 'string' };

function strict(schema: Record<string, unknown>, { isValidated = false } = {}) {
  const root = withoutRootReference('schema', schema);
  return strictFormOf(new SchemaTree(root), { argument: 'schema', isValidated });
}

/** The strict form of a key of the root that has to be there. */
function strictPart(part: unknown, $defs: object = {}, options = {}) {
  const schema = { type: 'object', properties: { part }, required: ['part'], $defs };
  return Object(strict(schema, options)['properties']).part as unknown;
}

/** The strict form of a key of the root that may be left out. */
function strictOptional(part: unknown, $defs: object = {}) {
  return Object(strict({ type: 'object', properties: { part }, $defs })['properties']).part as unknown;
}

describe('a schema that is strict already', () => {
  test('goes out equal, to the order of its keys', () => {
    const schema = {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      title: 'Poem',
      type: 'object',
      additionalProperties: false,
      required: ['lines', 'title'],
      properties: {
        title: { type: 'string', description: 'Its title', pattern: '^[A-Z]', minLength: 1, format: 'uuid' },
        lines: { type: ['integer', 'null'], minimum: 0, exclusiveMaximum: 9, multipleOf: 1 },
        kinds: { type: 'array', items: { type: 'string', enum: ['a', 'b'] }, minItems: 1, maxItems: 3 },
        next: { anyOf: [{ $ref: '#/$defs/Poem' }, { type: 'null' }] },
        self: { $ref: '#' },
      },
      $defs: { Poem: { type: 'object', properties: {}, required: [], additionalProperties: false } },
    };
    schema.required.push('kinds', 'next', 'self');
    expect(JSON.stringify(strict(schema))).toBe(JSON.stringify(schema));
  });

  test('is what every strict form is: bringing it there again changes nothing', () => {
    fc.assert(
      fc.property(anySample, ({ schema }) => {
        const once = strict(schema);
        expect(JSON.stringify(strict(once))).toBe(JSON.stringify(once));
      }),
    );
  });
});

describe('the strict form', () => {
  test('takes every value that fits the schema, with a null for each key it lacks', () => {
    fc.assert(
      fc.property(anySample, ({ schema, value }) => {
        const form = z.fromJSONSchema(strict(schema) as Parameters<typeof z.fromJSONSchema>[0]);
        expect(form.safeParse(withNulls(schema, value))).toMatchObject({ success: true });
      }),
      { numRuns: 60 },
    );
  });

  test('is closed, and asks for every key, also inside of definitions and items', () => {
    const open = { type: 'object', properties: { a: TEXT } };
    const closed = {
      type: 'object',
      properties: { a: { type: ['string', 'null'] } },
      required: ['a'],
      additionalProperties: false,
    };
    expect(strictPart(open)).toEqual(closed);
    expect(strictPart({ type: 'array', items: open })).toEqual({ type: 'array', items: closed });
    expect(strictPart({ anyOf: [open, TEXT] })).toEqual({ anyOf: [closed, TEXT] });
    expect(strict({ ...open, definitions: { A: open } })).toEqual({ ...closed, definitions: { A: closed } });
  });

  test.each<[string, object, object]>([
    ['a text', TEXT, { type: ['string', 'null'] }],
    ['one of two types', { type: ['string', 'boolean'] }, { type: ['string', 'boolean', 'null'] }],
    ['a constant', { const: 'x' }, { anyOf: [{ const: 'x', type: 'string' }, { type: 'null' }] }],
    ['a choice', { anyOf: [TEXT] }, { anyOf: [TEXT, { type: 'null' }] }],
    ['a reference', { $ref: '#/$defs/A' }, { anyOf: [{ $ref: '#/$defs/A' }, { type: 'null' }] }],
    [
      'an array',
      { type: 'array', items: TEXT },
      { anyOf: [{ type: 'array', items: TEXT }, { type: 'null' }] },
    ],
    ['what may be null', { type: ['string', 'null'] }, { type: ['string', 'null'] }],
    ['a reference to what may be null', { $ref: '#/$defs/N' }, { $ref: '#/$defs/N' }],
  ])('lets a key that may be left out be null: %s', (_, part, expected) => {
    const definitions = { A: TEXT, N: { anyOf: [TEXT, { type: 'null' }] } };
    expect(strictOptional(part, definitions)).toEqual(expected);
  });

  test('names the type of listed values', () => {
    expect(strictPart({ enum: ['a', 'b'] })).toEqual({ enum: ['a', 'b'], type: 'string' });
    expect(strictPart({ enum: ['a', 1, null] })).toEqual({
      enum: ['a', 1, null],
      type: ['string', 'integer', 'null'],
    });
    expect(strictPart({ const: true })).toEqual({ const: true, type: 'boolean' });
  });

  test('puts what describes a reference around it', () => {
    const part = { $ref: '#/$defs/A', description: 'an A' };
    expect(strictPart(part, { A: TEXT })).toEqual({ description: 'an A', anyOf: [{ $ref: '#/$defs/A' }] });
  });

  test('leaves out what no value is measured by', () => {
    expect(
      strictPart({ ...TEXT, default: 'x', examples: ['y'], $comment: 'c', 'x-order': 1, id: 'T' }),
    ).toEqual(TEXT);
  });

  test.each<[string, object[]]>([
    ['types', [TEXT, { type: 'null' }]],
    ['values', [{ const: 'a' }, { enum: ['b', 1] }]],
    ['references', [{ $ref: '#/$defs/A' }, { $ref: '#/$defs/B' }]],
    ['branches of their own', [{ anyOf: [{ const: 1 }, { const: 2 }] }, { const: 3 }]],
  ])('says oneOf as anyOf where the branches have different %s', (_, oneOf) => {
    const $defs = {
      A: { type: 'object', properties: { k: { const: 'a' } }, required: ['k'] },
      B: { type: 'object', properties: { k: { const: 'b' } }, required: ['k'] },
    };
    expect(strictPart({ oneOf }, $defs)).toMatchObject({ anyOf: [{}, {}] });
    expect(strictPart({ oneOf }, $defs)).not.toHaveProperty('oneOf');
  });

  test('has a definition for its root where the root only names it', () => {
    const Tree = { type: 'object', properties: { next: { $ref: '#/$defs/Tree' } } };
    expect(strict({ $ref: '#/$defs/Tree', $defs: { Tree } })).toMatchObject({
      type: 'object',
      required: ['next'],
      $defs: { Tree: { required: ['next'], additionalProperties: false } },
    });
    const names = { 'a/b~c d': { type: 'object', properties: {} } };
    expect(strict({ $ref: '#/$defs/a~1b~0c%20d', $defs: names })['type']).toBe('object');
  });

  test('does without what only narrows when the answer is validated', () => {
    const part = { type: 'array', items: { type: 'string', format: 'uri' }, uniqueItems: true };
    expect(strictPart(part, {}, { isValidated: true })).toEqual({ type: 'array', items: TEXT });
    const looks = { type: 'string', pattern: '^(?!a)' };
    expect(strictPart(looks, {}, { isValidated: true })).toEqual(TEXT);
    const several = { type: 'string', allOf: [{ pattern: '^a' }, { pattern: 'b$' }] };
    expect(strictPart(several, {}, { isValidated: true })).toEqual(TEXT);
    const beside = { anyOf: [TEXT, { const: 'x' }], format: 'uuid', minLength: 2, title: 'T' };
    const choice = { anyOf: [TEXT, { const: 'x', type: 'string' }], title: 'T' };
    expect(strictPart(beside, {}, { isValidated: true })).toEqual(choice);
    const reference = { $ref: '#/$defs/A', maxLength: 3 };
    expect(strictPart(reference, { A: TEXT }, { isValidated: true })).toEqual({ $ref: '#/$defs/A' });
  });

  test('leaves the schema as it was', () => {
    const schema = Object.freeze({
      type: 'object',
      properties: Object.freeze({ a: Object.freeze({ ...TEXT }) }),
    });
    const before = JSON.stringify(schema);
    strict(schema);
    expect(JSON.stringify(schema)).toBe(before);
  });
});

describe('what strict mode cannot say is refused with its place', () => {
  const objects = [
    { type: 'object', properties: { k: TEXT } },
    { type: 'object', properties: { l: TEXT } },
  ];

  test.each<[string, unknown, string]>([
    [
      'additionalProperties',
      { type: 'object', properties: {}, additionalProperties: true },
      '.additionalProperties',
    ],
    ['a record', { type: 'object', additionalProperties: TEXT }, '.additionalProperties'],
    ['an object without keys', { type: 'object' }, ''],
    ['patternProperties', { type: 'object', properties: {}, patternProperties: {} }, '.patternProperties'],
    ['allOf', { allOf: [TEXT] }, '.allOf'],
    ['not', { not: {} }, '.not'],
    ['if', { type: 'object', properties: {}, if: {} }, '.if'],
    ['dependentRequired', { type: 'object', properties: {}, dependentRequired: {} }, '.dependentRequired'],
    ['dependentSchemas', { type: 'object', properties: {}, dependentSchemas: {} }, '.dependentSchemas'],
    ['a tuple', { type: 'array', prefixItems: [TEXT] }, '.prefixItems'],
    ['a tuple of draft 7', { type: 'array', items: [TEXT] }, '.items'],
    ['an array of anything', { type: 'array' }, ''],
    ['anything', {}, ''],
    ['anything, described', { description: 'x' }, ''],
    ['true', true, ''],
    ['false', false, ''],
    ['nullable', { type: 'string', nullable: true }, '.nullable'],
    ['oneOf that overlaps', { oneOf: objects }, '.oneOf'],
    ['keywords beside a choice', { anyOf: [TEXT], type: 'string' }, '.type'],
    ['keywords beside a reference', { $ref: '#', minLength: 1 }, '.minLength'],
    ['a reference elsewhere', { $ref: 'https://example.com/x' }, '.$ref'],
    ['a reference into properties', { $ref: '#/properties/part' }, '.$ref'],
    ['a reference to nothing', { $ref: '#/$defs/No' }, '.$ref'],
    ['a reference in a circle', { $ref: '#/$defs/Circle' }, '.$ref'],
    ['a dynamic reference', { $dynamicRef: '#x' }, '.$dynamicRef'],
    ['uniqueItems', { type: 'array', items: TEXT, uniqueItems: true }, '.uniqueItems'],
    ['a format it does not have', { type: 'string', format: 'uri' }, '.format'],
    ['a pattern that looks ahead', { type: 'string', pattern: '^(?!a)' }, '.pattern'],
    ['no type', { type: 'text' }, '.type'],
    ['an empty choice', { anyOf: [] }, '.anyOf'],
    ['an empty enum', { enum: [] }, '.enum'],
    ['properties that are none', { type: 'object', properties: [] }, '.properties'],
    ['a required key that is none', { type: 'object', properties: {}, required: ['x'] }, '.required'],
    ['required: true', { type: 'string', required: true }, '.required'],
    ['a text for a schema', 'string', ''],
    ['a misspelt keyword', { type: 'object', properties: {}, requried: [] }, '.requried'],
  ])('%s', (_, part, place) => {
    const argument = `schema.properties.part${place}`;
    expect(() => strictPart(part, { Circle: { $ref: '#/$defs/Circle' } })).toThrow(
      expect.objectContaining({
        code: 'CODEX_INVALID_ARGUMENT',
        argument,
        message: expect.stringContaining(`${argument}: `),
      }),
    );
  });

  test.each<[string, Record<string, unknown>, string]>([
    ['a choice', { anyOf: [{ type: 'object', properties: {} }] }, 'schema'],
    ['a choice of one', { oneOf: [{ type: 'object', properties: {} }] }, 'schema'],
    ['an array', { type: 'array', items: TEXT }, 'schema.type'],
    ['an object or null', { type: ['object', 'null'], properties: {} }, 'schema.type'],
    ['nothing that is said', {}, 'schema.type'],
    ['itself', { $ref: '#' }, 'schema.$ref'],
    [
      'a definition with more beside it',
      { $ref: '#/$defs/A', minProperties: 1, $defs: { A: {} } },
      'schema.minProperties',
    ],
  ])('a root that is %s', (_, schema, argument) => {
    expect(() => strict(schema)).toThrow(expect.objectContaining({ argument }));
  });

  test('a schema without an end', () => {
    let schema: Record<string, unknown> = { type: 'object', properties: {} };
    for (let level = 0; level < 70; level += 1) schema = { type: 'object', properties: { a: schema } };
    expect(() => strict(schema)).toThrow(/at most 64 levels/);
  });

  test('also where its answer is validated', () => {
    const both = { allOf: [{ type: 'object', properties: {} }, { $ref: '#' }] };
    expect(() => strictPart(both, {}, { isValidated: true })).toThrow(/allOf: it cannot be said/);
  });
});
