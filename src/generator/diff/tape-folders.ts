/** Finds the tapes below a folder: those in it, and those in its folders, each of which is one version's. */
import { type Dirent, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readTape } from '../../testing/tapes/read-tape.js';
import type { Tape } from '../../testing/tapes/tape.js';
import { CodexSourceError } from './codex-source.js';

/** A folder with its tapes, both in the order of their names. */
export interface TapeFolder {
  readonly path: string;
  readonly tapes: readonly Tape[];
}

/**
 * The folders below a folder, and it itself, that have tapes.
 *
 * @throws CodexSourceError when there are none
 * @throws InvalidArgumentError when one of the files is no tape
 */
export function readTapeFolders(folder: string): TapeFolder[] {
  const root = resolve(folder);
  const inside = entriesOf(root).filter((entry) => entry.isDirectory());
  const paths = [root, ...inside.map(({ name }) => join(root, name)).sort()];
  const folders = paths
    .map((path) => ({ path, tapes: tapesIn(path) }))
    .filter(({ tapes }) => tapes.length > 0);
  if (folders.length > 0) return folders;
  throw new CodexSourceError(
    `expected a folder with tapes (*.jsonl), in it or in its folders, got ${folder}`,
  );
}

function tapesIn(path: string): Tape[] {
  const names = entriesOf(path).flatMap(({ name }) => (name.endsWith('.jsonl') ? [name] : []));
  return names.sort().map((name) => readTape(join(path, name)));
}

function entriesOf(path: string): Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch {
    return [];
  }
}
