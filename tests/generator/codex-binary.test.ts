// What `npm run generate` says on a machine without a codex executable.

import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  findCodexExecutable,
  MissingCodexError,
  readProtocol,
} from '../../src/generator/codex-binary.js';

const source = fileURLToPath(new URL('../../src/protocol', import.meta.url));
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'missing-codex-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('the executable of this platform is found', () => {
  expect(existsSync(findCodexExecutable())).toBe(true);
});

test('a platform without an executable is named, with what to do', () => {
  const find = () => findCodexExecutable({ platform: 'sunos', arch: 'mips' });
  expect(find).toThrow(MissingCodexError);
  expect(find).toThrow(/@openai\/codex-sunos-mips, .* is not installed; run `npm ci --include=optional`/);
});

test.each([['bin'], ['codex']])('the executable is found in the vendor layout with %s', (layout) => {
  const main = join(folder, 'node_modules', '@openai', 'codex');
  const platform = join(folder, 'node_modules', '@openai', 'codex-linux-x64');
  const bin = join(platform, 'vendor', 'x86_64-unknown-linux-musl', layout);
  mkdirSync(main, { recursive: true });
  mkdirSync(bin, { recursive: true });
  for (const path of [main, platform]) writeFileSync(join(path, 'package.json'), '{}');
  writeFileSync(join(bin, 'codex'), '');
  const found = findCodexExecutable({ platform: 'linux', arch: 'x64', from: join(folder, 'index.js') });
  expect(found).toBe(join(bin, 'codex'));
});

test('npm run generate prints one line on stderr, writes nothing and exits with 1', () => {
  const copy = join(folder, 'src', 'protocol');
  cpSync(source, copy, { recursive: true, filter: (path) => !path.endsWith('generated.ts') });
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  const args = ['--import', import.meta.resolve('tsx'), join(copy, 'generate.ts')];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  expect({ status, stdout, stderr }).toEqual({
    status: 1,
    stdout: '',
    stderr: 'cannot generate the protocol types: @openai/codex is not installed; run `npm ci`\n',
  });
  expect(readdirSync(copy)).not.toContain('generated.ts');
});

test('reading the protocol leaves no temporary folder, whether it succeeds or not', () => {
  expect(readProtocol(findCodexExecutable(), folder).version).toMatch(/^\d+\.\d+\.\d+$/);
  expect(readdirSync(folder)).toEqual([]);
  expect(() => readProtocol(process.execPath, folder)).toThrow();
  expect(readdirSync(folder)).toEqual([]);
});
