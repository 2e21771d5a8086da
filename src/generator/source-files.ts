/**
 * Reads what `codex app-server generate-ts` writes: one file for each type, with imports without extensions. Index files
 * are passed over. What is not one `export type` stops the generator with the file's name: a format that has changed is
 * never read half.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix, sep } from 'node:path';

/** One generated file, taken apart. */
export interface SourceFile {
  /** Its path below the output folder, with `/`, without `.ts`; what imports resolve to. */
  readonly path: string;
  /** The type it exports. */
  readonly name: string;
  /** The names it imports, each with the path of the file that exports it. */
  readonly imports: ReadonlyMap<string, string>;
  /** Its doc comment, or `''`. */
  readonly doc: string;
  /** The text right of the `=`, without the last `;`. */
  readonly body: string;
}

const IMPORT = /^import type \{([^}]*)\} from "([^"]+)";$/gm;
const DECLARATION = /^export type (\w+) =\s*([\s\S]*);\s*$/m;

/** Reads every type below `folder`, ordered by path. */
export function readSourceFiles(folder: string): SourceFile[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((path) => path.split(sep).join('/'))
    .filter((path) => path.endsWith('.ts') && posix.basename(path) !== 'index.ts')
    .sort()
    .map((path) => parseSourceFile(path, readFileSync(join(folder, path), 'utf8')));
}

/**
 * Takes one generated file apart.
 *
 * @throws Error when it is not one exported type
 */
export function parseSourceFile(path: string, source: string): SourceFile {
  const text = source.replaceAll('\r\n', '\n');
  const declaration = DECLARATION.exec(text);
  const [, name, body] = declaration ?? [];
  if (declaration === null || name === undefined || body === undefined || /^export /m.test(body)) {
    throw new Error(
      `cannot read ${path}: expected one \`export type\`; the format of generate-ts has changed`,
    );
  }
  const before = text.slice(0, declaration.index);
  const doc = before
    .replace(IMPORT, '')
    .replace(/^\/\/.*$/gm, '')
    .trim();
  if (doc !== '' && !/^\/\*\*[\s\S]*\*\/$/.test(doc)) {
    throw new Error(
      `cannot read ${path}: expected only imports and a doc comment before the type, got ${doc}`,
    );
  }
  return { path: path.replace(/\.ts$/, ''), name, imports: importsOf(path, before), doc, body };
}

function importsOf(path: string, text: string): Map<string, string> {
  const imports = new Map<string, string>();
  for (const [, names = '', from = ''] of text.matchAll(IMPORT)) {
    const target = posix.join(posix.dirname(path), from.replace(/\.(js|ts)$/, ''));
    for (const name of names.split(',')) imports.set(name.trim(), target);
  }
  return imports;
}
