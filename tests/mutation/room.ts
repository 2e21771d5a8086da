/** The source files of a room, a folder below `src`, with those of the rooms in it. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import type { Source } from './catalogue.js';

const SOURCE = 'src';
/** Made by a program, and without anything that runs. */
const GENERATED = 'src/protocol/generated.ts';

/** Reads them in order of their paths, which count from the repository's root. Throws when there is no such room. */
export function sourcesOf(room: string): Source[] {
  const folder = join(SOURCE, room);
  if (!isBelow(folder, SOURCE) || !existsSync(folder))
    throw new RangeError(`There is no room '${room}' below ${SOURCE}.`);
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name).split(sep).join('/'))
    .filter((path) => path !== GENERATED)
    .sort()
    .map((path) => ({ path, text: readFileSync(path, 'utf8') }));
}

/** Or the folder itself. */
function isBelow(path: string, folder: string): boolean {
  return relative(folder, path).split(sep)[0] !== '..';
}
