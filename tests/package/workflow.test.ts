// The workflow for CI is one that can be run: it names what is there, and covers what README claims.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import packageJson from '../../package.json' with { type: 'json' };
import { REPOSITORY } from './packed.js';
import { RUNTIMES } from './runtimes.js';

interface Job {
  readonly 'runs-on': string;
  readonly strategy?: { readonly matrix: Readonly<Record<string, readonly string[]>> };
  readonly steps: readonly { readonly uses?: string; readonly if?: string; readonly run?: string }[];
}

interface Workflow {
  readonly jobs: Readonly<Record<string, Job>>;
  readonly concurrency: unknown;
  readonly permissions: unknown;
  readonly defaults: unknown;
}

const text = readFileSync(join(REPOSITORY, '.github', 'workflows', 'ci.yml'), 'utf8');
const { jobs, concurrency, permissions, defaults }: Workflow = parse(text);
const commands = Object.values(jobs).flatMap(({ steps }) => steps.flatMap(({ run }) => run ?? []));
const SYSTEMS = ['ubuntu-latest', 'macos-latest', 'windows-latest'];

test('every runtime of README is tested on every system', () => {
  expect(jobs['runtimes']?.strategy?.matrix).toEqual({
    os: SYSTEMS,
    runtime: RUNTIMES.map(({ name }) => name),
  });
  expect(jobs['tests']?.strategy?.matrix).toEqual({
    os: SYSTEMS,
    node: RUNTIMES.flatMap(({ name }) => name.match(/(?<=^Node\.js )[\d.]+/) ?? []),
  });
  expect(jobs['bundlers']?.strategy?.matrix).toEqual({ os: SYSTEMS });
});

test('every value that a job takes from its matrix is there', () => {
  const unknown = Object.values(jobs).flatMap((job) => {
    const used = [...JSON.stringify(job).matchAll(/\$\{\{ matrix\.(\w+) \}\}/g)];
    return used.flatMap(([, name = '']) => (name in (job.strategy?.matrix ?? {}) ? [] : [name]));
  });
  expect(unknown).toEqual([]);
  expect(text.match(/\$\{\{ (?!matrix\.\w+ \}\}|github\.(ref|event_name)\b)/g)).toBeNull();
});

test('a push cuts the run of a pull request, and none of main', () => {
  const isPullRequest = expect.stringContaining("{ github.event_name == 'pull_request' }");
  expect(concurrency).toMatchObject({ 'cancel-in-progress': isPullRequest });
});

test('on Linux every job lets the sandbox of codex work, before it runs anything', () => {
  for (const { steps } of Object.values(jobs)) {
    const [first] = steps.filter(({ run }) => run !== undefined);
    expect(first).toEqual({
      if: "runner.os == 'Linux'",
      run: 'sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0',
    });
  }
});

test('every script and every file that it runs is there', () => {
  const scripts = commands.flatMap((command) => command.match(/(?<=^npm run )[\w:]+/) ?? []);
  expect(scripts).not.toEqual([]);
  expect(scripts.filter((name) => !(name in packageJson.scripts))).toEqual([]);
  const files = commands.flatMap((command) => command.match(/(?<=^|\s)(?:tests\/\S+|\.ci\/\S+)/g) ?? []);
  expect(files).toContain('.ci/run');
  expect(files.filter((file) => !existsSync(join(REPOSITORY, file)))).toEqual([]);
});

test('one shell runs the commands on every system, and hands `--` on', () => {
  expect(defaults).toEqual({ run: { shell: 'bash' } });
});

test('it may only read, and has no secret and no registry of its own', () => {
  expect(permissions).toEqual({ contents: 'read' });
  expect(text).not.toMatch(/secrets\.|registry-url|https?:/);
});

test.skipIf(process.platform === 'win32')(
  'where nothing can be fetched, it says what has to be there',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'bare-path-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    symlinkSync('/usr/bin/dirname', join(folder, 'dirname'));
    const env = { PATH: folder };
    const { status, stderr } = spawnSync('/bin/bash', ['.ci/run'], {
      cwd: REPOSITORY,
      env,
      encoding: 'utf8',
    });
    expect(stderr).toContain('chromium redis-server has to be on PATH');
    expect(status).toBe(1);
  },
);
