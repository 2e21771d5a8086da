/** Programs of this repository, for processes of their own: as JavaScript, which `compiled-copy.ts` makes of them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { transformSync } from 'esbuild';

/** The variable with the folder of the copy; the processes of the tests get it from the one that compiles. */
export const COMPILED_COPY = 'CODEX_ASYNC_CLIENT_COMPILED_COPY';

function copy(...path: readonly string[]): string {
  const folder = process.env[COMPILED_COPY];
  if (folder === undefined) throw new Error('the programs are not compiled: run the tests with vitest');
  return join(folder, ...path);
}

/** The JavaScript of a file of `src` or `tests`, such as `tests/faults/codex-host.ts`. */
export function programFile(path: string): string {
  return copy(path.replace(/\.ts$/, '.js'));
}

/** A program of the text's own, in TypeScript, that has the package under its name. */
export function writtenProgram(source: string): { readonly file: string; remove(): void } {
  const folder = mkdtempSync(copy('written-'));
  const file = join(folder, 'program.mjs');
  writeFileSync(file, transformSync(source, { loader: 'ts', target: 'node20' }).code);
  return { file, remove: () => rmSync(folder, { recursive: true }) };
}
