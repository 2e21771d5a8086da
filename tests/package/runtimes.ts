// The runtimes that the package supports. The Node.js that runs the tests is there already; the others are packages on
// npm, which bring the binary.

import { join } from 'node:path';
import { cachedInstall } from './cached-install.js';

/** A runtime, by its name in README. */
export interface Runtime {
  readonly name: string;
  /** What `--version` prints. */
  readonly version: RegExp;
  /** The newest syntax that a program is compiled to for it: `esnext` where `await using` needs no compiling. */
  readonly target: 'es2022' | 'esnext';
  /** The argv before a program. Downloads the runtime where it is not there. */
  command(): Promise<readonly string[]>;
}

/** What README has a client on Deno be allowed: to find codex, to read variables, to start it. */
export const DENO_CLIENT_PERMISSIONS = ['--allow-read', '--allow-env', '--allow-run'] as const;

/** What connections, and a provider for tests, need beside it. */
const DENO_OTHER_PERMISSIONS = ['--allow-write', '--allow-net'] as const;

export const RUNTIMES: readonly Runtime[] = [
  node('20.19', 'es2022'),
  node('22', 'es2022'),
  node('24', 'esnext'),
  {
    name: 'Bun',
    version: /^1\./,
    target: 'esnext',
    command: async () => [await bunExecutable()],
  },
  {
    name: 'Deno',
    version: /^deno 2\./,
    target: 'esnext',
    command: () => denoWith([...DENO_CLIENT_PERMISSIONS, ...DENO_OTHER_PERMISSIONS]),
  },
];

/** The argv before a program on Deno, which asks nobody for more than these permissions. */
export async function denoWith(permissions: readonly string[]): Promise<readonly string[]> {
  const deno = join(await cachedInstall('deno', '2'), executable('deno'));
  return [deno, 'run', '--no-prompt', ...permissions];
}

/** Bun, which has this name on every system. */
export async function bunExecutable(): Promise<string> {
  return join(await cachedInstall('bun', '1'), 'bin', 'bun.exe');
}

/** The newest Node.js of a version. */
function node(version: string, target: Runtime['target']): Runtime {
  const isThis = process.versions.node.startsWith(`${version}.`);
  return {
    name: `Node.js ${version}`,
    version: new RegExp(`^v${version.replace('.', '\\.')}\\.`),
    target,
    command: async () => [
      isThis ? process.execPath : join(await cachedInstall('node', version), 'bin', executable('node')),
    ],
  };
}

const executable = (name: string) => (process.platform === 'win32' ? `${name}.exe` : name);
