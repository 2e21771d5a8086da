/** Checks the names in the params of a typed call: a server drops a key that it does not know without a word. */
import { isPlainObject, rejectName } from '../../support/argument-checks.js';
import { InvalidArgumentError } from '../../support/errors.js';
import { paramsKeysOf, type ServerVersion, speaksOurVersion } from './known-names.js';

/** What is checked, and how messages call it. */
export interface CheckedParams {
  /** What the params are called where the caller wrote them. @defaultValue `params` */
  readonly argument?: string;
  /** Keys that the helper takes beside those of the protocol. @defaultValue none */
  readonly more?: readonly string[];
  /** What members of the protocol are called where the caller wrote them. @defaultValue as in the protocol */
  readonly givenAs?: Readonly<Record<string, string>>;
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

/** Members for tools, which the server takes from clients with the experimental API alone. */
const EXPERIMENTAL_MEMBERS: Readonly<Record<string, string>> = { 'thread/start': 'dynamicTools' };

/**
 * What a server of our version refuses to a client without the experimental API.
 * @throws InvalidArgumentError that says how to ask for it
 */
export function checkExperimental(
  method: string,
  params: unknown,
  server: ServerVersion,
  { argument = 'params', givenAs = {} }: CheckedParams = {},
): void {
  const member = EXPERIMENTAL_MEMBERS[method];
  if (member === undefined || !speaksOurVersion(server) || !isPlainObject(params)) return;
  if (params[member] === undefined || params[member] === null) return;
  const place = `${argument}.${givenAs[member] ?? member}`;
  const message = `${place}: expected a client with the experimental API, because codex takes tools from no other; start it with experimentalApi: true`;
  throw new InvalidArgumentError(place, message);
}
