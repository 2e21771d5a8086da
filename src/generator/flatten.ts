/**
 * Puts all types into one namespace. A name that exists at the root and in `v2` is emitted once when both mean the same;
 * of two that differ v2 keeps the plain name and the other gets the prefix `Core`.
 *
 * Every reference still points to the type that its own file imported.
 */
import type { SourceFile } from './source-files.js';
import { isMark, type Token, textOf, tokenize } from './tokens.js';

/** One type of the flat file. */
export interface Declaration {
  readonly name: string;
  readonly doc: string;
  readonly body: string;
}

/** The prefix of a root type whose plain name belongs to a different v2 type. */
const ROOT_PREFIX = 'Core';

/**
 * Gives every type a name of its own and rewrites the references.
 *
 * @returns the declarations, ordered by name
 * @throws Error when an import has no file or a prefixed name is taken
 */
export function flatten(files: readonly SourceFile[]): Declaration[] {
  const groups = groupByName(files);
  const finalNames = nameFiles(groups);
  const kept = new Map<string, SourceFile>();
  for (const file of files) {
    const name = finalNames.get(file.path) ?? file.name;
    const other = kept.get(name);
    if (other === undefined) kept.set(name, file);
    else if (other.name !== name || file.name !== name)
      throw new Error(`${file.path} needs the name ${name}, which is taken`);
    // Of two that mean the same only one may be documented.
    else if (other.doc === '') kept.set(name, file);
  }
  return [...kept]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, file]) => ({ name, doc: file.doc, body: rewrite(file, finalNames) }));
}

/** Path -> the name that the file's type gets. */
function nameFiles(groups: ReadonlyMap<string, readonly SourceFile[]>): Map<string, string> {
  const merged = namesThatMeanTheSame(groups);
  const names = new Map<string, string>();
  for (const [name, group] of groups) {
    const owner = group.find(({ path }) => path.startsWith('v2/')) ?? group[0];
    for (const file of group) {
      names.set(file.path, file === owner || merged.has(name) ? name : ROOT_PREFIX + name);
    }
  }
  return names;
}

function groupByName(files: readonly SourceFile[]): Map<string, SourceFile[]> {
  const groups = new Map<string, SourceFile[]>();
  for (const file of files) groups.set(file.name, [...(groups.get(file.name) ?? []), file]);
  return groups;
}

// Two bodies that read alike may still refer to different types, so a group stays merged only while all that it
// refers to is the same file or a merged group; taking one out can take out others.
function namesThatMeanTheSame(groups: ReadonlyMap<string, readonly SourceFile[]>): Set<string> {
  const merged = new Set([...groups].filter(([, group]) => group.length > 1).map(([name]) => name));
  let size: number;
  do {
    size = merged.size;
    for (const name of merged) {
      const [first, ...others] = groups.get(name) ?? [];
      if (first && !others.every((other) => meanTheSame(first, other, merged))) merged.delete(name);
    }
  } while (merged.size < size);
  return merged;
}

function meanTheSame(left: SourceFile, right: SourceFile, merged: ReadonlySet<string>): boolean {
  if (codeOf(left.body) !== codeOf(right.body)) return false;
  return [...left.imports].every(([name, path]) => right.imports.get(name) === path || merged.has(name));
}

function codeOf(body: string): string {
  return textOf(tokenize(body).filter(({ kind }) => kind !== 'comment' && kind !== 'space'));
}

function rewrite(file: SourceFile, finalNames: ReadonlyMap<string, string>): string {
  const renames = new Map([['bigint', 'number']]);
  for (const [name, path] of [...file.imports, [file.name, file.path] as const]) {
    const final = finalNames.get(path);
    if (final === undefined)
      throw new Error(`${file.path} imports ${name} from ${path}, which does not exist`);
    renames.set(name, final);
  }
  return renameWords(file.body, renames);
}

/** Replaces words of the code; comments, strings and the names of fields stay as they are. */
export function renameWords(text: string, renames: ReadonlyMap<string, string>): string {
  const tokens = tokenize(text);
  return tokens
    .map((token, index) => {
      if (token.kind !== 'word' || isFieldName(tokens, index)) return token.text;
      return renames.get(token.text) ?? token.text;
    })
    .join('');
}

function isFieldName(tokens: readonly Token[], index: number): boolean {
  const next = tokens.slice(index + 1, index + 6).filter(({ kind }) => kind !== 'space');
  return isMark(next[0], ':') || (isMark(next[0], '?') && isMark(next[1], ':'));
}
