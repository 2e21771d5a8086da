/** Which lines are looked at: those that may hold something, and few besides. */
import { describe, expect, test } from 'vitest';
import { Suspicion, type Wanted } from '../../../src/testing/tapes/suspicion.js';

const NOTHING_MORE: Wanted = { texts: [], names: [] };
const linesOf = (...messages: readonly object[]) => messages.map((message) => `${JSON.stringify(message)}\n`);
/** The numbers of the lines that are found. */
const found = (lines: readonly string[], awaitsAnswer = false, wanted = NOTHING_MORE) => {
  const starts = new Suspicion(wanted).linesIn(lines.join(''), awaitsAnswer);
  const offsets = lines.map((_, index) => lines.slice(0, index).join('').length);
  return offsets.flatMap((offset, index) => (starts.has(offset) ? [index] : []));
};

const ID = '01990c5e-7e4b-7d11-b2a5-3f0a6c1d2e4f';
const ORDINARY = linesOf(
  {
    method: 'item/agentMessage/delta',
    params: { threadId: ID, turnId: ID, itemId: 'msg_1', delta: ' a token of it' },
  },
  { id: 3, result: { thread: { id: ID, path: '/home/me/.codex/x.jsonl', cwd: '/tmp', source: 'cli' } } },
  {
    method: 'thread/tokenUsage/updated',
    params: { threadId: ID, total: { totalTokens: 1, inputTokens: 2 } },
  },
  { method: 'item/commandExecution/outputDelta', params: { delta: '\u001b[1mred\u001b[0m\n' } },
);

describe('a line', () => {
  test('of every day is not looked at', () => {
    expect(found(ORDINARY)).toEqual([]);
  });

  test.each([
    ['a member with a telling name', { params: { access_token: 'a' } }],
    ['headers', { params: { headers: { a: 'b' } } }],
    ['JSON in a text', { params: { arguments: '{"password": "a"}' } }],
    ['a key behind an escape', { params: { text: '\nsk-abcdefgh' } }],
  ])('with %s is found among others', (_what, message) => {
    const line = linesOf(message);
    expect(found([...ORDINARY, ...line, ...ORDINARY])).toEqual([ORDINARY.length]);
  });

  test('with an escape that hides what it says is found', () => {
    expect(found(['{"params":{"tok\\u0065n":"a"}}\n', '{"method":"account\\/read"}\n'])).toEqual([0, 1]);
  });

  test('about the account is found', () => {
    expect(found(linesOf({ method: 'account/updated', params: {} }, { method: 'turn/started' }))).toEqual([
      0,
    ]);
  });

  test('that is an answer is found while one about the account is awaited', () => {
    expect(found(ORDINARY, true)).toEqual([1]);
    expect(found([...linesOf({ id: 3, method: 'account/read' }), ...ORDINARY])).toEqual([0, 2]);
  });

  test('that has what a user named is found', () => {
    expect(found(ORDINARY, false, { texts: ['/home/me'], names: ['delta'] })).toEqual([0, 1, 3]);
    expect(found(ORDINARY, false, { ...NOTHING_MORE, texts: ['nowhere'] })).toEqual([]);
  });

  test('is found whatever it is when any message may be meant', () => {
    expect(new Suspicion({ texts: [], names: undefined }).linesIn('{}\n{}\n', false)).toEqual(
      new Set([0, 3]),
    );
  });
});
