/** Every law of the design has a test whose title cites its number. */
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const TESTS = fileURLToPath(new URL('..', import.meta.url));
const LAWS = Array.from({ length: 20 }, (_, index) => `L${index + 1}`);
/** The title of a test, of a table of tests, or of a property: the first text after the call's parenthesis. */
const TITLE =
  /\b(?:test|it)(?:\.each\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\))?\(\s*(['"`])((?:(?!\1).)*)\1/gs;

/** The titles of the tests in a source text; skipped ones do not count. */
function titlesIn(source: string): string[] {
  return [...source.matchAll(TITLE)].map((match) => match[2] ?? '');
}

/** The laws that a title cites. */
function lawsIn(title: string): string[] {
  return title.match(/\bL\d+\b/g) ?? [];
}

async function citedLaws(): Promise<Set<string>> {
  const names = await readdir(TESTS, { recursive: true });
  const sources = names
    .filter((name) => name.endsWith('.test.ts') && !name.endsWith('coverage.test.ts'))
    .map((name) => readFile(`${TESTS}${name}`, 'utf8'));
  return new Set((await Promise.all(sources)).flatMap(titlesIn).flatMap(lawsIn));
}

test.each([
  ["test('L1 a', async () => {", ['L1']],
  ["test.each(['a', 'b'])(\n  'L2 L3 %s', (how) => {", ['L2', 'L3']],
  ["test.each<[A, B]>([['L4']])('none', () => {", []],
  ['it("L5 a", f)', ['L5']],
  ["test.skip('L6 is not run', () => {", []],
  ["describe('L7 is no test', () => {", []],
  ["const text = 'L8';", []],
])('titles are found in %j', (source, laws) => {
  expect(titlesIn(source).flatMap(lawsIn)).toEqual(laws);
});

test.each(LAWS)('%s is cited by the title of a test', async (law) => {
  expect([...(await citedLaws())].sort()).toContain(law);
});

test('no title cites a law that the design does not have', async () => {
  expect([...(await citedLaws())].filter((law) => !LAWS.includes(law))).toEqual([]);
});
