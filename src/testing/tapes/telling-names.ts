/**
 * Names that say that a secret, or the account, is what stands under them, in any spelling: `accessToken`, `access_token`,
 * `X-Access-Token`, `ACCESS_TOKEN_2`. Owns the words; what is done about them is `masking.ts`'s.
 */

/** What a telling name ends with; between two words there may be a sign. */
const ENDINGS: readonly string[] = [
  'token',
  'secret',
  'passw(?:or)?d',
  'passphrase',
  'authorization',
  'cookie',
  'credential',
  'bearer',
  'jwt',
  'api_?key',
  '(?:private|access|secret|signing|encryption|auth|session|pairing)_?key',
  'access_?key_?id',
  // The account
  'e_?mail(?:_?address)?',
  '(?:account|user|workspace|organization|org)_?id',
  // A login on its way
  '(?:user|device|pairing|verification|auth|authorization)_?code',
  '(?:auth|authorization|login|verification)_?ur[il](?:_?complete)?',
];

/** What may follow: `tokenValue`, `api_keys`, `PASSWORD_2`. */
const TAIL = '(?:s|_?(?:value|text|string|hash|header|plain|base64|raw))?_?\\d*';

const source = (pattern: string) => pattern.replaceAll('_?', '[-_.]?');

/** The end of a telling name, as the source of a regular expression without regard to case. */
export const TELLING_END = source(`(?:${ENDINGS.join('|')})${TAIL}`);

/** As {@link TELLING_END}, for names under which all is masked, at any depth. */
export const CONTAINER_END = '(?:headers|cookies|secrets|credentials|passwords|tokens)';

/** The end of a variable's name that a name in small letters does not tell by: `DEEPSEEK_KEY`, `DB_PASS`. */
export const VARIABLE_END = '_(?:KEY|PASS|PAT)\\d*';

/** The end of an option of a command, as the source of a regular expression without regard to case. */
export const OPTION_END = '(?:token|secret|passw(?:or)?d|passphrase|api-?key)';

const TELLING = new RegExp(`(?:${TELLING_END})$`, 'i');
const VARIABLE = new RegExp(`^[A-Z0-9_]*${VARIABLE_END}$`);
const CONTAINER = new RegExp(`${CONTAINER_END}$`, 'i');
/** A path of settings that leads into one: `mcp_servers.docs.http_headers.X-Mine`. */
const WITHIN = new RegExp(`${CONTAINER_END}\\.\\S+$`, 'i');
const OPTION = new RegExp(`^--[\\w-]{0,40}${OPTION_END}$`, 'i');

/** A judgement on what a user meant, and no header. */
const HARMLESS = /^user_?authorization$/i;

/** In messages about the account: names of people, devices, logins, and what is said about them. */
const OF_ACCOUNT =
  /(?:id|name|email|url|uri|code|key|label|profile|project|location|path|message|error|title|description|text|body|signature)s?$/i;
/** Of those, what is not the account's. */
const OF_OTHERS = /^(?:thread|turn|item|limit|provider|client_?request)/i;

/** A secret or the account's identity stands under this name, or this path of settings, if a text does. */
export function isTellingName(name: string): boolean {
  const last = name.slice(name.lastIndexOf('.') + 1);
  return (TELLING.test(name) || VARIABLE.test(last) || WITHIN.test(name)) && !HARMLESS.test(name);
}

/** Under this name there are secrets only: headers, cookies. */
export function isContainerName(name: string): boolean {
  return CONTAINER.test(name);
}

/** In a message about the account: it says who it is. */
export function isAccountName(name: string): boolean {
  return OF_ACCOUNT.test(name) && !OF_OTHERS.test(name);
}

/** The next argument of the command is a secret: `--api-key`. */
export function isTellingOption(argument: string): boolean {
  return OPTION.test(argument);
}
