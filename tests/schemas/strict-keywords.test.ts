/** What becomes of the keywords of JSON Schema. */
import { expect, test } from 'vitest';
import { fateOf, insteadOf, meantBy } from '../../src/schemas/strict-keywords.js';

test('each keyword has one fate', () => {
  const names = ['type', 'properties', 'default', 'uniqueItems', 'x-mine'];
  expect(names.map(fateOf)).toEqual(['kept', 'rewritten', 'left out', 'narrowing', 'unknown']);
});

test('a keyword that cannot be said comes with what to do instead', () => {
  expect(insteadOf('patternProperties')).toBe('use an array of objects with a key and a value');
  expect([insteadOf('type'), insteadOf('toString')]).toEqual([undefined, undefined]);
});

test('a misspelt keyword is recognised, and a short name of one’s own is not taken for one', () => {
  expect(meantBy('propertys')).toBe('properties');
  expect(meantBy('requried')).toBe('required');
  expect(['foo', 'nut', 'x-order', 'source'].map(meantBy)).toEqual(Array(4).fill(undefined));
});
