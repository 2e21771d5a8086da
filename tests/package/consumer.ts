/**
 * The package in the hands of others: installed from its tarball into an empty project, and used there by programs in
 * JavaScript and in TypeScript, compiled in every way in which TypeScript finds modules.
 */
import { expect } from 'vitest';
import { run } from './commands.js';
import { addUserPrograms } from './compilers.js';
import { packPackage } from './packed.js';
import { addProgram, compiled, installedProject } from './project.js';

/** The kinds of programs. */
export const PROGRAM_KINDS = [
  'JavaScript',
  'TypeScript with nodenext',
  'TypeScript with bundler',
  'CommonJS',
] as const;

/** A project that has the package. */
export interface Consumer {
  readonly folder: string;
  /** The JavaScript of each program. */
  readonly programs: Readonly<Record<(typeof PROGRAM_KINDS)[number], string>>;
  remove(): void;
}

/** Packs the package, installs it and compiles the programs. */
export async function startConsumer(): Promise<Consumer> {
  const packed = await packPackage();
  const { folder, remove } = await installedProject(packed.tarball);
  addUserPrograms(folder);
  const programs = {
    JavaScript: addProgram(folder, 'javascript-program.mjs'),
    'TypeScript with nodenext': await compiled(folder, 'typescript-program.ts', 'nodenext'),
    'TypeScript with bundler': await compiled(folder, 'typescript-program.ts', 'bundler'),
    CommonJS: await compiled(folder, 'common-js-program.cts', 'nodenext'),
  };
  return {
    folder,
    programs,
    remove: () => {
      remove();
      packed.remove();
    },
  };
}

/** Runs a program, which runs a turn with an approval on the real codex. The argv before it is that of a runtime. */
export async function expectTurn(
  [file = '', ...before]: readonly string[],
  program: string,
  folder: string,
): Promise<void> {
  const printed: unknown = JSON.parse(await run(file, [...before, program], folder));
  expect(printed).toMatchObject({ answer: 'It works.', output: 'from the shell', approvals: 1 });
}
