/** Has Stryker run the tests on chosen mutants, in a copy of the repository below `.tmp`. */
import { Stryker } from '@stryker-mutator/core';
import { withMutants } from './mutator-list.js';
import type { Outcome } from './summary.js';

const CONFIG_FILE = 'tests/mutation/stryker.config.mjs';

/** What is run. */
export interface MutantRun {
  /** The files that have the mutants, from the repository's root. */
  readonly files: readonly string[];
  /** The mutants, as the catalogue names them. */
  readonly ids: readonly string[];
  /** Patterns of the test files, from the repository's root; empty stands for all that the config has. */
  readonly testFiles: readonly string[];
}

/** Settles when every mutant has its outcome. Fails when the tests fail without any mutant. */
export async function runMutants({ files, ids, testFiles }: MutantRun): Promise<Outcome[]> {
  const wanted = new Set(ids);
  const stryker = new Stryker({ configFile: CONFIG_FILE, mutate: [...files], testFiles: [...testFiles] });
  return withMutants(
    (id) => wanted.has(id),
    () => stryker.runMutationTest(),
  );
}
