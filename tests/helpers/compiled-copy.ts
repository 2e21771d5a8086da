/**
 * The sources and the programs of the tests as JavaScript, in a temporary folder with the same places: a process that
 * runs them starts in a third of the time that it needs for TypeScript. Made once before the tests, and anew when they
 * run again after a change. There `codex-async-client` is what was compiled.
 */
import { mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { TestProject } from 'vitest/node';
import packageJson from '../../package.json' with { type: 'json' };
import { COMPILED_COPY } from './programs.js';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));

/** A file of the sources, or one of the tests that is not a test itself. */
const isCompiled = (path: string) => path.endsWith('.ts') && !path.endsWith('.test.ts');

function compiledFiles(): string[] {
  return ['src', 'tests'].flatMap((folder) =>
    readdirSync(join(REPOSITORY, folder), { recursive: true, encoding: 'utf8' })
      .filter(isCompiled)
      .map((path) => join(REPOSITORY, folder, path)),
  );
}

async function compileInto(folder: string): Promise<void> {
  await build({
    entryPoints: compiledFiles(),
    outbase: REPOSITORY,
    outdir: folder,
    format: 'esm',
    // What the oldest Node.js runs.
    target: 'node20',
    tsconfig: join(REPOSITORY, 'tests', 'tsconfig.json'),
    logLevel: 'error',
  });
}

/** The entries of the package, each in its place. */
function exportsOfSources(): Record<string, string> {
  const entries = Object.keys(packageJson.exports).filter((entry) => entry !== './package.json');
  return Object.fromEntries(
    entries.map((entry) => [entry, `./src/${entry === '.' ? '' : `${entry.slice(2)}/`}index.js`]),
  );
}

/** Compiles before the first test, and takes all away after the last one. */
export async function setup(project: TestProject): Promise<(() => void) | undefined> {
  // Each project of the tests asks; the first one is enough.
  if (process.env[COMPILED_COPY] !== undefined) return undefined;
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'codex-async-client-compiled-')));
  for (const name of ['node_modules', 'fixtures'])
    symlinkSync(realpathSync(join(REPOSITORY, name)), join(folder, name), 'junction');
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ ...packageJson, exports: exportsOfSources() }),
  );
  process.env[COMPILED_COPY] = folder;
  await compileInto(folder);
  project.onTestsRerun(() => compileInto(folder));
  return () => {
    delete process.env[COMPILED_COPY];
    rmSync(folder, { recursive: true, force: true });
  };
}
