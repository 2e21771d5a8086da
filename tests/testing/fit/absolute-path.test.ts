/** Texts that are absolute paths, and their parts. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { absolutePathOf, pathText } from '../../../src/testing/fit/absolute-path.js';

test.each<[string, string[]]>([
  ['/', []],
  ['/a', ['a']],
  ['/a/b.ts', ['a', 'b.ts']],
  ['/a/b/', ['a', 'b']],
  ['/a b/ü', ['a b', 'ü']],
  ['C:\\', ['C:']],
  ['C:\\a\\b.ts', ['C:', 'a', 'b.ts']],
  ['c:/a/b.ts', ['c:', 'a', 'b.ts']],
  ['\\\\server\\share\\a', ['\\\\server', 'share', 'a']],
  ['file:///a%20b/c%23', ['a b', 'c#']],
  ['file:///C:/a', ['C:', 'a']],
])('%s has its parts and comes back', (text, segments) => {
  const path = absolutePathOf(text);
  expect(path?.segments).toEqual(segments);
  expect(path && pathText(path)).toBe(text);
});

test.each([
  '',
  'a/b',
  './a',
  'C:a',
  'https://example.org/a',
  'file://server/a',
  'file:///%E0%A4%A',
  '\\\\',
  '/a\nb',
  '/\ud800',
  `/${'a'.repeat(4_096)}`,
  '/a'.repeat(129),
])('%j is none', (text) => {
  expect(absolutePathOf(text)).toBeUndefined();
});

test('a path without empty names comes back as it was', () => {
  const name = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 6 })
    .filter((text) => !/[/\\\p{Cc}]/u.test(text));
  fc.assert(
    fc.property(
      fc.array(name, { minLength: 1, maxLength: 5 }),
      fc.constantFrom('/', 'C:\\'),
      (names, top) => {
        const text = top + names.join(top.at(-1));
        const path = absolutePathOf(text);
        expect(path && pathText(path)).toBe(text);
        const url = path && pathText({ ...path, isUrl: true });
        expect(absolutePathOf(url ?? '')?.segments).toEqual(path?.segments);
      },
    ),
  );
});
