/** What becomes of the keywords of JSON Schema. */
import { expect, test } from 'vitest';
import { fateOf, insteadOf, meantBy, measures, narrows } from '../../src/schemas/strict-keywords.js';

test('each keyword has one fate', () => {
  const names = ['type', 'properties', 'default', 'uniqueItems', 'x-mine'];
  expect(names.map(fateOf)).toEqual(['kept', 'rewritten', 'left out', 'narrowing', 'unknown']);
});

test('a keyword that cannot be said comes with what to do instead', () => {
  expect(insteadOf('patternProperties')).toBe('use an array of objects with a key and a value');
  expect([insteadOf('type'), insteadOf('toString')]).toEqual([undefined, undefined]);
});

test.each<[string, unknown, boolean]>([
  ['format', 'uuid', false],
  ['format', 'uri', true],
  ['pattern', '^a(?:b)$', false],
  ['pattern', '(?=a)', true],
  ['pattern', '(?<!a)', true],
  ['pattern', '(?<name>a)', false],
  ['pattern', '(a)\\1', true],
  ['allOf', [{ pattern: 'a' }, { type: 'string', format: 'uri' }], true],
  ['allOf', [{ properties: {} }], false],
  ['allOf', ['x'], false],
  ['uniqueItems', true, true],
  ['minLength', 1, false],
])('%s: %j only narrows, and cannot be said: %j', (keyword, value, expected) => {
  expect(narrows(keyword, value)).toBe(expected);
});

test('what measures a text, a number or a list only narrows, wherever it stands', () => {
  expect(['format', 'pattern', 'maxItems', 'minimum', 'uniqueItems'].every(measures)).toBe(true);
  expect(['type', 'const', 'enum', 'properties', 'title', 'default', 'x-mine'].some(measures)).toBe(false);
});

test('a misspelt keyword is recognised, and a short name of one’s own is not taken for one', () => {
  expect(meantBy('propertys')).toBe('properties');
  expect(meantBy('requried')).toBe('required');
  expect(['foo', 'nut', 'x-order', 'source'].map(meantBy)).toEqual(Array(4).fill(undefined));
});
