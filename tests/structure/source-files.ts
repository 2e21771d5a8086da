// The source files as the structure tests see them: which room each is in, what it imports, and its code without
// comments and texts. The generated file is read for its imports alone.

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const SOURCE = fileURLToPath(new URL('../../src', import.meta.url));

/** One import or re-export. */
export interface Import {
  /** A path below `src` for files of this package, otherwise the specifier. */
  readonly target: string;
  readonly isRelative: boolean;
  /** It is gone from the JavaScript. */
  readonly isTypeOnly: boolean;
}

/** One file of `src`. */
export interface SourceFile {
  /** From `src`, with slashes, for example `client/options.ts`. */
  readonly path: string;
  /** The folder, or `root` and `index` for files that are in none. */
  readonly room: string;
  readonly text: string;
  /** The text without comments and without what stands in quotes. */
  readonly code: string;
  readonly imports: readonly Import[];
}

const IMPORT = /^(?:import|export)\b(\s+type\b)?(?:[^;'"]*?\bfrom)?\s*['"]([^'"]+)['"]/gm;

/** Every file of `src`, in order of their paths. */
export function sourceFiles(): SourceFile[] {
  return readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .sort()
    .map((path) => sourceFile(path.split(sep).join('/')));
}

/** The file without the one that is generated. */
export const isHandwritten = (file: SourceFile): boolean => file.path !== 'protocol/generated.ts';

/** The room of a path below `src`. */
export function roomOf(path: string): string {
  const [folder, file] = path.split('/');
  if (file !== undefined) return folder ?? '';
  return path === 'index.ts' ? 'index' : 'root';
}

function sourceFile(path: string): SourceFile {
  const text = readFileSync(join(SOURCE, path), 'utf8');
  const bare = text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/^\s*\/\/.*$/gm, '');
  return {
    path,
    room: roomOf(path),
    text,
    code: bare.replaceAll(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/g, "''"),
    imports: [...bare.matchAll(IMPORT)].map((match) =>
      importOf(path, match[2] ?? '', match[1] !== undefined),
    ),
  };
}

function importOf(path: string, specifier: string, isTypeOnly: boolean): Import {
  if (!specifier.startsWith('.')) return { target: specifier, isRelative: false, isTypeOnly };
  const absolute = join(SOURCE, dirname(path), specifier.replace(/\.js$/, '.ts'));
  return { target: relative(SOURCE, absolute).split(sep).join('/'), isRelative: true, isTypeOnly };
}
