/**
 * Makes stderr text fit for an error message: no terminal control, and no obvious secret. Masking is a safety net for
 * messages that end up in issue trackers and not a promise: it knows the usual shapes of keys and tokens only. Lines
 * that are handed to whoever takes stderr do not come through here.
 */
import { stripVTControlCharacters } from 'node:util';
import { MASKED, maskShapes } from '../../support/secret-shapes.js';

/** Values with a label, replaced in this order, before those that show by their own shape what they are. */
const LABELLED: readonly (readonly [RegExp, string])[] = [
  // Authorization: Bearer abc / "authorization":"Basic abc" / Cookie: a=b; c=d
  [
    /((?:authorization|cookie)\\?["']?\s*[:=]\s*\\?["']?)(?:(?:bearer|basic|token)\s+)?[^\s"'\\,]+/gi,
    `$1${MASKED}`,
  ],
  [/\b(bearer|basic)\s+[\w.~+/=-]{6,}/gi, `$1 ${MASKED}`],
  // OPENAI_API_KEY=abc / "access_token": "abc" / --client-secret abc / password: abc
  [
    /((?:api[_-]?key|(?:access|refresh|id|auth|session|bearer)[_-]?token|secret(?:[_-]?(?:access[_-]?)?key)?|passw(?:or)?d)\\?["']?\s*(?:[:=]|\s)\s*\\?["']?)(?!\[masked\])[^\s"'\\,;&}]{4,}/gi,
    `$1${MASKED}`,
  ],
  [/([?&\s](?:key|token|code|sig|signature)=)[^\s"'\\,;&}]{4,}/gi, `$1${MASKED}`],
];

/** `text` without ANSI sequences and other control characters (tabs and line ends stay), its secrets masked. */
export function cleanStderrText(text: string): string {
  return maskSecrets(stripVTControlCharacters(text).replace(/[^\P{Cc}\t\n]/gu, ''));
}

/** `text` with what looks like a key, a token or a password replaced by `[masked]`. */
function maskSecrets(text: string): string {
  let masked = text;
  for (const [pattern, replacement] of LABELLED) masked = masked.replace(pattern, replacement);
  return maskShapes(masked, MASKED);
}
