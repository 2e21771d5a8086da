// An empty project that somebody installs the tarball into. It has what a user has: the package from the tarball, its
// dependencies from the registry, TypeScript, and an installed `@openai/codex`. The types of Node.js
// are installed, too, and seen by those programs alone that ask for them.

import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { npm, run } from './commands.js';
import { REPOSITORY } from './packed.js';

const PROGRAMS = join(REPOSITORY, 'tests', 'package', 'programs');

/** What a strict user has; nothing hides what our declarations need. */
export const STRICT_OPTIONS = {
  strict: true,
  skipLibCheck: false,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noImplicitOverride: true,
  verbatimModuleSyntax: true,
  isolatedModules: true,
  target: 'es2022',
  lib: ['es2022', 'dom'],
  types: [],
};

/** The ways in which TypeScript finds modules for a program like this. */
export const MODULE_MODES = {
  nodenext: { module: 'nodenext', moduleResolution: 'nodenext' },
  bundler: { module: 'esnext', moduleResolution: 'bundler' },
} as const;

/** Installs the tarball into an empty folder. */
export async function installedProject(tarball: string): Promise<{ folder: string; remove(): void }> {
  const folder = mkdtempSync(join(tmpdir(), 'codex-async-client-project-'));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
  await npm(['install', '--prefer-offline', tarball], folder);
  for (const name of ['@openai', '@types', 'undici-types', 'typescript']) {
    symlinkSync(join(REPOSITORY, 'node_modules', name), join(folder, 'node_modules', name), 'junction');
  }
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Copies a program of `programs/` into the project. */
export function addProgram(folder: string, name: string): string {
  cpSync(join(PROGRAMS, name), join(folder, name));
  return join(folder, name);
}

/**
 * Compiles a TypeScript program under one mode; gives back the JavaScript file. Rejects with what tsc prints.
 *
 * @param target - `esnext` leaves `await using` as it is
 */
export async function compiled(
  folder: string,
  program: string,
  mode: keyof typeof MODULE_MODES,
  target: 'es2022' | 'esnext' = 'es2022',
): Promise<string> {
  const outDir = join(folder, `out-${mode}-${target}`);
  mkdirSync(outDir, { recursive: true });
  const compilerOptions = { ...STRICT_OPTIONS, ...MODULE_MODES[mode], target, rootDir: folder, outDir };
  const config = join(folder, `tsconfig.${mode}-${target}.json`);
  writeFileSync(config, JSON.stringify({ compilerOptions, files: [program] }));
  await run(
    process.execPath,
    [join(folder, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', config],
    folder,
  );
  return join(outDir, program.replace(/\.(c?)ts$/, '.$1js'));
}
