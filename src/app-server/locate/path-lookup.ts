/**
 * Looks a program name up on `PATH`, as the system's own search would: by permission on POSIX, by `PATHEXT` on
 * Windows, where npm puts a shell script without an extension beside the `.cmd` that can be started. Never finds
 * anything through a relative entry: that would be whatever lies in the current folder.
 */
import { accessSync, constants, statSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { type Environment, readVariable } from './environment.js';

const DEFAULT_PATHEXT = '.COM;.EXE;.BAT;.CMD';

/** The folders of `PATH`, in order; empty entries (the current folder, to some shells) are left out. */
export function pathFolders(env: Environment, platform: string): string[] {
  const path = readVariable(env, 'PATH', platform) ?? '';
  // Windows takes quotes around a folder, and installers write them where its name has a space.
  const folders = platform === 'win32' ? path.split(';').map(unquoted) : path.split(':');
  return folders.filter((folder) => isAbsolute(folder));
}

function unquoted(folder: string): string {
  return folder.replace(/^"(.*)"$/, '$1');
}

/** The first file on `PATH` that `name` would start, or undefined. */
export function findOnPath(name: string, env: Environment, platform: string): string | undefined {
  const extensions = executableExtensions(name, env, platform);
  for (const folder of pathFolders(env, platform)) {
    for (const extension of extensions) {
      const file = join(folder, name + extension);
      if (isExecutableFile(file, platform)) return file;
    }
  }
  return undefined;
}

function executableExtensions(name: string, env: Environment, platform: string): string[] {
  if (platform !== 'win32') return [''];
  const extensions = (readVariable(env, 'PATHEXT', platform) ?? DEFAULT_PATHEXT).split(';').filter(Boolean);
  const hasExtension = extensions.some((extension) => name.toLowerCase().endsWith(extension.toLowerCase()));
  return hasExtension ? [''] : extensions.map((extension) => extension.toLowerCase());
}

/** Whether the system would start `file`. */
export function isExecutableFile(file: string, platform: string): boolean {
  try {
    if (!statSync(file).isFile()) return false;
    if (platform !== 'win32') accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
