/** What callers hand over, as JSON text, or an error that names it. */
import { InvalidArgumentError } from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import { jsonText, paramsText } from '../../src/support/json-text.js';

describe('params', () => {
  test.each<[unknown, string]>([
    [undefined, '{}'],
    [null, 'null'],
    [{}, '{}'],
    [{ a: undefined, b: [1] }, '{"b":[1]}'],
    [{ toJSON: () => ({ a: 1 }) }, '{"a":1}'],
  ])('%j are sent as %s', (params, text) => {
    expect(paramsText('x/y: params', params)).toBe(text);
  });

  test.each<[unknown]>([[[]], [''], [5], [false], [() => {}], [new Date(0)], [{ toJSON: () => [] }]])(
    'L20 %j are no object, and are refused',
    (params) => {
      const text = () => paramsText('x/y: params', params);
      expect(text).toThrow(InvalidArgumentError);
      expect(text).toThrow(/^x\/y: params: expected (an object|what is an object in JSON), got /);
    },
  );
});

describe('any value', () => {
  test.each<[unknown, string]>([
    [null, 'null'],
    [0, '0'],
    ['\u2028"\n', '"\u2028\\"\\n"'],
    [[undefined], '[null]'],
  ])('%j becomes its JSON text', (value, text) => {
    expect(jsonText('result', value)).toBe(text);
  });

  test.each<[unknown]>([[undefined], [() => {}], [Symbol('s')]])(
    'L20 %s has none, and is refused',
    (value) => {
      expect(() => jsonText('result', value)).toThrow('result: expected a value that JSON can hold, got ');
    },
  );

  test.each<[string, unknown, string]>([
    ['x', Number.NaN, 'x: expected a finite number, got NaN'],
    ['x', [0, Number.POSITIVE_INFINITY], 'x[1]: expected a finite number, got Infinity'],
    [
      'x',
      { a: { b: [{}, { c: Number.NEGATIVE_INFINITY }] } },
      'x.a.b[1].c: expected a finite number, got -Infinity',
    ],
    ['x', { toJSON: () => ({ a: Number.NaN }) }, 'x.a: expected a finite number, got NaN'],
    ['x', { a: Object(Number.NaN) }, 'x.a: expected a finite number, got NaN'],
  ])('L20 a number that JSON cannot carry is refused with its place: %s %j', (argument, value, message) => {
    const text = () => jsonText(argument, value);
    expect(text).toThrow(InvalidArgumentError);
    expect(text).toThrow(expect.objectContaining({ message, argument: message.split(':')[0] }));
  });

  test('a null, and the word in a text, are none', () => {
    const value = { a: null, b: ['null', { c: null }], d: 0 };
    expect(jsonText('x', value)).toBe(JSON.stringify(value));
  });

  test('L20 what cannot be written is refused with the reason as its cause', () => {
    const cycle: { self?: unknown } = {};
    cycle.self = cycle;
    const thrown = new Error('from toJSON');
    const broken = {
      toJSON: () => {
        throw thrown;
      },
    };
    expect(() => jsonText('data', cycle)).toThrow(
      expect.objectContaining({ argument: 'data', cause: expect.any(TypeError) }),
    );
    expect(() => jsonText('data', 5n)).toThrow(InvalidArgumentError);
    expect(() => jsonText('data', broken)).toThrow(expect.objectContaining({ cause: thrown }));
  });
});
