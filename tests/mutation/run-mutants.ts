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

/** How Vitest is told which test files to run, by those who start it: vitest.config.ts reads it. */
const TEST_FILES_VARIABLE = 'MUTATION_TEST_FILES';

/** Settles when every mutant has its outcome. Fails when the tests fail without any mutant. */
export async function runMutants({ files, ids, testFiles }: MutantRun): Promise<Outcome[]> {
  const wanted = new Set(ids);
  // Not by Stryker's own option: with that, it never puts in a mutant of what is evaluated once, when a file is loaded.
  process.env[TEST_FILES_VARIABLE] = JSON.stringify(testFiles);
  const stryker = new Stryker({ configFile: CONFIG_FILE, mutate: [...files] });
  return withMutants(
    (id) => wanted.has(id),
    () => stryker.runMutationTest(),
  );
}
