// The source files as the structure tests see them: which room each is in, what it imports, and its code without
// comments and texts. The generated file is read for its imports alone.

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative, sep } from 'node:path';
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
  /** From `src`, with slashes, for example `session/streams/router.ts`. */
  readonly path: string;
  /** Its folder, for example `session/streams`; the name of the file, `index`, where it is in none. */
  readonly room: string;
  readonly text: string;
  /** The text without comments and without what stands in quotes. */
  readonly code: string;
  readonly imports: readonly Import[];
}

/** One that is made when it is needed. */
const IMPORT_CALL = /\bawait import\('([^']+)'\)/g;
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

/** Whether the file is part of the package, and not the tool that generates the protocol. */
export const isShipped = ({ path }: { readonly path: string }): boolean => !path.startsWith('generator/');

/** The room of a path below `src`. */
export function roomOf(path: string): string {
  return path.includes('/') ? posix.dirname(path) : path.replace(/\.ts$/, '');
}

function sourceFile(path: string): SourceFile {
  const text = readFileSync(join(SOURCE, path), 'utf8');
  const bare = text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/^\s*\/\/.*$/gm, '');
  // Imports stand above all else; the generator also writes some.
  const importing = bare.replaceAll(/`(?:[^`\\]|\\.)*`/g, '``');
  return {
    path,
    room: roomOf(path),
    text,
    code: bare.replaceAll(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/g, "''"),
    imports: [
      ...[...importing.matchAll(IMPORT)].map((match) =>
        importOf(path, match[2] ?? '', match[1] !== undefined),
      ),
      ...[...importing.matchAll(IMPORT_CALL)].map((match) => importOf(path, match[1] ?? '', false)),
    ],
  };
}

function importOf(path: string, specifier: string, isTypeOnly: boolean): Import {
  if (!specifier.startsWith('.')) return { target: specifier, isRelative: false, isTypeOnly };
  const absolute = join(SOURCE, dirname(path), specifier.replace(/\.js$/, '.ts'));
  return { target: relative(SOURCE, absolute).split(sep).join('/'), isRelative: true, isTypeOnly };
}
