/** Where tapes are found. */
import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readTapeFolders } from '../../../src/generator/diff/tape-folders.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tape-folders-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const HEADER = '{"tape":1,"recordedAt":"","protocol":"1.2.3","server":null}\n';

test('tapes are those of the folder and of its folders, in the order of their names', async () => {
  await Promise.all(['2.0.0', '1.0.0', 'empty'].map((name) => mkdir(join(folder, name))));
  for (const name of ['2.0.0/b.jsonl', '2.0.0/a.jsonl', '2.0.0/notes.md', '1.0.0/c.jsonl', 'd.jsonl'])
    await writeFile(join(folder, name), HEADER);
  const found = readTapeFolders(folder).map(({ path, tapes }) => [
    basename(path),
    tapes.map((tape) => basename(tape.path)),
  ]);
  expect(found).toEqual([
    [basename(folder), ['d.jsonl']],
    ['1.0.0', ['c.jsonl']],
    ['2.0.0', ['a.jsonl', 'b.jsonl']],
  ]);
});

test('a folder without tapes is named, and so is one that is not there', () => {
  expect(() => readTapeFolders(folder)).toThrow(`expected a folder with tapes (*.jsonl)`);
  expect(() => readTapeFolders(join(folder, 'none'))).toThrow(join(folder, 'none'));
});

test('a file that is no tape is named with its line', async () => {
  await writeFile(join(folder, 'bad.jsonl'), '{"no":1}\n');
  expect(() => readTapeFolders(folder)).toThrow('bad.jsonl:1');
});
