/** The user whom this process runs as. In a container that may be a number that the system has no name, home and shell for. */
import { homedir, userInfo } from 'node:os';

/** The folder of the user; an empty text where there is none. */
export function userHome(): string {
  return orUndefined(homedir) ?? '';
}

/** The user's login shell; undefined on Windows, which has none. */
export function loginShell(platform: string = process.platform): string | undefined {
  if (platform === 'win32') return undefined;
  return orUndefined(() => userInfo().shell) ?? (process.env['SHELL'] || '/bin/sh');
}

function orUndefined(ask: () => string | null): string | undefined {
  try {
    return ask() ?? undefined;
  } catch {
    return undefined;
  }
}
