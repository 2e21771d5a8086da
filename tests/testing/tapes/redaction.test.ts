/** What a user names is masked: texts wherever they are, and members of messages. */
import { InvalidArgumentError } from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import { Redaction, type RedactOptions } from '../../../src/testing/tapes/redaction.js';
import { wrong } from '../wrong.js';

const redact = (options: RedactOptions, params: unknown) =>
  new Redaction(options).apply({ id: 1, method: 'any', params })['params'];

describe('texts', () => {
  test('are masked wherever they occur, in names too', () => {
    const params = { cwd: 'on box-7', 'box-7': [1, 'box-7/box-7'], other: 'box' };
    expect(redact({ strings: ['box-7'] }, params)).toEqual({
      cwd: 'on [masked]',
      '[masked]': [1, '[masked]/[masked]'],
      other: 'box',
    });
  });

  test('that are names of members stay so many members', () => {
    const recorded = redact({ strings: ['ann', 'bob'] }, { ann: 1, bob: 2, '[masked]': 3, ann2: 4, c: 5 });
    expect(recorded).toEqual({
      '[masked][masked]': 1,
      '[masked][masked][masked]': 2,
      '[masked]': 3,
      '[masked]2': 4,
      c: 5,
    });
    expect(redact({ strings: { ann: 'x' } }, { ann: 1, x: 2 })).toEqual({ 'x[masked]': 1, x: 2 });
  });

  test('become what the user wants, the longest that fits first, each place once', () => {
    const strings = { '/home/ann': '/home/me', '/home/ann/work': '/work', '/home/me': '/never' };
    expect(redact({ strings }, { a: '/home/ann/work/x', b: '/home/ann/x' })).toEqual({
      a: '/work/x',
      b: '/home/me/x',
    });
  });

  test('are found where they stand as JSON in a text, and are JSON there again', () => {
    const inner = JSON.stringify({ cwd: 'C:\\ann' });
    const params = { arguments: inner, twice: JSON.stringify({ inner }) };
    const mine = JSON.stringify({ cwd: 'C:\\me "1"' });
    expect(redact({ strings: { 'C:\\ann': 'C:\\me "1"' } }, params)).toEqual({
      arguments: mine,
      twice: JSON.stringify({ inner: mine }),
    });
  });

  test('are texts and no patterns', () => {
    expect(redact({ strings: ['a.c', '$&', '(x'] }, ['abc', 'a.c', '$&', '(x'])).toEqual([
      'abc',
      '[masked]',
      '[masked]',
      '[masked]',
    ]);
    expect(redact({ strings: { abc: '$&' } }, ['abc'])).toEqual(['$&']);
  });
});

describe('paths', () => {
  const input = [
    { type: 'text', text: 'hi' },
    { type: 'image', text: { a: 1 } },
  ];

  test.each<[string, unknown]>([
    [
      'params.input.*.text',
      {
        input: [
          { type: 'text', text: '[masked]' },
          { type: 'image', text: '[masked]' },
        ],
      },
    ],
    [
      'params.input.0.text',
      {
        input: [
          { type: 'text', text: '[masked]' },
          { type: 'image', text: { a: 1 } },
        ],
      },
    ],
    ['params.input', { input: '[masked]' }],
    ['*.input', { input: '[masked]' }],
    [
      'params.**.a',
      {
        input: [
          { type: 'text', text: 'hi' },
          { type: 'image', text: { a: '[masked]' } },
        ],
      },
    ],
    [
      '**.text',
      {
        input: [
          { type: 'text', text: '[masked]' },
          { type: 'image', text: '[masked]' },
        ],
      },
    ],
    [
      'params.input.*.text.**',
      {
        input: [
          { type: 'text', text: 'hi' },
          { type: 'image', text: { a: '[masked]' } },
        ],
      },
    ],
    ['params', '[masked]'],
  ])('%s masks what stands there, whatever it is', (path, masked) => {
    expect(redact({ paths: [path] }, { input })).toEqual(masked);
  });

  test.each(['result.input', 'params.output.*', 'params.input.text', '**.nothing'])(
    '%s is not there, and the message is the same object',
    (path) => {
      const message = { id: 1, method: 'any', params: { input } };
      expect(new Redaction({ paths: [path] }).apply(message)).toBe(message);
    },
  );

  test('never lead to ids and methods', () => {
    const message = { id: 1, method: 'any' };
    expect(new Redaction({ paths: ['*', '**', '**.id', '**.method'] }).apply(message)).toBe(message);
  });
});

describe('L20 what cannot be redacted is refused by name:', () => {
  test.each<[unknown, string]>([
    [[], 'options.redact: expected an object, got an array of 0'],
    [{ string: ['a'] }, 'options.redact.string: unknown name; did you mean "strings"?'],
    [{ strings: 'a' }, 'options.redact.strings: expected an array of strings, or an object'],
    [{ strings: [1] }, 'options.redact.strings: expected an array of strings, got an array of 1'],
    [{ strings: ['a', ''] }, 'options.redact.strings: expected texts that are not empty, got ""'],
    [{ strings: { '': 'a' } }, 'options.redact.strings: expected texts that are not empty, got ""'],
    [{ strings: { a: null } }, 'options.redact.strings["a"]: expected a string, got null'],
    [{ paths: 'params' }, 'options.redact.paths: expected an array of strings, got "params"'],
    [
      { paths: ['params', 'id'] },
      'options.redact.paths[1]: expected a path that begins with params, result, error',
    ],
    [{ paths: ['params..text'] }, 'options.redact.paths[0]: expected a path that begins with'],
    [{ paths: [''] }, 'options.redact.paths[0]: expected a path that begins with'],
  ])('%j', (options, message) => {
    expect(() => new Redaction(wrong(options))).toThrow(InvalidArgumentError);
    expect(() => new Redaction(wrong(options))).toThrow(message);
  });
});
