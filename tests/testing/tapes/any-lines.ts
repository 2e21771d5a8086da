/** Lines of a tape whose messages are full of names that tell and of what looks like a secret, whole and in part. */
import fc from 'fast-check';

const NAMES = [
  'token',
  'totalTokens',
  'apiKey',
  'API_KEY',
  'DB_PASS',
  'Authorization',
  'userAuthorization',
  'headers',
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
    fc.array(fc.constantFrom('run', '--token', '--api-key', 'abcdefgh'), { maxLength: 4 }),
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

const message = fc.oneof(
  fc.record({ id, method, params }),
  fc.record({ method, params }),
  fc.record({ id, result: value }),
  fc.record({ id, error: fc.record({ code: fc.constant(-1), message: text }) }),
);

/** Lines, without their ends. */
export const LINES: fc.Arbitrary<string[]> = fc.array(
  fc
    .tuple(fc.constantFrom('sent', 'received'), message, fc.constantFrom(undefined, 1))
    .map(([direction, said, spaces]) => {
      // Some servers put a space behind each colon.
      const json = spaces === undefined ? JSON.stringify(said) : spaced(said);
      return `{"atMs":1,"${direction}":${json}}`;
    }),
  { minLength: 1, maxLength: 8 },
);

function spaced(said: unknown): string {
  return JSON.stringify(said, undefined, 1).replaceAll('\n', ' ');
}
