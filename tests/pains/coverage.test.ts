/**
 * Every pain that users of such clients report has a test in this folder whose title names it, so that none is
 * dropped when tests are renamed or moved. The list is literal on purpose: it is what was promised.
 */
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const FOLDER = fileURLToPath(new URL('.', import.meta.url));

/** Each pain in the words that its title has. */
const PAINS = [
  // What is on the wire.
  'readline splits JSON at U+2028',
  'a line of 43 MB',
  'the types are out of date',
  // What ends, and what does not.
  'a turn waits for ever because turn/completed never comes',
  'a turn waits for ever because the server died',
  'an iterator stalls silently',
  'a timeout of one call kills the session',
  'EPIPE on the stdin of the server crashes the host',
  'orphaned app-servers',
  // Flow.
  'overload loses requests',
  'a bounded buffer that deadlocks',
  'stderr that nobody reads blocks the server, or eats memory',
  // Turns.
  'turn/start during a turn gives a phantom turn',
  'expected active turn id X but found Y',
  'interrupting races with the start or the end of the turn',
  'events of sub-agents leak into the run of their parent',
  // Approvals.
  'an approval cannot be answered later',
  'a stale approval is answered into the void',
  'availableDecisions are ignored',
  'approvals are accepted by default',
  'nothing is approved by default',
  // Starting, and what is printed.
  'spawn codex ENOENT',
  'codex.cmd on Windows',
  'bundlers and Electron cannot find the binary',
  'a secret from the environment',
  'a Node.js warning',
] as const;

/** The title of a test or of a table of tests that is run everywhere: the first text after the call's parenthesis. */
const TITLE = /^\s*test(?:\.each\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\))?\(\s*(['"`])((?:(?!\1).)*)\1/gm;

function titlesIn(source: string): string[] {
  return [...source.matchAll(TITLE)].map((match) => match[2] ?? '');
}

async function titles(): Promise<string[]> {
  const names = (await readdir(FOLDER)).filter(
    (name) => name.endsWith('.test.ts') && name !== 'coverage.test.ts',
  );
  const sources = await Promise.all(names.map((name) => readFile(`${FOLDER}${name}`, 'utf8')));
  return sources.flatMap(titlesIn);
}

test.each([
  ["test('a pain', async () => {", ['a pain']],
  ['test(\n  "a pain: \'solved\'",', ["a pain: 'solved'"]],
  ["test.each([['x']])('a pain %s', (x) => {", ['a pain %s']],
  ["test.each(table)('a pain of %s', (x) => {", ['a pain of %s']],
  ["test.skip('a pain that is not tested', () => {", []],
  ["test.todo('a pain that is not tested');", []],
  ["// test('a pain in a comment', () => {", []],
  ["describe('a pain that is no test', () => {", []],
])('titles are found in %j', (source, found) => {
  expect(titlesIn(source)).toEqual(found);
});

test.each(PAINS)('"%s" is named by the title of a test', async (pain) => {
  expect((await titles()).filter((title) => title.includes(pain))).not.toEqual([]);
});
