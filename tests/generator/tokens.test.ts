/** Cutting type text into tokens: nothing is lost, and brackets are known. */
import { describe, expect, test } from 'vitest';
import {
  closingIndex,
  colonIndex,
  insideOf,
  splitTop,
  textOf,
  tokenize,
  withoutComments,
} from '../../src/generator/tokens.js';

describe('tokens', () => {
  test('the tokens joined again are the text', () => {
    const text = '/** a "b" */ { "c\\"d": `e`, // f\n \'g\'?: Array<h>, }';
    expect(textOf(tokenize(text))).toBe(text);
  });
});

describe('brackets', () => {
  test('hide the separators inside them, and an empty piece at the end is dropped', () => {
    expect(splitTop(tokenize('a, Array<b, c>, { d, e },'), ',').map(textOf)).toEqual([
      'a',
      'Array<b, c>',
      '{ d, e }',
    ]);
  });

  test('are matched, and one that is not closed is an error that shows the text', () => {
    expect(closingIndex(tokenize('{ a: (1) }'), 0)).toBe(tokenize('{ a: (1) }').length - 1);
    expect(() => closingIndex(tokenize('{ a'), 0)).toThrow('unbalanced brackets in: { a');
  });

  test('enclose the whole or are left alone', () => {
    expect(textOf(insideOf(tokenize(' (a) '), '(') ?? [])).toBe('a');
    expect(insideOf(tokenize('(a) | (b)'), '(')).toBeUndefined();
  });
});

test('the colon of a field is the one outside brackets', () => {
  const field = tokenize('[key in string]?: { a: 1 }');
  expect(textOf(field.slice(0, colonIndex(field)))).toBe('[key in string]?');
  expect(colonIndex(tokenize('string'))).toBe(-1);
});

test('comments are taken off with the white space around them', () => {
  expect(textOf(withoutComments(tokenize('/** a */ "b" // c')))).toBe('"b"');
});
