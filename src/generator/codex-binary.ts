/**
 * Finds the native executable of the installed `@openai/codex`. The native one and not the package's launcher: it starts
 * faster, and a missing platform package is found out before it runs. Never looks on `PATH`: the types are those of the
 * codex that the lock file pins.
 */
import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

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
 * @throws MissingCodexError when the package or its part for this platform is not installed
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
