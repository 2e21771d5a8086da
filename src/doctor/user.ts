/** The user whom this process runs as. In a container that may be a number that the system has no name, home and shell for. */
import { homedir, userInfo } from 'node:os';
import { parse } from 'node:path';
import { findOnPath, isExecutableFile } from '../app-server/locate/path-lookup.js';

/** The shells that codex knows; PowerShell is asked in another way than the others. */
const SHELLS = ['zsh', 'bash', 'sh'];
const POWERSHELLS = ['pwsh', 'powershell'];

/** The folder of the user; an empty text where there is none. */
export function userHome(): string {
  return orUndefined(homedir) ?? '';
}

/**
 * The shell that codex runs commands in, with its profile: the user's own if it is one that codex knows, or else one that
 * is there. `SHELL` does not count (codex-rs, shell.rs). Undefined where that is PowerShell, as on Windows.
 */
export function loginShell(
  platform: string = process.platform,
  own: string = orUndefined(() => userInfo().shell) ?? '',
  find: (name: string) => string | undefined = installedShell,
): string | undefined {
  const { name } = parse(own);
  if (platform === 'win32' || POWERSHELLS.includes(name)) return undefined;
  if (SHELLS.includes(name)) return own;
  const [first, second] = platform === 'darwin' ? (['zsh', 'bash'] as const) : (['bash', 'zsh'] as const);
  return find(first) ?? find(second) ?? '/bin/sh';
}

function installedShell(name: string): string | undefined {
  const { env, platform } = process;
  const inBin = `/bin/${name}`;
  return findOnPath(name, env, platform) ?? (isExecutableFile(inBin, platform) ? inBin : undefined);
}

function orUndefined(ask: () => string | null): string | undefined {
  try {
    return ask() ?? undefined;
  } catch {
    return undefined;
  }
}
