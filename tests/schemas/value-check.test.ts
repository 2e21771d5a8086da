import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { isPending, valueCheckOf } from '../../src/schemas/value-check.js';

const schemaOf = (validate: unknown) => ({ '~standard': { version: 1, vendor: 'own', validate } });

describe('a check', () => {
  test('is made at once where the schema makes it at once', () => {
    expect(valueCheckOf('x', z.string())('a')).toMatchObject({ value: 'a' });
    expect(valueCheckOf('x', { type: 'string' })('a')).toEqual({ value: 'a' });
    expect(valueCheckOf('x', { type: 'string' })(1)).toMatchObject({ issues: [{ path: [] }] });
  });

  test('gives what the schema makes of the value', async () => {
    const later = valueCheckOf(
      'x',
      schemaOf(async (value: unknown) => ({ value: [value] })),
    )('a');
    expect(isPending(later)).toBe(true);
    expect(await later).toEqual({ value: ['a'] });
  });

  test('keeps the schema as `this`, which a library may need', () => {
    class Own {
      readonly version = 1;
      readonly made = 'made';
      validate(): unknown {
        return { value: this.made };
      }
    }
    expect(valueCheckOf('x', { '~standard': new Own() })('a')).toEqual({ value: 'made' });
  });

  test('takes a copy of a plain schema, so that a later change changes nothing', () => {
    const schema: Record<string, unknown> = { type: 'string' };
    const check = valueCheckOf('x', schema);
    schema['type'] = 'number';
    expect(check('a')).toEqual({ value: 'a' });
  });

  test('by a plain schema is one of what JSON makes of the value', () => {
    const check = valueCheckOf('x', {
      type: 'object',
      properties: { at: { type: 'string' } },
      required: ['at'],
    });
    expect(check({ at: new Date(0) })).toEqual({ value: { at: '1970-01-01T00:00:00.000Z' } });
    expect(check({ at: undefined })).toEqual({
      issues: [{ message: 'is required, and missing', path: ['at'] }],
    });
    expect(check(new Date(0))).toMatchObject({ issues: [{ path: [] }] });
    expect(check(undefined)).toMatchObject({
      issues: [{ message: expect.stringContaining('JSON can hold') }],
    });
  });

  test.each<[string, () => unknown, string]>([
    [
      'throws',
      () => {
        throw new Error('no');
      },
      'the schema could not check it: no',
    ],
    ['rejects', () => Promise.reject(new Error('no')), 'the schema could not check it: no'],
    ['answers nothing', () => undefined, 'expected a value or issues, got undefined'],
    ['answers nothing later', async () => null, 'expected a value or issues, got null'],
    ['finds no issue', () => ({ issues: [] }), 'expected one at least, each with a message'],
    ['finds what is no issue', () => ({ issues: ['bad'] }), 'expected one at least, each with a message'],
    ['names no place', () => ({ issues: [{ message: 'bad', path: [null] }] }), 'expected one at least'],
    ['names an odd place', () => ({ issues: [{ message: 'bad', path: null }] }), 'expected one at least'],
  ])('by a schema that %s finds the value wrong', async (_, validate, message) => {
    const checked = await valueCheckOf('x', schemaOf(validate))('a');
    expect(checked.issues).toEqual([{ message: expect.stringContaining(message) }]);
  });
});

test.each<[unknown, string]>([
  [undefined, 'x: expected a JSON Schema'],
  [5, 'x: expected a JSON Schema'],
  [[], 'x: expected a JSON Schema'],
  [{ '~standard': {} }, 'x["~standard"]: expected a Standard Schema, with validate'],
])('L20 what is no schema, %j, is refused', (schema, message) => {
  expect(() => valueCheckOf('x', schema)).toThrow(message);
});
