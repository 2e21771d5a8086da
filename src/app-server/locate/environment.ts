/**
 * The environment of the server: this process's own, with the caller's additions. Values pass through here and
 * are never part of a message. On Windows the names of variables know no case, so an addition replaces every
 * spelling of its name.
 */

/** Environment variables, as `process.env` holds them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The variables of `parent` with `added` over them; an addition of `undefined` removes its variable. */
export function mergeEnvironment(parent: Environment, added: Environment, platform: string): Environment {
  const merged: Record<string, string> = {};
  const addedNames = new Set(Object.keys(added).map((name) => comparable(name, platform)));
  for (const [name, value] of Object.entries(parent)) {
    if (value !== undefined && !addedNames.has(comparable(name, platform))) merged[name] = value;
  }
  for (const [name, value] of Object.entries(added)) {
    if (value !== undefined) merged[name] = value;
  }
  return merged;
}

/** A variable's value; on Windows whatever the case of its name. */
export function readVariable(env: Environment, name: string, platform: string): string | undefined {
  if (platform !== 'win32') return env[name];
  const key = Object.keys(env).find((candidate) => comparable(candidate, platform) === name);
  return key === undefined ? undefined : env[key];
}

function comparable(name: string, platform: string): string {
  return platform === 'win32' ? name.toUpperCase() : name;
}
