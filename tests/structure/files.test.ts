// What every file keeps to, and what stands where in the repository.

import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { isHandwritten, isShipped, type SourceFile, sourceFiles } from './source-files.js';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
const MAX_LINES = 300;
/** Made by programs, and ignored by git. */
const NOT_KEPT = new Set(['.git', 'node_modules', 'dist', '.tmp']);

const files = sourceFiles().filter(isHandwritten);
/** Programs of their own: the process is theirs. */
const PROGRAMS = ['doctor/codex-async-client.ts', 'testing/replay/codex-tape.ts'];
/** What runs in the user's program. */
const shipped = files.filter((file) => isShipped(file) && !PROGRAMS.includes(file.path));

/** The paths of the files of which something is true. */
const which = (all: readonly SourceFile[], is: (file: SourceFile) => boolean) =>
  all.filter(is).map(({ path }) => path);

test('the top of the repository holds what it cannot do without', () => {
  const entries = readdirSync(REPOSITORY).filter((name) => !NOT_KEPT.has(name) && !name.endsWith('.tgz'));
  expect(entries.sort()).toEqual([
    '.ci',
    '.github',
    '.gitignore',
    'CHANGELOG.md',
    'LICENSE',
    'README.md',
    'biome.json',
    'fixtures',
    'package-lock.json',
    'package.json',
    'src',
    'tests',
    'tsconfig.json',
  ]);
});

describe('every source file', () => {
  test('is found', () => {
    expect(files.length).toBeGreaterThan(50);
  });

  test('opens with a comment', () => {
    expect(which(files, ({ text }) => !/^(#!.*\n)?\/[/*]/.test(text))).toEqual([]);
  });

  test(`has at most ${MAX_LINES} lines`, () => {
    expect(which(files, ({ text }) => text.trimEnd().split('\n').length > MAX_LINES)).toEqual([]);
  });

  test('has a noun in kebab-case for a name', () => {
    expect(which(files, ({ path }) => !/^([a-z]+(-[a-z]+)*\/)*[a-z]+(-[a-z]+)*\.ts$/.test(path))).toEqual([]);
  });

  test('has no `any`, no cast through `unknown`, and silences no compiler', () => {
    expect(
      which(files, ({ code }) => /(?:[:<|&,(]|\bas|=>|\bextends)\s*any\b|\bas unknown as\b/.test(code)),
    ).toEqual([]);
    expect(which(files, ({ text }) => /@ts-(ignore|nocheck|expect-error)/.test(text))).toEqual([]);
  });

  test('has nothing left to do in its comments', () => {
    expect(which(files, ({ text }) => /\b(TODO|FIXME|XXX|HACK)\b/.test(text))).toEqual([]);
  });

  test('exports by name', () => {
    expect(which(files, ({ code }) => /^export (default|\* from)/m.test(code))).toEqual([]);
  });
});

test('a program says how it is run', () => {
  expect(which(files, ({ text }) => text.startsWith('#!/usr/bin/env node\n'))).toEqual(PROGRAMS);
});

describe('every file that runs in a user’s program', () => {
  test('prints nothing', () => {
    expect(
      which(shipped, ({ code }) => /\bconsole\.|\bprocess\.(stdout|stderr)\.write\b/.test(code)),
    ).toEqual([]);
  });

  test('leaves the host process alone', () => {
    expect(which(shipped, ({ code }) => /process\.(exit|abort|chdir|setUncaught\w+)\(/.test(code))).toEqual(
      [],
    );
  });
});
