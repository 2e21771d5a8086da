/** Which executable writes the types, and what is said when there is none. */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findCodexExecutable, MissingCodexError } from '../../src/generator/codex-binary.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'codex-binary-'));
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
