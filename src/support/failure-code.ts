/**
 * The name by which a failure of the system is known, for advice and for messages: an error's `code`. Deno's refusals have
 * no code, and are known by the name of their class.
 */
import { memberOf } from './argument-checks.js';

/** Deno's name for what the program was not allowed to do. Its message names the flag that would allow it. */
export const NOT_ALLOWED_BY_DENO = 'NotCapable';

/** The code of an error; undefined when it has none. */
export function failureCode(error: unknown): string | undefined {
  const code = memberOf(error, 'code');
  if (code !== undefined) return String(code);
  return memberOf(error, 'name') === NOT_ALLOWED_BY_DENO ? NOT_ALLOWED_BY_DENO : undefined;
}
