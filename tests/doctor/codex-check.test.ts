/** Which codex is run, and what else was looked at. */
import { chmodSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { codexFinding } from '../../src/doctor/codex-check.js';
import { at, file, TRIPLE, useFileTree } from '../app-server/locate/file-tree.js';

useFileTree();

const search = { folders: [] as string[], platform: 'linux', arch: 'x64' };

describe('a codex that can be started', () => {
  test('is ok, with how it was found, and the places before and after it', () => {
    file('b/node_modules/@openai/codex/package.json');
    const native = file('b/node_modules/@openai/codex/vendor', TRIPLE, 'bin/codex');
    const other = file('bin/codex');
    const env = { PATH: at('bin') };
    const found = codexFinding({ ...search, folders: [at('a'), at('b')], env });
    expect(found.file).toBe(native);
    expect(found.finding).toMatchObject({
      status: 'ok',
      finding: `${native} (native, from the installed package @openai/codex)`,
      notes: [
        `before it: the package @openai/codex, imported from ${at('a')}: not installed`,
        `after it: codex on PATH (1 folder): ${other}`,
      ],
      details: { file: native, kind: 'native', launcher: null },
    });
    expect(found.finding.details?.['places']).toEqual([
      {
        place: `the package @openai/codex, imported from ${at('a')}`,
        problem: 'not installed',
        taken: false,
      },
      {
        place: `the package @openai/codex in ${at('b/node_modules/@openai/codex')}`,
        file: native,
        taken: true,
      },
      { place: 'codex on PATH (1 folder)', file: other, taken: false },
    ]);
  });

  test('that is a script is named so', () => {
    const launcher = file('bin/codex');
    writeFileSync(launcher, '#!/usr/bin/env node\n');
    const { finding } = codexFinding({ ...search, env: { PATH: at('bin') } });
    expect(finding).toMatchObject({ status: 'ok', details: { kind: 'script', origin: 'from PATH' } });
  });

  test('is told once when several folders lead to it', () => {
    file('node_modules/@openai/codex/package.json');
    file('node_modules/@openai/codex/vendor', TRIPLE, 'bin/codex');
    const found = codexFinding({ ...search, folders: [at('a'), at('b')], env: { PATH: at('bin') } });
    expect(found.finding.details?.['places']).toMatchObject([
      { place: `the package @openai/codex in ${at('node_modules/@openai/codex')}`, taken: true },
      { place: 'codex on PATH (1 folder)', problem: 'not found', taken: false },
    ]);
  });

  test('is the same that PATH has: then that is not told as another one', () => {
    const named = file('bin/codex');
    const { finding } = codexFinding({ ...search, codexPath: named, env: { PATH: at('bin') } });
    expect(finding).toMatchObject({ status: 'ok', notes: [] });
    expect(finding.finding).toContain('from options.codexPath');
  });
});

describe('no codex', () => {
  test('fails, with every place and how to install it', () => {
    const found = codexFinding({ ...search, folders: [at('a')], env: { PATH: '/nowhere' } });
    expect(found.file).toBeUndefined();
    expect(found.finding).toMatchObject({
      status: 'fail',
      finding: 'there is no codex',
      advice: expect.stringContaining('npm install @openai/codex'),
      notes: [
        `looked at the package @openai/codex, imported from ${at('a')}: not installed`,
        'looked at codex on PATH (1 folder): not found',
      ],
    });
  });

  test('of a name that is not on PATH fails', () => {
    const { finding } = codexFinding({ ...search, codexPath: 'codex-nightly', env: { PATH: '/nowhere' } });
    expect(finding.notes).toEqual([
      'looked at options.codexPath: no program of that name is on PATH (1 folder)',
    ]);
  });
});

describe('a codex that cannot be started', () => {
  test('fails when it is not there', () => {
    const found = codexFinding({ ...search, codexPath: at('nothing'), env: {} });
    expect(found.file).toBeUndefined();
    expect(found.finding).toMatchObject({
      status: 'fail',
      finding: `${at('nothing')} (from options.codexPath) cannot be started`,
    });
  });

  test.skipIf(process.platform === 'win32')('fails when it may not be executed', () => {
    const native = file('codex');
    chmodSync(native, 0o644);
    const found = codexFinding({ ...search, codexPath: native, env: {} });
    expect(found).toMatchObject({ file: undefined, finding: { status: 'fail', details: { file: native } } });
  });
});
