/** Programs of this repository, for processes of their own: as JavaScript, which `compiled-copy.ts` makes of them. */
import { join } from 'node:path';

/** The variable with the folder of the copy; the processes of the tests get it from the one that compiles. */
export const COMPILED_COPY = 'CODEX_ASYNC_CLIENT_COMPILED_COPY';

/** The folder with what is compiled. */
export function compiledCopy(): string {
  const folder = process.env[COMPILED_COPY];
  if (folder === undefined) throw new Error('the programs are not compiled: run the tests with vitest');
  return folder;
}

/** The JavaScript of a program, such as `tests/faults/codex-host.ts`; `compiled-copy.ts` has which ones there are. */
export function programFile(path: string): string {
  return join(compiledCopy(), path.replace(/\.ts$/, '.js'));
}
