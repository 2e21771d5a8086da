/**
 * The room `locate` says which executable is codex. This file decides: `codexPath`, else the native executable of an
 * installed `@openai/codex`, else `codex` on `PATH`. It is one list of places, in this order: a start takes the first that
 * has codex, an error lists those that were passed, and whoever wants to know looks at all of them.
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

/** A place that has codex. */
export interface GoodPlace extends FoundExecutable {
  /** Where it was looked, for messages. */
  readonly place: string;
  /** The launcher on `PATH` that `file` stands behind; undefined where `file` itself was found. */
  readonly launcher: string | undefined;
}

/** A place that does not have it. */
export interface PassedPlace {
  /** Where it was looked, for messages. */
  readonly place: string;
  /** Why it is not taken. */
  readonly problem: string;
}

/**
 * Finds codex.
 *
 * @throws SpawnError when it is nowhere; the message lists what was tried and how to install it.
 */
export function findExecutable(search: ExecutableSearch): FoundExecutable {
  const passed: PassedPlace[] = [];
  for (const place of placesOf(search)) {
    if ('file' in place) return { file: place.file, origin: place.origin };
    passed.push(place);
  }
  throw new SpawnError(`Could not start codex: ${nothingFound(search, passed)}`);
}

/** The places where codex may be, in the order in which they count; each is looked at when it is asked for. */
export function* placesOf(search: ExecutableSearch): Generator<GoodPlace | PassedPlace> {
  const { codexPath, env, platform = process.platform, arch = process.arch } = search;
  if (codexPath !== undefined) {
    yield namedPlace(codexPath, env, platform);
    return;
  }
  const build = platformBuild(platform, arch);
  if (build === undefined)
    yield {
      place: 'the package @openai/codex',
      problem: `it has no build for ${platform}-${arch}`,
    };
  else for (const folder of search.folders ?? importFolders()) yield installedPlace(folder, build);
  yield globalPlace(env, platform, build);
}

/** What an error says when no place has codex. */
function nothingFound({ codexPath }: ExecutableSearch, passed: readonly PassedPlace[]): string {
  const list = passed.map(({ place, problem }) => `${place}: ${problem}`);
  if (codexPath === undefined)
    return `there is no codex executable. Tried:${list.map((line) => `\n  - ${line}`).join('')}\n${INSTALL_HINT}`;
  return `codexPath is ${JSON.stringify(codexPath)}, and ${passed[0]?.problem}. For a file in the current folder write "./${codexPath}". ${INSTALL_HINT}`;
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
    ...currentFolder(),
  ];
  return [...new Set(folders)];
}

/** The current folder; none when it was removed since this process began, which the system then reports as an error. */
function currentFolder(): string[] {
  try {
    return [process.cwd()];
  } catch {
    return [];
  }
}

/** The folder of this file, or of the bundle that it is in; not by `import.meta.url`, for which webpack puts its own. */
function ownFolder(): string | undefined {
  // There is none in a module that is not from a file, nor bundled as CommonJS, whatever its type says.
  const folder: string | undefined = import.meta.dirname;
  return folder ?? (typeof __dirname === 'string' ? __dirname : undefined);
}

function namedPlace(codexPath: string, env: Environment, platform: string): GoodPlace | PassedPlace {
  const found = { place: 'options.codexPath', origin: 'from options.codexPath', launcher: undefined };
  if (/[\\/]/.test(codexPath)) return { ...found, file: resolve(codexPath) };
  const file = findOnPath(codexPath, env, platform);
  if (file !== undefined) return { ...found, file };
  return {
    place: found.place,
    problem: `no program of that name is on PATH (${countFolders(env, platform)})`,
  };
}

function installedPlace(folder: string, build: PlatformBuild): GoodPlace | PassedPlace {
  const { file, packageFolder } = installedExecutable(folder, build);
  const place = `the package @openai/codex${packageFolder === undefined ? `, imported from ${folder}` : ` in ${packageFolder}`}`;
  if (file !== undefined)
    return { place, file, origin: 'from the installed package @openai/codex', launcher: undefined };
  if (packageFolder === undefined) return { place, problem: 'not installed' };
  const problem = `its platform package ${build.packageName} is missing (was it installed without optional dependencies?)`;
  return { place, problem };
}

function globalPlace(
  env: Environment,
  platform: string,
  build: PlatformBuild | undefined,
): GoodPlace | PassedPlace {
  const place = `codex on PATH (${countFolders(env, platform)})`;
  const file = findOnPath('codex', env, platform);
  if (file === undefined) return { place, problem: 'not found' };
  const native = build === undefined ? undefined : executableBehindLauncher(file, build);
  const launcher = native === undefined ? undefined : file;
  return { place, file: native ?? file, origin: 'from PATH', launcher };
}

function countFolders(env: Environment, platform: string): string {
  const count = pathFolders(env, platform).length;
  return count === 1 ? '1 folder' : `${count} folders`;
}
