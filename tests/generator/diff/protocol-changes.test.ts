/** What two versions of a protocol mean to a user: what breaks, what may be read, what is new. */
import { describe, expect, test } from 'vitest';
import { protocolChanges } from '../../../src/generator/diff/protocol-changes.js';
import { changesBetween, protocolWith, told } from './two-versions.js';

test('a protocol is not different from itself', () => {
  expect(changesBetween({}, {})).toEqual([]);
});

describe('methods', () => {
  const two =
    '{ "method": "thing/do", id: number, params: ThingDoParams, } | { "method": "more", id: number, params: undefined, }';

  test('that came are new, and that went break callers', () => {
    expect(changesBetween({}, { ClientRequest: two })).toEqual(['new: `more` is new (method)']);
    expect(changesBetween({ ClientRequest: two }, {})).toEqual(['breaks callers: `more` is gone (method)']);
  });

  test.each([
    [
      'ServerRequest',
      '{ "method": "ask", id: number, params: AskParams, } | { "method": "more", id: number, params: undefined, }',
      'server request',
    ],
    [
      'ServerNotification',
      '{ "method": "said", "params": SaidNotification } | { "method": "more" }',
      'notification',
    ],
  ])('of the server that went concern readers: %s', (union, text, noun) => {
    expect(changesBetween({ [union]: text }, {})).toEqual([
      `changes for readers: \`more\` is gone (${noun})`,
    ]);
    expect(changesBetween({}, { [union]: text })).toEqual([`new: \`more\` is new (${noun})`]);
  });

  test('that are experimental say so, and say when they move', () => {
    const stable = protocolWith({ ClientRequest: two });
    const experimental = protocolWith({ ClientRequest: two }, {});
    expect(protocolChanges(protocolWith({}), experimental).map(told)).toEqual([
      'new: `more` is new (method, experimental)',
    ]);
    expect(protocolChanges(experimental, stable).map(told)).toEqual(['new: `more` is stable now (method)']);
    expect(protocolChanges(stable, experimental).map(told)).toEqual([
      'breaks callers: `more` is experimental now (method)',
    ]);
  });
});

describe('what the user writes', () => {
  test.each([
    ['{ much: number, how: string, }', 'breaks callers: `thing/do` params.`how` is new and required'],
    ['{ much: number, how?: string, }', 'new: `thing/do` params.`how` is new'],
    ['{ }', 'breaks callers: `thing/do` params.`much` is gone'],
    ['{ much?: number, }', 'new: `thing/do` params.`much` may be left out now'],
    ['{ much: number | null, }', 'new: `thing/do` params.`much` also takes `null`'],
    ['{ much: string, }', 'breaks callers: `thing/do` params.`much` was `number`, is `string` now'],
  ])('params %s: %s', (text, expected) =>
    expect(changesBetween({}, { ThingDoParams: text })).toEqual([expected]),
  );

  test('a choice that is gone breaks callers, also in the result of a server request', () => {
    const decision = (choices: string) => ({ AskResponse: `{ decision: ${choices}, }` });
    expect(changesBetween(decision('"yes" | "no"'), decision('"yes"'))).toEqual([
      'breaks callers: `ask` result.`decision` does not take `"no"` any more',
    ]);
  });

  test('params that have become required break callers', () => {
    expect(changesBetween({ ThingDoParams: '{ much?: number, }' }, {})).toEqual([
      'breaks callers: `thing/do` params.`much` is required now',
    ]);
  });

  test('a method that took nothing and takes something optional now has something new', () => {
    const without = { ClientRequest: '{ "method": "thing/do", id: number, params: undefined, }' };
    expect(changesBetween(without, { ThingDoParams: '{ much?: number, }' })).toEqual([
      'new: `thing/do` params.`much` is new',
    ]);
  });
});

describe('what the user reads', () => {
  test.each([
    ['{ words: string, at: number, }', 'new: `said` params.`at` is new'],
    ['{ words: string, at?: number, }', 'new: `said` params.`at` is new, and not always there'],
    ['{ }', 'changes for readers: `said` params.`words` is gone'],
    ['{ words?: string, }', 'changes for readers: `said` params.`words` may be missing now'],
    ['{ words: string | null, }', 'changes for readers: `said` params.`words` may also be `null`'],
    [
      '{ words: Array<string>, }',
      'changes for readers: `said` params.`words` was `string`, is `Array<string>` now',
    ],
  ])('notification %s: %s', (text, expected) =>
    expect(changesBetween({}, { SaidNotification: text })).toEqual([expected]),
  );

  test('what is never null or missing any more is good news, and a choice that is gone is not', () => {
    const words = (type: string) => ({ ThingDoResponse: `{ words${type}, }` });
    expect(changesBetween(words(': string | null'), words(': string'))).toEqual([
      'new: `thing/do` response.`words` is never `null` any more',
    ]);
    expect(changesBetween(words('?: string'), words(': string'))).toEqual([
      'new: `thing/do` response.`words` is always there now',
    ]);
    expect(changesBetween(words(': "a" | "b"'), words(': "a"'))).toEqual([
      'changes for readers: `thing/do` response.`words` is never `"b"` any more',
    ]);
  });
});

describe('a named type', () => {
  const used = (member: string, ...users: string[]) => ({
    ...Object.fromEntries(users.map((name) => [name, '{ of: Array<Shared>, }'])),
    Shared: `{ ${member}, }`,
  });

  test('that is met in one place is told of there, with the path to the member', () => {
    expect(changesBetween(used('a: 1', 'SaidNotification'), used('a: 1, b: 2', 'SaidNotification'))).toEqual([
      'new: `said` params.`of[].b` is new',
    ]);
  });

  test('that is met in many places is told of once, with the places', () => {
    const users = ['SaidNotification', 'ThingDoResponse', 'AskParams'];
    expect(changesBetween(used('a: 1', ...users), used('a: 1 | null', ...users))).toEqual([
      'changes for readers: `Shared`.`a` may also be `null` (3 places)',
    ]);
  });

  test('that is written and read is told of to both', () => {
    const users = ['SaidNotification', 'ThingDoParams'];
    expect(changesBetween(used('a: "x"', ...users), used('a: "x" | "y"', ...users))).toEqual([
      'changes for readers: `said` params.`of[].a` may also be `"y"`',
      'new: `thing/do` params.`of[].a` also takes `"y"`',
    ]);
  });

  test('that no method uses, or only a new member, is not told of', () => {
    const shared = { Shared: '{ a: 1, }' };
    expect(changesBetween(shared, { Shared: '{ a: 2, }' })).toEqual([]);
    const after = { Shared: '{ a: 2, }', SaidNotification: '{ words: string, more?: Shared, }' };
    expect(changesBetween(shared, after)).toEqual(['new: `said` params.`more` is new, and not always there']);
  });
});
