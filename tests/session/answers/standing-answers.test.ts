/** Decisions that were made beforehand: their table, and what may not stand in it. */
import { InvalidArgumentError } from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import { StandingAnswerTable } from '../../../src/session/answers/standing-answers.js';

const TIME = 'currentTime/read';

test('L17 an answer is taken as it was when it was set, whatever becomes of it', () => {
  const result = { currentTimeAt: 1 };
  const table = new StandingAnswerTable({ [TIME]: result });
  result.currentTimeAt = 2;
  expect(table.get(TIME)).toBe('{"currentTimeAt":1}');
  expect(table.get(TIME)).toBe('{"currentTimeAt":1}');
});

test('L17 a method without an answer has none', () => {
  const table = new StandingAnswerTable(undefined);
  expect(table.get(TIME)).toBeUndefined();
});

test('L17 an answer can be changed, and undefined removes it', () => {
  const table = new StandingAnswerTable({ [TIME]: undefined });
  expect(table.get(TIME)).toBeUndefined();
  table.set(TIME, { currentTimeAt: 0 });
  expect(table.get(TIME)).toBe('{"currentTimeAt":0}');
  table.set('not/known/yet', null);
  expect(table.get('not/known/yet')).toBe('null');
  table.set(TIME, undefined);
  expect(table.get(TIME)).toBeUndefined();
});

describe('what cannot stand there', () => {
  test.each<[string, string, unknown]>([
    ['no name of a method', '', {}],
    ['a number', '5', 5n],
    ['a function', TIME, () => {}],
  ])('L20 is refused, and nothing is set: %s', (_what, method, result) => {
    const table = new StandingAnswerTable({});
    expect(() => table.set(method, result)).toThrow(InvalidArgumentError);
    expect(table.get(method)).toBeUndefined();
  });

  test.each([[''], [5], [undefined]])('L20 names what %j should have been: a method', (method) => {
    const set = () => new StandingAnswerTable(undefined).set(method as string, {});
    expect(set).toThrow(expect.objectContaining({ argument: 'method' }));
    expect(set).toThrow('a non-empty string');
  });

  test('L20 names the method whose answer is no JSON', () => {
    const cycle: { self?: unknown } = {};
    cycle.self = cycle;
    expect(() => new StandingAnswerTable({}).set(TIME, cycle)).toThrow(
      expect.objectContaining({ argument: 'result' }),
    );
  });

  test.each([[[]], [null], [5], [new Map()]])('L20 refuses %j for the whole table', (answers) => {
    expect(() => new StandingAnswerTable(answers as never)).toThrow(
      expect.objectContaining({
        argument: 'options.standingAnswers',
        message: expect.stringContaining('an object of method -> result'),
      }),
    );
  });
});
