/**
 * Secrets within a text: what looks like a key, and what has a label that only a secret has. Prose about secrets is not
 * one: where a word would do, a value is taken for a secret only in the form in which programs write it.
 */
import { MASKED, maskShapes } from '../../support/secret-shapes.js';
import { OPTION_END, TELLING_END } from './telling-names.js';

/** The label is kept, the value is not. */
const LABELLED: readonly RegExp[] = [
  // Authorization: Basic dXNlcjpwYXNz
  /(authorization\s*[:=]\s*(?:basic|token|bearer)\s+)[\w.~+/=-]+/gi,
  // Bearer abc123: a word alone, as in "bearer authentication", is none
  /(bearer\s+)(?:(?=[\w.~+/=-]*\d)[\w.~+/=-]{8,}|[\w.~+/=-]{24,})/gi,
  // JSON in a text: "access_token": "abc", its quotes escaped or not
  new RegExp(`((?:${TELLING_END})\\\\*"\\s*:\\s*\\\\*")[^"\\\\]+`, 'gi'),
  // OPENAI_API_KEY=abc, DB_PASS=abc
  /((?:API_?KEY|_KEY|TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|_PASS|_PAT)=\\*["']?)(?!\$)[^\s"'\\;&|]{4,}/g,
  // -H 'X-Api-Key: abc', --header=Cookie:abc; what kind an authorization is stays
  new RegExp(
    `((?:-H|--header)[\\s=]\\s*\\\\*["']?[\\w-]{0,40}?${TELLING_END}\\s*:\\s*)(?!\\$|\\s|(?:basic|bearer|token)\\s)[^"'\\\\\\r\\n]{4,}`,
    'gi',
  ),
  // --api-key abc, --api-key=abc
  new RegExp(`(--[\\w-]{0,40}${OPTION_END}(?:=|\\s+)\\\\*["']?)(?![$-])[^\\s"'\\\\]{4,}`, 'gi'),
  // https://host/?token=abc
  /([?&][\w-]{0,40}(?:token|key|code|sig|signature|secret|password)=)[^\s"'\\&#]{4,}/gi,
];

const EMAIL = /[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+/g;

/** `text` without what looks like a secret. */
export function maskText(text: string): string {
  let masked = text;
  for (const label of LABELLED) masked = masked.replace(label, `$1${MASKED}`);
  return maskShapes(masked, MASKED);
}

/** `text` without addresses of e-mail. */
export function maskEmails(text: string): string {
  return text.replace(EMAIL, MASKED);
}
