/**
 * The room `locate` says which executable is codex. This file decides: `codexPath`, else the native executable of an
 * installed `@openai/codex`, else `codex` on `PATH`. When there is none, the error lists everything that was tried.
 *
 * It is on the way of every start, so it asks the disk a few questions, synchronously, and never runs anything.
 */
import { dirname, resolve } from 'node:path';
import { SpawnError } from '../../support/errors.js';
import type { Environment } from './environment.js';
import { executableBehindLauncher, installedExecutable, realPath } from './installed-package.js';
import { findOnPath, pathFolders } from './path-lookup.js';
import { type PlatformBuild, platformBuild } from './platform-packages.js';

/** What a message says about getting codex. */
export const INSTALL_HINT =
  'Install codex with `npm install @openai/codex` (into your project) or `npm install -g @openai/codex`, or say where it is with `options.codexPath`.';

/** Where to look. */
export interface ExecutableSearch {
  readonly codexPath?: string | undefined;
  /** The environment the server will have; its `PATH` counts. */
  readonly env: Environment;
  /** @defaultValue {@link importFolders} */
  readonly folders?: readonly string[] | undefined;
  readonly platform?: string | undefined;
  readonly arch?: string | undefined;
}

/** The executable, and how it was found. */
export interface FoundExecutable {
  readonly file: string;
  /** For messages, for example `from options.codexPath`. */
  readonly origin: string;
}

/**
 * Finds codex.
 *
 * @throws SpawnError when it is nowhere; the message lists what was tried and how to install it.
 */
export function findExecutable(search: ExecutableSearch): FoundExecutable {
  const { codexPath, env, platform = process.platform, arch = process.arch } = search;
  if (codexPath !== undefined) return namedExecutable(codexPath, env, platform);
  const tried: string[] = [];
  const build = platformBuild(platform, arch);
  return (
    findInstalled(search.folders ?? importFolders(), build, `${platform}-${arch}`, tried) ??
    findGlobal(env, platform, build, tried) ??
    reportNothingFound(tried)
  );
}

/**
 * The folders whose `node_modules` may hold codex: that of the main script, that of this package, and the current
 * one last, which need not be the user's own when a tool is run inside a stranger's checkout.
 * @internal
 */
export function importFolders(): string[] {
  const script = process.argv[1];
  const own = ownFolder();
  const folders = [
    // The real path: a tool's script is started through a link in some bin folder.
    ...(script === undefined ? [] : [dirname(realPath(resolve(script)))]),
    ...(own === undefined ? [] : [own]),
    process.cwd(),
  ];
  return [...new Set(folders)];
}

/** The folder of this file, or of the bundle that it is in; not by `import.meta.url`, for which webpack puts its own. */
function ownFolder(): string | undefined {
  // There is none in a module that is not from a file, nor bundled as CommonJS, whatever its type says.
  const folder: string | undefined = import.meta.dirname;
  return folder ?? (typeof __dirname === 'string' ? __dirname : undefined);
}

function namedExecutable(codexPath: string, env: Environment, platform: string): FoundExecutable {
  const origin = 'from options.codexPath';
  if (/[\\/]/.test(codexPath)) return { file: resolve(codexPath), origin };
  const file = findOnPath(codexPath, env, platform);
  if (file !== undefined) return { file, origin };
  const count = countFolders(env, platform);
  throw new SpawnError(
    `Could not start codex: codexPath is ${JSON.stringify(codexPath)}, and no program of that name is on PATH (${count}). For a file in the current folder write "./${codexPath}". ${INSTALL_HINT}`,
  );
}

function findInstalled(
  folders: readonly string[],
  build: PlatformBuild | undefined,
  platformName: string,
  tried: string[],
): FoundExecutable | undefined {
  if (build === undefined) {
    tried.push(`the package @openai/codex: it has no build for ${platformName}`);
    return undefined;
  }
  for (const folder of folders) {
    const { file, packageFolder } = installedExecutable(folder, build);
    if (file !== undefined) return { file, origin: 'from the installed package @openai/codex' };
    tried.push(
      packageFolder === undefined
        ? `the package @openai/codex, imported from ${folder}: not installed`
        : withoutBuild(packageFolder, build),
    );
  }
  return undefined;
}

function withoutBuild(packageFolder: string, { packageName }: PlatformBuild): string {
  return `the package @openai/codex in ${packageFolder}: its platform package ${packageName} is missing (was it installed without optional dependencies?)`;
}

function findGlobal(
  env: Environment,
  platform: string,
  build: PlatformBuild | undefined,
  tried: string[],
): FoundExecutable | undefined {
  const file = findOnPath('codex', env, platform);
  if (file === undefined) {
    tried.push(`codex on PATH (${countFolders(env, platform)}): not found`);
    return undefined;
  }
  const native = build === undefined ? undefined : executableBehindLauncher(file, build);
  return { file: native ?? file, origin: 'from PATH' };
}

function countFolders(env: Environment, platform: string): string {
  const count = pathFolders(env, platform).length;
  return count === 1 ? '1 folder' : `${count} folders`;
}

function reportNothingFound(tried: readonly string[]): never {
  const list = tried.map((entry) => `\n  - ${entry}`).join('');
  throw new SpawnError(`Could not start codex: there is no codex executable. Tried:${list}\n${INSTALL_HINT}`);
}
