/** The titles of all tests, as they stand in the sources. */
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const TESTS = fileURLToPath(new URL('..', import.meta.url));
/** The title of a test, of a table of tests, or of a property: the first text after the call's parenthesis. */
const TITLE =
  /^\s*(?:test|it)(?:\.each(?:<(?:[^()])*?>)?\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\))?\(\s*(['"`])((?:(?!\1).)*)\1/gm;

/** The titles in a source text; those of skipped tests, of groups and in comments do not count. */
export function titlesIn(source: string): string[] {
  return [...source.matchAll(TITLE)].map((match) => match[2] ?? '');
}

/** Every title of every test. */
export async function allTitles(): Promise<string[]> {
  const names = (await readdir(TESTS, { recursive: true })).filter((name) => name.endsWith('.test.ts'));
  const sources = await Promise.all(names.map((name) => readFile(`${TESTS}${name}`, 'utf8')));
  return sources.flatMap(titlesIn);
}
