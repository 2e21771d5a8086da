/**
 * The names of the protocol, ready to be looked up. The room `checks` compares with them what plain JavaScript hands over,
 * where no compiler does: names that a server of this very version would ignore, or take for a refusal.
 */
import {
  CLIENT_METHODS,
  PARAMS_KEYS,
  PROTOCOL_VERSION,
  RESULT_CHOICES,
  SERVER_NOTIFICATION_METHODS,
  SERVER_REQUEST_METHODS,
} from '../generated.js';

/** The version that the server named in the handshake; undefined before that, and when it named none. */
export type ServerVersion = string | undefined;

/** Names are checked: the types were made from the server's own version. Any other server may know more, or less. */
export function speaksOurVersion(server: ServerVersion): boolean {
  return server === PROTOCOL_VERSION;
}

/** Every method that a client may call; each answers with an object, which `tests/types` holds to the generated types. */
export const PROTOCOL_METHODS: ReadonlySet<string> = new Set(CLIENT_METHODS);

/** Every message that a server of this version sends. */
export const SERVER_MESSAGE_METHODS: readonly string[] = [
  ...SERVER_REQUEST_METHODS,
  ...SERVER_NOTIFICATION_METHODS,
];

const keysByMethod = new Map<string, readonly string[]>();

/** The keys that the params of a method may have; undefined when any may stand there, or the method is unknown. */
export function paramsKeysOf(method: string): readonly string[] | undefined {
  const known = keysByMethod.get(method);
  if (known !== undefined) return known;
  if (!Object.hasOwn(PARAMS_KEYS, method)) return undefined;
  const keys = wordsOf(PARAMS_KEYS[method] ?? '');
  keysByMethod.set(method, keys);
  return keys;
}

/** The keys that the answer to a server request may have, each with the choices where the protocol has a list of them. */
export function resultChoicesOf(method: string): Readonly<Record<string, readonly string[]>> | undefined {
  if (!Object.hasOwn(RESULT_CHOICES, method)) return undefined;
  const entries = Object.entries(RESULT_CHOICES[method] ?? {});
  return Object.fromEntries(entries.map(([key, choices]) => [key, wordsOf(choices)]));
}

function wordsOf(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}
