/** Functions that fit a screen; and that they are counted rightly. */
import { describe, expect, test } from 'vitest';
import { functionLengths, percentile } from './function-lengths.js';
import { isHandwritten, isShipped, sourceFiles } from './source-files.js';

/** Nine functions of ten are no longer than this. */
const P90_MAX_LINES = 15;

describe('a function', () => {
  test.each<[string, string, number[]]>([
    ['a declaration', 'export async function a(): Promise<void> {\n  b();\n}', [3]],
    ['a head over several lines', 'function a(\n  b: string,\n  c: string,\n): void {\n  d();\n}', [6]],
    ['parameters taken apart', 'function a({\n  b,\n  c,\n}: D): void {\n  d();\n}', [6]],
    [
      'methods and accessors',
      'class A {\n  get b(): C {\n    d();\n  }\n\n  async *[E]() {\n    f();\n  }\n}',
      [3, 3],
    ],
    ['one within another', 'const a = () => {\n  b((c) => {\n    d();\n  });\n};', [5, 3]],
    ['an assertion in its return type', "function a(b: C): b is D & { e: 'f' } {\n  g();\n}", [3]],
    ['no statement', 'if (a) {\n  b();\n} else if (c) {\n  d();\n} else {\n  e();\n}', []],
    ['no loop', 'for (const a of b()) {\n  c();\n}\nwhile (d()) {\n  e();\n}\nswitch (f()) {\n}', []],
    ['no try', 'try {\n  a();\n} catch (error) {\n  b();\n} finally {\n  c();\n}', []],
    ['no type and no object', 'interface A {\n  b(): C;\n}\nconst d = {\n  e: f(),\n};', []],
    ['no comment', '/*\n * a() {\n */\n// b() {', []],
    ['no expression', 'const a = () => b();', []],
  ])('is counted: %s', (_, text, lengths) => {
    expect(functionLengths(text).map(({ length }) => length)).toEqual(lengths);
  });

  test('is found by the line of its name', () => {
    expect(functionLengths('\nfunction a(\n  b: C,\n) {\n  d();\n}')).toEqual([{ line: 2, length: 5 }]);
  });
});

test('the percentile is the length that so many do not exceed', () => {
  expect(percentile([10, 1, 2, 3, 4, 5, 6, 7, 8, 9], 0.9)).toBe(9);
  expect(percentile([3], 0.9)).toBe(3);
  expect(percentile([], 0.9)).toBe(0);
});

test(`nine functions of ten that are shipped have at most ${P90_MAX_LINES} lines`, () => {
  const shipped = sourceFiles().filter((file) => isHandwritten(file) && isShipped(file));
  const lengths = shipped.flatMap(({ text }) => functionLengths(text)).map(({ length }) => length);
  expect(lengths.length).toBeGreaterThan(500);
  expect(Math.min(...lengths)).toBeGreaterThan(1);
  expect(percentile(lengths, 0.9)).toBeLessThanOrEqual(P90_MAX_LINES);
});
