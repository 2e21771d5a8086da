/** Checks the names in the params of a typed call: a server drops a key that it does not know without a word. */
import { isPlainObject, rejectName } from '../../support/argument-checks.js';
import { paramsKeysOf, type ServerVersion, speaksOurVersion } from './known-names.js';

/** What is checked, and how messages call it. */
export interface CheckedParams {
  /** What the params are called where the caller wrote them. @defaultValue `params` */
  readonly argument?: string;
  /** Keys that the helper takes beside those of the protocol. @defaultValue none */
  readonly more?: readonly string[];
}

/**
 * Passes what is no plain object: what JSON makes of it is looked at when it is sent.
 * @throws InvalidArgumentError when the server has our version and the method's params have no such key
 */
export function checkParamsKeys(
  method: string,
  params: unknown,
  server: ServerVersion,
  { argument = 'params', more = [] }: CheckedParams = {},
): void {
  if (!speaksOurVersion(server) || !isPlainObject(params) || 'toJSON' in params) return;
  const known = paramsKeysOf(method);
  if (known === undefined) return;
  for (const key of Object.keys(params))
    if (!known.includes(key) && !more.includes(key)) rejectName(argument, key, [...more, ...known]);
}
