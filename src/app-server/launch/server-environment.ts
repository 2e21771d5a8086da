/**
 * The environment the server gets: this process's own, the caller's additions over it, and `CODEX_HOME`. On Windows the
 * names of variables know no case, so an addition replaces every spelling of its name. Values pass through here and are
 * never part of a message.
 */
import { resolve } from 'node:path';
import { comparableName, type Environment } from '../locate/environment.js';
import type { AppServerOptions } from './server-options.js';

/** The environment for options that were checked. */
export function serverEnvironment({ env, codexHome }: AppServerOptions): Environment {
  // Made absolute, because codex would count a relative path from its own folder.
  const home = codexHome === undefined ? {} : { CODEX_HOME: resolve(codexHome) };
  return mergeEnvironment(process.env, { ...env, ...home }, process.platform);
}

/** The variables of `parent` with `added` over them; an addition of `undefined` removes its variable. @internal */
export function mergeEnvironment(parent: Environment, added: Environment, platform: string): Environment {
  const merged: Record<string, string> = {};
  const addedNames = new Set(Object.keys(added).map((name) => comparableName(name, platform)));
  for (const [name, value] of Object.entries(parent)) {
    if (value !== undefined && !addedNames.has(comparableName(name, platform))) merged[name] = value;
  }
  for (const [name, value] of Object.entries(added)) {
    if (value !== undefined) merged[name] = value;
  }
  return merged;
}
