// What a page may load: sources that compile where nothing of Node.js is known.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { run } from './commands.js';
import { REPOSITORY } from './packed.js';

const folder = mkdtempSync(join(tmpdir(), 'codex-async-client-page-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Compiles a room of the sources with what a page has. Rejects with what tsc prints. */
function compiledForPage(room: string): Promise<string> {
  const config = join(folder, `tsconfig.${room}.json`);
  const compilerOptions = {
    rootDir: join(REPOSITORY, 'src'),
    noEmit: true,
    types: [],
    lib: ['es2023', 'dom'],
  };
  const include = [join(REPOSITORY, 'src', room)];
  writeFileSync(
    config,
    JSON.stringify({ extends: join(REPOSITORY, 'tsconfig.json'), compilerOptions, include }),
  );
  const tsc = join(REPOSITORY, 'node_modules', 'typescript', 'bin', 'tsc');
  return run(process.execPath, [tsc, '-p', config], REPOSITORY);
}

test('the view compiles without the types of Node.js', async () => {
  expect(await compiledForPage('view')).toBe('');
});

test('a room that needs Node.js does not', async () => {
  await expect(compiledForPage('wire')).rejects.toThrow(/'Buffer'|node:/);
});
