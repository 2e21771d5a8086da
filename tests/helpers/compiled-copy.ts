/**
 * The programs that tests start, as JavaScript, in a temporary folder with the same places: a process that runs one is
 * there in a tenth of the time that it needs to find, compile and load its hundreds of files. Made once before the tests,
 * and anew when they run again after a change. There `codex-async-client` is what was compiled.
 */
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';
import type { TestProject } from 'vitest/node';
import packageJson from '../../package.json' with { type: 'json' };
import { COMPILED_COPY } from './programs.js';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));

/** The entries of the package, and the programs that tests start. */
const PROGRAMS = [
  ...['', 'testing/', 'view/', 'otel/'].map((entry) => `src/${entry}index.ts`),
  'src/doctor/codex-async-client.ts',
  'src/testing/replay/codex-tape.ts',
  'src/generator/diff/protocol-diff.ts',
  'tests/simulation/simulate.ts',
  'tests/simulation/worker.ts',
  'tests/testing/model/provider-program.ts',
  ...programsIn('tests/faults', (name) => name.endsWith('-host.ts')),
  ...programsIn('tests/examples', (name) => name.endsWith('.ts') && !name.endsWith('.test.ts')),
  'tests/examples/job-queue/worker.ts',
];

function programsIn(folder: string, isProgram: (name: string) => boolean): string[] {
  return readdirSync(join(REPOSITORY, folder))
    .filter(isProgram)
    .map((name) => `${folder}/${name}`);
}

/** A file says where it is by its place in the copy, not by that of the file that it has become a part of. */
const keptPlaces = (folder: string): Plugin => ({
  name: 'kept places',
  setup: ({ onLoad }) =>
    onLoad({ filter: /\.ts$/ }, ({ path }) => {
      const place = pathToFileURL(join(folder, relative(REPOSITORY, path).replace(/\.ts$/, '.js'))).href;
      const contents = readFileSync(path, 'utf8').replaceAll('import.meta.url', JSON.stringify(place));
      return { contents, loader: 'ts' };
    }),
});

/** For packages in CommonJS. */
const BANNER =
  "import { createRequire as requireFor } from 'node:module'; const require = requireFor(import.meta.url);";

async function compileInto(folder: string): Promise<void> {
  await build({
    absWorkingDir: REPOSITORY,
    entryPoints: PROGRAMS,
    outbase: REPOSITORY,
    outdir: folder,
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    // What the oldest Node.js runs.
    target: 'node20',
    banner: { js: BANNER },
    tsconfig: join('tests', 'tsconfig.json'),
    plugins: [keptPlaces(folder)],
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
