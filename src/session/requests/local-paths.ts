/**
 * Checks paths before they are sent to a server that sees our files: codex starts a thread in a folder that is not there,
 * and tells the model that an image cannot be read, and neither fails. Relative paths are the server's to resolve.
 */
import { statSync } from 'node:fs';
import { isAbsolute } from 'node:path';
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

/**
 * @param argument - what the params are called where the caller wrote them; empty where their members are arguments
 * @throws InvalidArgumentError when `cwd` is no folder, or the path of an image leads nowhere
 */
export function checkLocalPaths(argument: string, method: string, params: unknown): void {
  if (!isPlainObject(params)) return;
  const { cwd, input } = params;
  const place = argument === '' ? '' : `${argument}.`;
  if (WORKING_METHODS.has(method)) checkPath(`${place}cwd`, cwd, 'folder');
  if (!Array.isArray(input)) return;
  input.forEach((item: unknown, index) => {
    if (isPlainObject(item) && item['type'] === 'localImage')
      checkPath(`${place}input[${index}].path`, item['path'], 'file');
  });
}

function checkPath(argument: string, path: unknown, kind: 'file' | 'folder'): void {
  if (typeof path !== 'string' || !isAbsolute(path)) return;
  const problem = problemOf(path, kind);
  if (problem === undefined) return;
  const message = `${argument}: expected a ${kind} that exists, got ${JSON.stringify(path)}: ${problem}`;
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
