/**
 * What shows by its own shape that it is a secret, wherever it stands in a text: keys and tokens of known makers, signed
 * tokens, private keys, and the user in an address. A safety net and not a promise: it knows the usual shapes only. What
 * may repeat is bounded, so that a long text takes no longer than it has to.
 */

/** What stands in the place of a secret. */
export const MASKED = '[masked]';

/** Replaced as a whole. */
const SHAPES: readonly RegExp[] = [
  // OpenAI, Anthropic and their like; with an underscore also Stripe, where a digit tells a key from a name.
  /\b(?:sk-[\w-]{8,}|(?:sk|sess|rk|pk)[-_](?=[\w-]{0,80}\d)[\w-]{8,})/g,
  // GitHub, GitLab, Slack, AWS, Google, npm, Hugging Face, Groq
  /\b(?:gh[pousr]_\w{16,}|github_pat_\w{16,}|glpat-[\w-]{16,}|xox[a-z]-[\w-]{8,}|A[KS]IA[0-9A-Z]{16}|AIza[\w-]{30,}|npm_\w{30,}|hf_\w{24,}|gsk_\w{24,})/g,
  // JSON web tokens
  /(?<![\w-])eyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?/g,
  // A private key, also one whose end is missing
  /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|$)/g,
];

/** https://user:password@host; `git@` is a name that everybody has. */
const USER_OF_ADDRESS = /(\b[a-z][a-z0-9+.-]{0,20}:\/\/)(?!git@)[^\s/@"']+@/gi;

/** `text` with what looks like a key or a token replaced by `mask`. */
export function maskShapes(text: string, mask: string): string {
  let masked = text;
  for (const shape of SHAPES) masked = masked.replace(shape, mask);
  return masked.replace(USER_OF_ADDRESS, `$1${mask}@`);
}
