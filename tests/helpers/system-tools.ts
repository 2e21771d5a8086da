/**
 * Programs of the system that npm does not bring, and that some long tests need: a browser, a database. Where one is
 * missing, what needs it is skipped and says so by name; with `CI_NOTHING_SKIPPED=1`, as in `.ci/run`, it fails instead.
 */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * Where the first of these programs is that is on PATH; undefined, with a line on stderr, when none is.
 *
 * @param names - The names that the program has on different systems, the usual one first.
 * @param purpose - What is skipped without it, for the line: `the web chat in a browser`.
 * @throws Error when none is there and nothing may be skipped.
 */
export function systemTool(names: readonly [string, ...string[]], purpose: string): string | undefined {
  const path = names.map(onPath).find((found) => found !== undefined);
  if (path !== undefined) return path;
  const missing = `${names.join(', ')}: not on PATH`;
  if (process.env['CI_NOTHING_SKIPPED'] === '1') {
    throw new Error(`${missing}; ${purpose} needs it, and CI_NOTHING_SKIPPED=1 lets nothing be skipped`);
  }
  process.stderr.write(`SKIPPED ${purpose} (${missing})\n`);
  return undefined;
}

function onPath(name: string): string | undefined {
  const file = process.platform === 'win32' ? `${name}.exe` : name;
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => join(folder, file)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
