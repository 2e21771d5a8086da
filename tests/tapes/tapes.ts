/** Where the recorded tapes are, and which there are. */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The folder of the tapes; in it one for each version of codex. */
export const TAPES = new URL('../../fixtures/tapes/', import.meta.url);

/** The versions that there are tapes of, in the order of their names. */
export function versions(): string[] {
  return readdirSync(TAPES).sort();
}

/** The path of a flow's tape. */
export function pathOf(version: string, name: string): string {
  return fileURLToPath(new URL(`${version}/${name}.jsonl`, TAPES));
}

/** The paths of all tapes of a version. */
export function tapesOf(version: string): string[] {
  return readdirSync(new URL(`${version}/`, TAPES)).map((file) =>
    pathOf(version, file.replace(/\.jsonl$/, '')),
  );
}
