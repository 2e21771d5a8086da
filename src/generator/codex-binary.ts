// Finds the native executable of the installed `@openai/codex` and lets it write its types. The native one, not
// the package's launcher: it starts faster and a missing platform package is found out before it runs.
// Leaves nothing behind: all output goes to a temporary folder that is removed.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { FlatFileInput } from './flat-file.js';
import { readSourceFiles, type SourceFile } from './source-files.js';

/** There is no codex executable for this platform; the message is one line that says what to do. */
export class MissingCodexError extends Error {
  override readonly name = 'MissingCodexError';
}

/** Where to look; the defaults are this machine and this package. */
export interface FindOptions {
  readonly platform?: string | undefined;
  readonly arch?: string | undefined;
  /** A file or file URL; packages are resolved as an import in it would be. */
  readonly from?: string | undefined;
}

/**
 * The path of the native codex executable.
 *
 * @throws {@link MissingCodexError} when the package or its part for this platform is not installed
 */
export function findCodexExecutable(options: FindOptions = {}): string {
  const { platform = process.platform, arch = process.arch, from = import.meta.url } = options;
  const launcher = resolvePackage(createRequire(from), '@openai/codex');
  if (launcher === undefined) {
    throw new MissingCodexError(
      'cannot generate the protocol types: @openai/codex is not installed; run `npm ci`',
    );
  }
  const platformPackage = `@openai/codex-${platform}-${arch}`;
  const folder = resolvePackage(createRequire(join(launcher, 'package.json')), platformPackage) ?? launcher;
  const executable = executablesBelow(join(folder, 'vendor'), platform).find(existsSync);
  if (executable === undefined) {
    throw new MissingCodexError(
      `cannot generate the protocol types: ${platformPackage}, the codex executable for ${platform} ${arch}, is not ` +
        'installed; run `npm ci --include=optional` on Linux, macOS or Windows, x64 or arm64',
    );
  }
  return executable;
}

function resolvePackage(require: NodeJS.Require, name: string): string | undefined {
  try {
    return dirname(require.resolve(`${name}/package.json`));
  } catch {
    return undefined;
  }
}

// `vendor/<triple>/bin/codex`; older packages had `vendor/<triple>/codex/codex`.
function executablesBelow(vendor: string, platform: string): string[] {
  const file = platform === 'win32' ? 'codex.exe' : 'codex';
  const triples = existsSync(vendor) ? readdirSync(vendor).sort() : [];
  return triples.flatMap((triple) => [
    join(vendor, triple, 'bin', file),
    join(vendor, triple, 'codex', file),
  ]);
}

/**
 * Lets the executable write its types, with and without experimental ones, and reads them.
 *
 * @param parent - where the temporary folder is made
 */
export function readProtocol(executable: string, parent = tmpdir()): FlatFileInput {
  const folder = mkdtempSync(join(parent, 'codex-protocol-'));
  try {
    const run = (...args: string[]) =>
      execFileSync(executable, args, {
        encoding: 'utf8',
        env: { ...process.env, CODEX_HOME: folder },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
    const types = (name: string, ...flags: string[]): SourceFile[] => {
      run('app-server', 'generate-ts', ...flags, '--out', join(folder, name));
      return readSourceFiles(join(folder, name));
    };
    return {
      version: versionIn(run('--version')),
      all: types('all', '--experimental'),
      stable: types('stable'),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function versionIn(output: string): string {
  const version = /\d+\.\d+\.\d+\S*/.exec(output)?.[0];
  if (version === undefined) throw new Error(`expected a version from \`codex --version\`, got ${output}`);
  return version;
}
