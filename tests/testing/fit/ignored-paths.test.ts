/** Which lists of paths are refused, and what the refusal says. */
import { expect, test } from 'vitest';
import { ignoredPaths } from '../../../src/testing/fit/ignored-paths.js';
import { wrong } from '../wrong.js';

const EXPECTED =
  'expected a dotted path that begins with params, result or error, for example params.input.*.text';

test.each<[unknown, string]>([
  ['params', 'options.ignore: expected an array of strings, got "params"'],
  [['params', 1], 'options.ignore: expected an array of strings, got an array of 2'],
  [['params', ''], `options.ignore[1]: ${EXPECTED}, got ""`],
  [['params..text'], `options.ignore[0]: ${EXPECTED}, got "params..text"`],
  [['input.text'], `options.ignore[0]: ${EXPECTED}, got "input.text"`],
  [['*.text'], `options.ignore[0]: ${EXPECTED}, got "*.text"`],
])('%j', (ignore, message) => {
  expect(() => ignoredPaths(wrong(ignore))).toThrow(
    expect.objectContaining({ name: 'InvalidArgumentError', message }),
  );
});
