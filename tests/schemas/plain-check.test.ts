/** What a plain JSON Schema finds wrong with a value, without a library. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { issueText } from '../../src/schemas/issue-text.js';
import { plainIssues } from '../../src/schemas/plain-check.js';
import { anySample } from './any-schema.js';

const TEXT = { type: 'string' };

function wrong(schema: Record<string, unknown>, value: unknown): string[] {
  return plainIssues(schema, value).map(issueText);
}

test('a value that fits its schema is never found wrong', () => {
  fc.assert(
    fc.property(anySample, ({ schema, value }) => {
      expect(wrong(schema, value)).toEqual([]);
    }),
  );
});

describe('is wrong', () => {
  test.each<[string, Record<string, unknown>, unknown, string[]]>([
    ['a type', TEXT, 5, ['expected string, got 5']],
    ['a type of several', { type: ['string', 'null'] }, 5, ['expected string or null, got 5']],
    ['a number that is no integer', { type: 'integer' }, 1.5, ['expected integer, got 1.5']],
    ['a value that is not listed', { enum: ['a', 1] }, 'b', ['expected one of "a", 1, got "b"']],
    ['another constant', { const: 'a' }, 'b', ['expected "a", got "b"']],
    ['a missing key', { type: 'object', required: ['a', 'b'] }, { a: 1 }, ['b: is required, and missing']],
    [
      'an unknown key',
      { properties: { a: TEXT }, additionalProperties: false },
      { a: '', b: 1 },
      ['b: unknown key; known keys: a'],
    ],
    [
      'a member',
      { properties: { a: { properties: { b: TEXT } } } },
      { a: { b: 1 } },
      ['a.b: expected string, got 1'],
    ],
    ['another member', { additionalProperties: TEXT }, { a: '', b: 1 }, ['b: expected string, got 1']],
    ['an element', { items: TEXT }, ['', 1], ['1: expected string, got 1']],
    ['a number too small', { minimum: 3 }, 2, ['expected at least 3, got 2']],
    ['a number too big', { maximum: 3 }, 4, ['expected at most 3, got 4']],
    [
      'a number on the bound',
      { exclusiveMinimum: 3, exclusiveMaximum: 3 },
      3,
      ['expected more than 3, got 3', 'expected less than 3, got 3'],
    ],
    ['a text too short', { minLength: 2 }, '😀', ['expected at least 2 characters, got 1']],
    ['a text too long', { maxLength: 1 }, 'ab', ['expected at most 1 characters, got 2']],
    ['a list too short', { minItems: 1 }, [], ['expected at least 1 items, got 0']],
    ['a list too long', { maxItems: 1 }, [1, 2], ['expected at most 1 items, got 2']],
    ['one of all', { allOf: [TEXT, { minLength: 2 }] }, 'a', ['expected at least 2 characters, got 1']],
    [
      'every choice',
      { anyOf: [{ type: 'null' }, { properties: { a: TEXT, b: TEXT }, type: 'object' }] },
      { a: 1, b: 1 },
      ['fits none of the 2 choices; of the nearest:', 'expected null, got an object with keys [a, b]'],
    ],
    ['the only choice', { oneOf: [TEXT] }, 1, ['expected string, got 1']],
    [
      'what a reference leads to',
      { properties: { a: { $ref: '#/$defs/A' } }, $defs: { A: TEXT } },
      { a: 1 },
      ['a: expected string, got 1'],
    ],
    [
      'anything where nothing is allowed',
      { properties: { a: false } },
      { a: 1 },
      ['a: nothing is allowed here'],
    ],
    [
      'what lies deep in itself',
      { properties: { next: { $ref: '#' } }, required: ['n'] },
      { n: 1, next: {} },
      ['next.n: is required, and missing'],
    ],
  ])('%s', (_, schema, value, issues) => {
    expect(wrong(schema, value)).toEqual(issues);
  });
});

describe('is passed over', () => {
  test.each<[string, Record<string, unknown>, unknown]>([
    ['a pattern, a format', { pattern: '^a', format: 'email' }, 'b'],
    ['not, if', { not: TEXT, if: TEXT, then: false }, 'b'],
    [
      'other keys where patterns say which',
      { patternProperties: { '^x': TEXT }, additionalProperties: false },
      { y: 1 },
    ],
    ['the places of a tuple', { prefixItems: [TEXT], items: TEXT }, [1, 2]],
    ['a list of parts for places', { items: [TEXT] }, [1]],
    ['a measure of another kind', { minLength: 3, minimum: 3, minItems: 3 }, true],
    ['a bound that is none', { minimum: 'three' }, 1],
    ['a reference that leads nowhere', { properties: { a: { $ref: '#/no' } } }, { a: 1 }],
    ['more than one choice of oneOf', { oneOf: [{}, {}] }, 1],
    ['no choice at all', { anyOf: [] }, 1],
    ['a part that is true', { properties: { a: true } }, { a: 1 }],
  ])('%s', (_, schema, value) => {
    expect(wrong(schema, value)).toEqual([]);
  });

  test('a choice that leads back to itself', () => {
    const schema = { $ref: '#/$defs/A', $defs: { A: { anyOf: [{ $ref: '#/$defs/A' }, TEXT] } } };
    expect(wrong(schema, 'a')).toEqual([]);
  });
});

test('a value is looked at once by each part, however deep choices lie within choices', () => {
  const operations = ['add', 'subtract', 'multiply', 'divide'].map((name) => ({
    properties: { operation: { const: name }, of: { $ref: '#' } },
    required: ['operation'],
  }));
  let looks = 0;
  const innermost = {
    get operation() {
      looks += 1;
      return 'none';
    },
  };
  let value: unknown = innermost;
  for (let depth = 0; depth < 6; depth += 1) value = { operation: 'divide', of: value };
  expect(wrong({ anyOf: operations }, value)).toContain(
    'of.of.of.of.of.of.operation: expected "add", got "none"',
  );
  // Each operation looks at it, and the whole.
  expect(looks).toBe(operations.length + 1);
});

test('equal values in several places are each told of', () => {
  const schema = { items: TEXT, type: 'array' };
  expect(wrong(schema, [1, 1])).toEqual(['0: expected string, got 1', '1: expected string, got 1']);
});
