/**
 * Bundles of a program that has only the package, each in a folder of its own that stands alone: above it there is an
 * installed `@openai/codex` and no other package, and the project that it was made from has no codex.
 */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { runInNewContext } from 'node:vm';
import type { Bundle } from './bundlers.js';
import { run } from './commands.js';
import { REPOSITORY } from './packed.js';
import { addProgram, compiled } from './project.js';

/** Makes bundles, and runs them. */
export interface BundleStage {
  /** Makes a bundle of the program for every runtime; gives back its main file. */
  bundled(bundle: Bundle): Promise<string>;
  /** What a part of the program prints, with the bundle as the main script, started elsewhere. */
  printedBy(bundle: string, part: string): Promise<unknown>;
  /** The same, with a main script elsewhere that imports the bundle. */
  printedWhenImported(bundle: string, part: string): Promise<unknown>;
  /** What a page that was made by a bundler shows. */
  shownByPage(bundle: Bundle): Promise<unknown>;
  remove(): void;
}

/** Copies a project that has the package, without codex, and compiles the program there. */
export async function startBundleStage(project: string): Promise<BundleStage> {
  const root = mkdtempSync(join(tmpdir(), 'codex-async-client-bundles-'));
  const folderIn = (name: string) => mkdtempSync(join(madeFolder(root, name), 'bundle-'));
  const source = join(root, 'project');
  cpSync(project, source, { recursive: true, filter: (path) => basename(path) !== '@openai' });
  addProgram(source, 'every-runtime.ts');
  const program = await compiled(source, 'every-runtime.ts', 'nodenext');
  const page = addProgram(source, 'page-view.mjs');
  const alone = madeFolder(root, 'alone', 'node_modules');
  symlinkSync(join(REPOSITORY, 'node_modules', '@openai'), join(alone, '@openai'), 'junction');
  const elsewhere = madeFolder(root, 'elsewhere');
  const importing = join(elsewhere, 'main.mjs');
  writeFileSync(importing, `import(process.argv[3])`);
  const printed = async (...argv: string[]): Promise<unknown> =>
    JSON.parse(await run(process.execPath, argv, elsewhere));
  return {
    bundled: (bundle) => bundle(program, folderIn('alone')),
    printedBy: (bundle, part) => printed(bundle, part),
    printedWhenImported: (bundle, part) => printed(importing, part, pathToFileURL(bundle).href),
    shownByPage: async (bundle) => {
      const script = readFileSync(await bundle(page, folderIn('page')), 'utf8');
      const global: { shown?: unknown } = {};
      runInNewContext(script, global);
      return global.shown;
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

function madeFolder(...path: string[]): string {
  const folder = join(...path);
  mkdirSync(folder, { recursive: true });
  return folder;
}
