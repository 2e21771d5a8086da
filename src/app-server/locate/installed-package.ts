/**
 * Finds the native executable of an installed `@openai/codex`, so that no Node.js launcher runs in between: it starts
 * several times faster, and signals reach codex itself. Remembers nothing: it looks at the disk anew each time, since
 * packages come and go while a program runs.
 */
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type PlatformBuild, vendorPaths } from './platform-packages.js';

const CODEX_PACKAGE = '@openai/codex';

/** The executable of the `@openai/codex` that code in `folder` would import, or why there is none. */
export function installedExecutable(folder: string, build: PlatformBuild): InstalledExecutable {
  const packageFolder = packageFolderFrom(folder, CODEX_PACKAGE);
  if (packageFolder === undefined) return { file: undefined, packageFolder: undefined };
  return { file: executableOfPackage(packageFolder, build), packageFolder };
}

/** What {@link installedExecutable} found. */
export interface InstalledExecutable {
  readonly file: string | undefined;
  /** The folder of `@openai/codex`; set without `file` when its platform package is missing. */
  readonly packageFolder: string | undefined;
}

/**
 * The native executable behind npm's launcher, when `file` on `PATH` is one: a link to `bin/codex.js` on POSIX,
 * a shim beside `node_modules` on Windows.
 */
export function executableBehindLauncher(file: string, build: PlatformBuild): string | undefined {
  const target = realPath(file);
  const beside = join(dirname(file), 'node_modules', CODEX_PACKAGE);
  const linked = target.endsWith(join(CODEX_PACKAGE, 'bin', 'codex.js'))
    ? dirname(dirname(target))
    : undefined;
  const shimmed = build.executable.endsWith('.exe') ? realPath(beside) : undefined;
  const packageFolder = linked ?? shimmed;
  return packageFolder === undefined ? undefined : executableOfPackage(packageFolder, build);
}

function executableOfPackage(packageFolder: string, build: PlatformBuild): string | undefined {
  // Older versions carried the executables of all platforms in `@openai/codex` itself.
  const folders = [packageFolderFrom(packageFolder, build.packageName), packageFolder];
  for (const folder of folders) {
    if (folder === undefined) continue;
    for (const path of vendorPaths(build)) {
      const file = outsideArchive(join(folder, ...path));
      if (existsSync(file)) return file;
    }
  }
  return undefined;
}

/**
 * Node's own resolution: it knows `NODE_PATH`, Yarn's Plug'n'Play and the links of pnpm. It is not imported: webpack
 * follows an imported `createRequire`, and would look for the package when the bundle is made.
 */
function packageFolderFrom(folder: string, packageName: string): string | undefined {
  const { createRequire } = process.getBuiltinModule('node:module');
  try {
    return dirname(createRequire(join(folder, 'noop.js')).resolve(`${packageName}/package.json`));
  } catch {
    return undefined;
  }
}

/** Electron reads packages out of `app.asar`, and the system can only start what was unpacked beside it. */
function outsideArchive(file: string): string {
  const unpacked = file.replace(/\.asar(?=[\\/])/, '.asar.unpacked');
  return existsSync(unpacked) ? unpacked : file;
}

/** The path behind all links; a path that does not exist stays as it is. */
export function realPath(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
}
