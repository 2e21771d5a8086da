// Follows the imports of built files from an entry point, the way a loader does: static, re-exported and dynamic.

import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** tsc writes each import and re-export on a line of its own. */
const SPECIFIER = /^(?:(?:import|export)\b[^'"\n]*\bfrom |import )'([^'\n]+)';$|\bimport\('([^'\n]+)'\)/gm;

/** What an entry point loads. */
export interface Loaded {
  /** Files of the package, by absolute path, the entry point first. */
  readonly files: ReadonlySet<string>;
  /** Everything else that is imported: other packages and Node's modules. */
  readonly packages: ReadonlySet<string>;
  /** Packages that are imported by a call, when they are needed. */
  readonly later: ReadonlySet<string>;
}

/** Everything that an entry point imports; of a `.d.ts` it follows the `.d.ts` files. */
export function loadedBy(entry: string): Loaded {
  const files = new Set<string>([entry]);
  const packages = new Set<string>();
  const later = new Set<string>();
  for (const file of files) {
    for (const { specifier, isCall } of specifiersOf(file)) {
      if (specifier.startsWith('.')) files.add(join(dirname(file), declarationOf(specifier, entry)));
      else (isCall ? later : packages).add(specifier);
    }
  }
  return { files, packages, later };
}

function specifiersOf(file: string): { specifier: string; isCall: boolean }[] {
  const code = readFileSync(file, 'utf8').replaceAll(/\/\*[\s\S]*?\*\//g, '');
  return [...code.matchAll(SPECIFIER)].map((match) => ({
    specifier: match[1] ?? match[2] ?? '',
    isCall: match[1] === undefined,
  }));
}

function declarationOf(specifier: string, entry: string): string {
  return entry.endsWith('.d.ts') ? specifier.replace(/\.js$/, '.d.ts') : specifier;
}
