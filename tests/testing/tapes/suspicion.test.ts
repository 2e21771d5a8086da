/** Which messages are looked through: those that may hold something, and few besides. */
import { describe, expect, test } from 'vitest';
import { Suspicion, type Wanted } from '../../../src/testing/tapes/suspicion.js';

const NOTHING_MORE: Wanted = { texts: [], names: [] };
const linesOf = (...messages: readonly object[]) =>
  messages.map((message) => ({ text: JSON.stringify(message) }));
/** The numbers of the messages that are found. */
const found = (messages: readonly { readonly text: string }[], awaitsAnswer = false, wanted = NOTHING_MORE) =>
  [...new Suspicion(wanted).among(messages, awaitsAnswer)].toSorted((a, b) => a - b);

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
    expect(
      found([{ text: '{"params":{"tok\\u0065n":"a"}}' }, { text: '{"method":"account\\/read"}' }]),
    ).toEqual([0, 1]);
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
    expect(found(linesOf({}, {}), false, { texts: [], names: undefined })).toEqual([0, 1]);
  });
});

describe('a message that begins as one did that held nothing', () => {
  const deltas = (...texts: readonly string[]) =>
    linesOf(
      ...texts.map((delta) => ({ method: 'item/agentMessage/delta', params: { threadId: ID, delta, n: 1 } })),
    );

  test('is found when its own text holds something', () => {
    const suspicion = new Suspicion(NOTHING_MORE);
    for (let round = 0; round < 3; round += 1) {
      expect([...suspicion.among(deltas('a', 'sk-abcdefgh1', 'b'), false)]).toEqual([1]);
      expect([...suspicion.among(deltas('"token": "x"', 'c'), false)]).toEqual([0]);
    }
  });

  test('is found when what a user named stands at the very beginning of its text', () => {
    const suspicion = new Suspicion({ texts: ['box'], names: [] });
    expect([...suspicion.among(deltas('a'), false)]).toEqual([]);
    expect([...suspicion.among(deltas('box', 'in a box', 'bo'), false)]).toEqual([0, 1]);
  });
});
