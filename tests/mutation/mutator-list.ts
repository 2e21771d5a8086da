/**
 * The door to Stryker's list of mutators. Stryker has no option for more mutators, nor for a choice of single mutants;
 * both come from putting other mutators into the list that its instrumenter reads. That list is no part of its public
 * interface, which is one reason for the pinned version.
 */
import { createRequire } from 'node:module';
import { dirname, join, relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Mutator, OWN_MUTATORS, type SyntaxNode, type SyntaxPath } from './mutators.js';

/** A path as Babel gives it, from which the name of the file can be told. */
interface FilePath extends SyntaxPath {
  readonly hub: { readonly file: { readonly opts: { readonly filename: string } } };
}

/**
 * Does some work for which Stryker makes the wanted mutants alone, out of its own kinds and ours. `isWanted` is asked
 * once for each possible mutant; its id is the same for the same source.
 */
export async function withMutants<Result>(
  isWanted: (id: string) => boolean,
  work: () => Promise<Result>,
): Promise<Result> {
  const list = await strykersList();
  const strykers = [...list];
  list.splice(0, list.length, ...[...strykers, ...OWN_MUTATORS].map((mutator) => chosen(mutator, isWanted)));
  try {
    return await work();
  } finally {
    list.splice(0, list.length, ...strykers);
  }
}

/** The same mutator without the mutants that are not wanted. */
function chosen(mutator: Mutator, isWanted: (id: string) => boolean): Mutator<FilePath> {
  return {
    name: mutator.name,
    *mutate(path) {
      let ordinal = 0;
      for (const replacement of mutator.mutate(path)) {
        if (isWanted(`${placeOf(path)} ${mutator.name} ${ordinal}`)) yield replacement;
        ordinal += 1;
      }
    },
  };
}

function placeOf({ node, hub }: FilePath): string {
  const file = relative(process.cwd(), hub.file.opts.filename).split(sep).join('/');
  return `${file}:${rangeOf(node)} ${node.type}`;
}

function rangeOf({ loc }: SyntaxNode): string {
  if (loc === undefined) return '';
  return `${loc.start.line}:${loc.start.column}-${loc.end.line}:${loc.end.column}`;
}

async function strykersList(): Promise<Mutator<FilePath>[]> {
  const entry = createRequire(import.meta.url).resolve('@stryker-mutator/instrumenter');
  const file = join(dirname(entry), 'mutators', 'mutate.js');
  const { allMutators }: { allMutators?: Mutator<FilePath>[] } = await import(pathToFileURL(file).href);
  if (!Array.isArray(allMutators)) throw new Error(`Expected Stryker's list of mutators in ${file}.`);
  return allMutators;
}
