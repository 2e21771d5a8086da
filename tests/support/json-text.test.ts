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
