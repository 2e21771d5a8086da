/** Tests mirror the rooms: the test of a source file is where its name says. */
import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { isHandwritten, sourceFiles } from './source-files.js';
import { UNTESTED } from './untested-names.js';

const REPOSITORY = new URL('../../', import.meta.url);

/** The folders directly in a folder of the repository. */
const foldersIn = (path: string) =>
  readdirSync(new URL(path, REPOSITORY), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);

/** Source files without a test of the same name. */
const untested = sourceFiles()
  .filter(isHandwritten)
  .map(({ path }) => path)
  .filter(
    (path) => !existsSync(fileURLToPath(new URL(`tests/${path.replace(/\.ts$/, '.test.ts')}`, REPOSITORY))),
  );

test('every room of src has a folder of the same name in tests', () => {
  expect(foldersIn('tests')).toEqual(expect.arrayContaining(foldersIn('src')));
});

test('every source file has a test of the same name, or a reason why not', () => {
  expect(untested.filter((path) => !(path in UNTESTED))).toEqual([]);
});

test('no reason is given for a file that has a test, or that is gone', () => {
  expect(Object.keys(UNTESTED).filter((path) => !untested.includes(path))).toEqual([]);
});
