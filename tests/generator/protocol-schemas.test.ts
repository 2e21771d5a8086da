/** What the JSON Schema of the protocol says beyond its TypeScript. */
import { describe, expect, test } from 'vitest';
import {
  mayLeaveOut,
  methodDescriptions,
  readSchemas,
  type Schema,
  schemaOf,
} from '../../src/generator/protocol-schemas.js';

const bundle = (definitions: object) => JSON.stringify({ definitions });

describe('the schemas of a bundle', () => {
  test('have the names of their types; of two with one name it is that of v2', () => {
    const schemas = readSchemas(
      bundle({ A: { required: ['root'] }, B: {}, v2: { A: { required: ['v2'] }, C: {} } }),
    );
    expect(schemas).toEqual({ A: { required: ['v2'] }, B: {}, C: {} });
  });

  test.each(['{}', bundle({ A: {} })])('are not read from %s', (text) => {
    expect(() => readSchemas(text)).toThrow('the format of generate-json-schema has changed');
  });
});

describe('a key', () => {
  const schema: Schema = { required: ['a'], properties: { a: {}, b: {} } };

  test.each([
    ['a', false],
    ['b', true],
    ['c', false],
  ])('%s may be left out: %s', (key, expected) => {
    expect(mayLeaveOut(schema, key)).toBe(expected);
  });

  test('of an object without required keys may be left out, and of what is unknown it may not', () => {
    expect(mayLeaveOut({ properties: { a: {} } }, 'a')).toBe(true);
    expect(mayLeaveOut(undefined, 'a')).toBe(false);
  });
});

describe('the schema of one object of a union', () => {
  const text: Schema = { properties: { type: { enum: ['text'] }, text: {} } };
  const image: Schema = { properties: { type: { enum: ['image'] }, url: {} } };
  const typed = (type: string) => new Map([['type', type]]);

  test('is the one with the same fixed value', () => {
    for (const union of [{ oneOf: [text, image] }, { anyOf: [text, image] }]) {
      expect(schemaOf(union, typed('image'))).toBe(image);
      expect(schemaOf(union, typed('audio'))).toBeUndefined();
    }
  });

  test('is not guessed for an object without a fixed value', () => {
    expect(schemaOf({ oneOf: [text, image] }, new Map())).toBeUndefined();
  });

  test('is the schema itself where there is no union', () => {
    expect(schemaOf(text, new Map())).toBe(text);
    expect(schemaOf(undefined, new Map())).toBeUndefined();
  });
});

test('the description of a request is found by its method', () => {
  const request = (method: string, description?: string): Schema => ({
    ...(description === undefined ? {} : { description }),
    properties: { method: { enum: [method] } },
  });
  const schemas = { ClientRequest: { oneOf: [request('a/b', 'Does it.'), request('c/d')] } };
  expect([...methodDescriptions(schemas)]).toEqual([['a/b', 'Does it.']]);
  expect([...methodDescriptions({})]).toEqual([]);
});
