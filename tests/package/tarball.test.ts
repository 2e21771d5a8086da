// The tarball itself: what it holds, what its entry points load, and what the checkers of packages say of it.

import { readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { run } from './commands.js';
import { loadedBy } from './imports.js';
import { filesBelow, type PackedPackage, packPackage, REPOSITORY } from './packed.js';

let packed: PackedPackage;

beforeAll(async () => {
  packed = await packPackage();
});

afterAll(() => packed?.remove());

/** The folder `dist` of the copy, as the tarball has it. */
const dist = (...names: string[]) => join(packed.folder, 'dist', ...names);

/** Runs a program of a development dependency. */
function tool(name: string, script: string, args: readonly string[]): Promise<string> {
  return run(process.execPath, [join(REPOSITORY, 'node_modules', name, script), ...args], packed.folder);
}

test('the tarball holds dist, README, CHANGELOG, LICENSE and package.json, and the guides with their examples', () => {
  expect([...new Set(packed.files.map((path) => path.split('/')[0]))].sort()).toEqual([
    '.github',
    'CHANGELOG.md',
    'LICENSE',
    'README.md',
    'dist',
    'package.json',
    'tests',
  ]);
});

test('it has every page and every example, their tests not, in at most 400 KiB', () => {
  const kept = (folder: string) =>
    filesBelow(join(REPOSITORY, folder)).map((path) => `${folder}/${path.replaceAll('\\', '/')}`);
  const examples = kept('tests/examples').filter((path) => !path.endsWith('.test.ts'));
  const pages = kept('.github/docs');
  const others = packed.files.filter(
    (path) => /^(?:tests|\.github)\//.test(path) && !/\.(?:svg|png)$/.test(path),
  );
  expect(others.sort()).toEqual([...pages, ...examples].sort());
  const bytes = others.reduce((sum, path) => sum + statSync(join(packed.folder, path)).size, 0);
  expect(bytes).toBeLessThan(400 * 1024);
});

test('dist holds the rooms of src, and nothing that was there before the build', () => {
  expect([...new Set(packed.files.filter((path) => path.startsWith('dist/')).map(roomOf))].sort()).toEqual([
    'app-server',
    'client',
    'doctor',
    'index',
    'otel',
    'protocol',
    'runs',
    'schemas',
    'session',
    'supervisor',
    'support',
    'testing',
    'tools',
    'view',
    'wire',
  ]);
});

/** `dist/client/handshake.js` is of the room `client`, `dist/index.d.ts` is `index`. */
function roomOf(path: string): string {
  return (path.split('/')[1] ?? '').replace(/\.(d\.ts|js)$/, '');
}

test('every file of dist is JavaScript or a declaration, beside the notice for the protocol', () => {
  const others = packed.files.filter((path) => path.startsWith('dist/') && !/\.(js|d\.ts)$/.test(path));
  expect(others).toEqual(['dist/protocol/NOTICE']);
  expect(readFileSync(dist('protocol', 'NOTICE'), 'utf8')).toContain('Apache License, Version 2.0');
});

test('every JavaScript file is loaded by an entry point, or by a program', () => {
  const programs = [dist('testing', 'replay', 'codex-tape.js'), dist('doctor', 'codex-async-client.js')];
  const entries = [
    dist('index.js'),
    ...['testing', 'view', 'otel'].map((entry) => dist(entry, 'index.js')),
    ...programs,
  ];
  const loaded = entries.flatMap((entry) => [...loadedBy(entry).files]);
  const shipped = filesBelow(dist()).filter((path) => path.endsWith('.js'));
  // A file of types alone comes out as an empty module, which nobody imports.
  const withCode = shipped.filter(
    (path) =>
      readFileSync(dist(path), 'utf8')
        .replace('export {};', '')
        .replaceAll(/\/\*[\s\S]*?\*\//g, '')
        .trim() !== '',
  );
  expect(withCode).toEqual(expect.arrayContaining(['index.js']));
  expect(withCode.filter((path) => !loaded.includes(dist(path)))).toEqual([]);
});

test('the main entry point loads nothing of testing or traces, and no entry point loads the doctor', () => {
  const { files } = loadedBy(dist('index.js'));
  expect(files.size).toBeGreaterThan(20);
  expect([...files].filter((file) => /^(testing|otel)/.test(relative(dist(), file)))).toEqual([]);
  const others = ['testing', 'otel'].flatMap((entry) => [...loadedBy(dist(entry, 'index.js')).files]);
  const all = [...files, ...others];
  expect(all.filter((file) => relative(dist(), file).startsWith('doctor'))).toEqual([]);
});

test('the entry point for views loads its own files alone, and nothing of Node.js', () => {
  const { files, packages } = loadedBy(dist('view', 'index.js'));
  expect(files.size).toBeGreaterThan(5);
  expect([...files].filter((file) => !relative(dist(), file).startsWith('view'))).toEqual([]);
  expect([...packages]).toEqual([]);
});

test('the entry point for traces loads the API of OpenTelemetry, and no other package', () => {
  const { files, packages } = loadedBy(dist('otel', 'index.js'));
  expect([...packages]).toEqual(['@opentelemetry/api']);
  const rooms = [...files].map((file) => relative(dist(), file).split(/[\\/]/)[0]);
  expect([...new Set(rooms)].sort()).toEqual(['otel', 'session', 'support']);
});

test('the declarations of the entry for traces import those of OpenTelemetry alone', () => {
  expect([...loadedBy(dist('otel', 'index.d.ts')).packages]).toEqual(['@opentelemetry/api']);
});

test('the entry points load the three dependencies and modules of Node.js, and nothing else', () => {
  const packages = [
    ...loadedBy(dist('index.js')).packages,
    ...loadedBy(dist('testing', 'index.js')).packages,
  ];
  expect([...new Set(packages)].filter((name) => !name.startsWith('node:')).sort()).toEqual([
    'execa',
    'it-pushable',
    'p-queue',
  ]);
});

test('the package for connections is loaded by the first connection, and by nothing before', () => {
  expect([...loadedBy(dist('index.js')).later]).toEqual(['ws']);
  expect([...loadedBy(dist('testing', 'index.js')).later]).toEqual([]);
});

test.each(['index.d.ts', 'testing/index.d.ts', 'view/index.d.ts'])(
  'the declarations of %s import nothing from outside',
  (entry) => {
    const { files, packages } = loadedBy(dist(entry));
    expect(files.size).toBeGreaterThan(5);
    expect([...packages]).toEqual([]);
  },
);

test('no declaration and no script names this machine', () => {
  const naming = filesBelow(dist()).filter((path) => readFileSync(dist(path), 'utf8').includes(REPOSITORY));
  expect(naming).toEqual([]);
});

test('publint finds nothing, suggestions included', async () => {
  expect(await tool('publint', 'src/cli.js', [packed.tarball, '--strict'])).toContain('All good!');
});

test('the types are right for every kind of import that an ES module has', async () => {
  const options = ['--profile', 'esm-only', '--format', 'ascii', '--no-color'];
  // It exits with another code than 0 when a kind of import that counts has a problem.
  const report = await tool('@arethetypeswrong/cli', 'dist/index.js', [packed.tarball, ...options]);
  expect(report.match(/node16 \(from ESM\): 🟢 \(ESM\)/g)).toHaveLength(4);
  expect(report.match(/^\s*bundler: 🟢\s*$/gm)).toHaveLength(4);
});
