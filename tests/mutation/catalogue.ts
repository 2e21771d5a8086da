/** All mutants that some source files can have, listed without running any. */
import { Instrumenter } from '@stryker-mutator/instrumenter';
import { withMutants } from './mutator-list.js';

/** A source file by its path. */
export interface Source {
  readonly path: string;
  readonly text: string;
}

/** One possible mutant. */
export interface CatalogueEntry {
  /** What `withMutants` asks for. */
  readonly id: string;
  readonly mutatorName: string;
  /** The code that takes the place of the original. */
  readonly replacement: string;
}

const never = () => false;
const silent = () => {};
const SILENT_LOG: ConstructorParameters<typeof Instrumenter>[0] = {
  isTraceEnabled: never,
  isDebugEnabled: never,
  isInfoEnabled: never,
  isWarnEnabled: never,
  isErrorEnabled: never,
  isFatalEnabled: never,
  trace: silent,
  debug: silent,
  info: silent,
  warn: silent,
  error: silent,
  fatal: silent,
};

/** Lists the mutants in order of the files, and within a file of its syntax tree. */
export async function catalogueOf(sources: readonly Source[]): Promise<CatalogueEntry[]> {
  const ids: string[] = [];
  const note = (id: string) => ids.push(id) > 0;
  const mutants = await withMutants(note, () => mutantsOf(sources));
  return mutants.map(({ mutatorName, replacement }, index) => ({
    id: ids[index] ?? '',
    mutatorName,
    replacement,
  }));
}

/** The mutants that Stryker makes with the mutators that it has at the moment. */
export async function mutantsOf(sources: readonly Source[]): Promise<readonly Omit<CatalogueEntry, 'id'>[]> {
  const files = sources.map(({ path, text }) => ({ name: path, content: text, mutate: true }));
  const options = { ignorers: [], excludedMutations: [], plugins: null };
  const { mutants } = await new Instrumenter(SILENT_LOG).instrument(files, options);
  return mutants;
}
