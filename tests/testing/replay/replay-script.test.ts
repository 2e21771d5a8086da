/** What is played of a tape, and what its lines are matched by. */
import { expect, it } from 'vitest';
import { InvalidArgumentError } from '../../../src/support/errors.js';
import { keyOf, scriptOf } from '../../../src/testing/replay/replay-script.js';
import { madeTape, TURN } from './made-tapes.js';

it('has each line once, and knows which request an answer answers', () => {
  const { lines, hasHandshake } = scriptOf(TURN);
  expect(lines.map(({ line }) => line.line)).toEqual([2, 3, 4, 5, 6, 7, 8, 9]);
  expect(lines.map(({ answers }) => answers?.line.line)).toEqual([
    undefined,
    2,
    undefined,
    undefined,
    undefined,
    6,
    undefined,
    undefined,
  ]);
  expect(hasHandshake).toBe(false);
  expect(scriptOf(madeTape([{ sent: { id: 0, method: 'initialize' } }])).hasHandshake).toBe(true);
});

it('answers the last request with an id that was used again', () => {
  const request = (method: string) => ({ sent: { id: 1, method } });
  const answer = { received: { id: 1, result: {} } };
  const { lines } = scriptOf(madeTape([request('a'), answer, request('b'), answer]));
  expect(lines.map(({ answers }) => answers?.line.line)).toEqual([undefined, 2, undefined, 4]);
});

it('leaves out answers to what was asked before the recording began, either way', () => {
  const { lines } = scriptOf(
    madeTape([
      { received: { id: 1, result: {} } },
      { sent: { id: 0, result: {} } },
      { received: { method: 'news' } },
    ]),
  );
  expect(lines.map(({ line, index }) => [line.line, index])).toEqual([[4, 0]]);
});

it('leaves out the end of a handshake that has no beginning, and of no other', () => {
  const initialized = { sent: { method: 'initialized' } };
  const linesOf = (...said: Parameters<typeof madeTape>[0]) =>
    scriptOf(madeTape(said)).lines.map(({ line }) => line.line);
  expect(linesOf({ received: { id: 1, result: {} } }, initialized, { received: { method: 'news' } })).toEqual(
    [4],
  );
  expect(linesOf({ sent: { id: 1, method: 'initialize' } }, initialized)).toEqual([2, 3]);
});

it('is made once for a tape', () => {
  expect(scriptOf(TURN)).toBe(scriptOf(TURN));
});

it('L20 is refused for a tape that misses lines, with the place', () => {
  const tape = { ...TURN, lines: [{ kind: 'missed', line: 2, atMs: 0, missed: 7 } as const] };
  expect(() => scriptOf(tape)).toThrow(InvalidArgumentError);
  expect(() => scriptOf(tape)).toThrow(
    'tape: made.jsonl cannot be replayed, because 7 lines are missing at its line 2; record it again',
  );
});

it('matches by kind, method and thread, and an answer by its id', () => {
  const key = (params: object, id?: number) =>
    keyOf({ ...(id === undefined ? {} : { id }), method: 'm', params });
  expect(key({ threadId: 'a', x: 1 }, 1)).toBe(key({ threadId: 'a', x: 2 }, 2));
  const others = [key({ threadId: 'a' }), key({ threadId: 'a' }, 1), key({ threadId: 'b' }, 1), key({}, 1)];
  const answers = [keyOf({ id: 1, result: 1 }), keyOf({ id: '1', result: 1 }), keyOf({ id: 0, error: 1 })];
  expect(new Set([...others, ...answers]).size).toBe(7);
  expect(keyOf({ id: 1, result: 1 })).toBe(keyOf({ id: 1, error: 2 }));
});
