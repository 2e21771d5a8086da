/**
 * Reads variables of an environment that is not this process's own, by the rule of a platform: on Windows the names
 * know no case. Changes nothing; what the server's environment is made of is said where it is launched.
 */

/** Environment variables, as `process.env` holds them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A variable's value; on Windows whatever the case of its name. */
export function readVariable(env: Environment, name: string, platform: string): string | undefined {
  const wanted = comparableName(name, platform);
  return Object.entries(env).find(([candidate]) => comparableName(candidate, platform) === wanted)?.[1];
}

/** The name in a form in which two names of one variable are equal. */
export function comparableName(name: string, platform: string): string {
  return platform === 'win32' ? name.toUpperCase() : name;
}
