/** Entries of a tape whose messages are full of names that tell and of what looks like a secret, whole and in part. */
import fc from 'fast-check';
import type { TapeEntry } from '../../../src/testing/tapes/tape-masking.js';

const NAMES = [
  'token',
  'totalTokens',
  'apiKey',
  'API_KEY',
  'DB_PASS',
  'Authorization',
  'userAuthorization',
  'headers',
  'a.http_headers.X-Mine',
  'a.env.DB_PASS',
  'keyPath',
  'credentials',
  'name',
  'value',
  'header',
  'properties',
  'email',
  'displayName',
  'threadId',
  'text',
  'box-7',
  'input',
];

const PIECES = [
  ...NAMES,
  'sk-',
  'sk_live_',
  'abcdefgh',
  '0123456789abcdef',
  'eyJhbGciOiJI.eyJzdWIi.c2ln',
  'ghp_',
  'github_pat_',
  'xoxb-',
  'AKIA',
  'ASIA',
  'AIza',
  'npm_',
  'hf_',
  'gsk_',
  'glpat-',
  'Bearer ',
  'basic ',
  'authorization: ',
  '-----BEGIN PRIVATE KEY-----',
  'https://',
  'me:pa55@',
  'git@',
  'me@example.com',
  '?',
  '&',
  'code=',
  '--',
  '=',
  '":"',
  '"',
  ': "',
  ': 1',
  '\\"',
  '\\',
  "'",
  ' ',
  '\n',
  '\t',
  '/',
  '\u001b[1m',
  '-H ',
  'X-Api-Key: ',
  'PGPASS_PAT=',
  '\u2028',
  'ü',
  '{',
  '}',
  '',
];

const text = fc.array(fc.constantFrom(...PIECES), { maxLength: 6 }).map((pieces) => pieces.join(''));
const name = fc.oneof(fc.constantFrom(...NAMES), text).filter((key) => key !== '__proto__');

const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    text,
    fc.constantFrom<unknown>(1, true, null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(fc.constantFrom('run', '--token', '--api-key', '-H', 'X-Api-Key: abcd', 'abcdefgh'), {
      maxLength: 4,
    }),
    fc.dictionary(name, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
}));

const method = fc.constantFrom(
  'account/read',
  'accountSession/list',
  'remoteControl/status/changed',
  'item/agentMessage/delta',
  'turn/start',
);
const id = fc.constantFrom<string | number>(0, 1, '1', 'sk-abcdefgh1');
const params = fc.dictionary(name, value, { maxKeys: 3, noNullPrototype: true });

/** What stands before the last text of a message, so that many begin alike, as deltas do. */
const beginning = fc.record({
  first: fc.oneof(fc.constant('a'), value),
  last: fc.constantFrom('delta', 'input', 'value'),
});
const delta = fc
  .tuple(method, beginning, fc.array(text, { minLength: 2, maxLength: 5 }))
  .map(([named, { first, last }, texts]) =>
    texts.map((said) => ({ method: named, params: { first, [last]: said, n: 1 } })),
  );

const message = fc.oneof(
  fc.record({ id, method, params }),
  fc.record({ method, params }),
  fc.record({ id, result: value }),
  fc.record({ id, error: fc.record({ code: fc.constant(-1), message: text }) }),
);

const messages = fc
  .array(
    fc.oneof(
      message.map((said) => [said]),
      delta,
    ),
    { minLength: 1, maxLength: 6 },
  )
  .map((parts) => parts.flat());

/** Entries, in order. */
export const ENTRIES: fc.Arbitrary<TapeEntry[]> = fc
  .tuple(
    messages,
    fc.infiniteStream(fc.constantFrom('sent', 'received')),
    fc.infiniteStream(fc.constantFrom(JSON.stringify, JSON.stringify, spaced, escaped)),
  )
  .map(([said, kinds, writers]) =>
    said.map((one) => {
      const write: (said: unknown) => string = writers.next().value ?? JSON.stringify;
      return { kind: kinds.next().value ?? 'sent', atMs: 1, text: write(one) };
    }),
  );

/** Some servers put a space behind each colon. */
function spaced(said: unknown): string {
  return JSON.stringify(said, undefined, 1).replaceAll('\n', ' ');
}

/** Some servers escape more than they have to, or in another way. */
function escaped(said: unknown): string {
  let isText = false;
  return JSON.stringify(said).replaceAll(/\\u.{4}|\\.|./gu, (sign) => {
    if (sign === '"') isText = !isText;
    return isText ? (ESCAPED[sign] ?? sign) : sign;
  });
}

const ESCAPED: Readonly<Record<string, string>> = {
  a: '\\u0061',
  '/': '\\/',
  '\\n': '\\u000a',
  '\\u001b': '\\u001B',
};
