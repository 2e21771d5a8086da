/**
 * Checks paths before they are sent to a server that sees our files: codex starts a thread in a folder that is not there,
 * and tells the model that an image or a recording cannot be read, and neither fails. It reads their relative paths from the
 * folder that it was started in; a relative `cwd` is its own to resolve.
 */
import { statSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { isPlainObject } from '../../support/argument-checks.js';
import { InvalidArgumentError } from '../../support/errors.js';

/** Methods whose `cwd` is a folder to work in; that of a list is a filter, and may be gone. */
const WORKING_METHODS: ReadonlySet<string> = new Set([
  'thread/start',
  'thread/resume',
  'thread/fork',
  'thread/settings/update',
  'turn/start',
  'command/exec',
]);

/** Pieces of input that codex reads from a file. */
const FILE_ITEMS: ReadonlySet<string> = new Set(['localImage', 'localAudio']);

/**
 * @param argument - what the params are called where the caller wrote them; empty where their members are arguments
 * @param serverFolder - the folder that the server was started in
 * @throws InvalidArgumentError when `cwd` is no folder, or the path of an image or a recording leads nowhere
 */
export function checkLocalPaths(
  argument: string,
  method: string,
  params: unknown,
  serverFolder: string,
): void {
  if (!isPlainObject(params)) return;
  const { cwd, input } = params;
  const place = argument === '' ? '' : `${argument}.`;
  if (WORKING_METHODS.has(method) && typeof cwd === 'string' && isAbsolute(cwd))
    checkPath(`${place}cwd`, cwd, cwd, 'folder');
  if (!Array.isArray(input)) return;
  input.forEach((item: unknown, index) => {
    if (!isPlainObject(item)) return;
    const { type, path } = item;
    if (typeof type === 'string' && FILE_ITEMS.has(type) && typeof path === 'string')
      checkPath(`${place}input[${index}].path`, path, resolve(serverFolder, path), 'file');
  });
}

/** @param place - where the server looks for `path` */
function checkPath(argument: string, path: string, place: string, kind: 'file' | 'folder'): void {
  const problem = problemOf(place, kind);
  if (problem === undefined) return;
  const where = path === place ? '' : `, which is ${JSON.stringify(place)} for this server`;
  const message = `${argument}: expected a ${kind} that exists, got ${JSON.stringify(path)}${where}: ${problem}`;
  throw new InvalidArgumentError(argument, message);
}

/** What cannot be looked at may still be the server's to use. */
function problemOf(path: string, kind: 'file' | 'folder'): string | undefined {
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats === undefined) return `there is no such ${kind}`;
    return stats.isDirectory() === (kind === 'folder') ? undefined : `that is not a ${kind}`;
  } catch {
    return undefined;
  }
}
