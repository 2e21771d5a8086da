/** The ids of requests: counted, or the caller's own, where anything can come. */
import { InvalidArgumentError } from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import { countingIds, suppliedIds } from '../../../src/session/requests/request-ids.js';
import { outcomeOf, PipedServer } from '../../helpers/piped-server.js';

/** A supply that gives one thing for ever, whatever its type says. */
function supplyOf(given: unknown): Iterable<string> {
  return { [Symbol.iterator]: () => ({ next: () => given as IteratorResult<string> }) };
}

test('counting begins at 1', () => {
  const ids = countingIds();
  expect([ids.next(), ids.next(), ids.next()]).toEqual([1, 2, 3]);
  expect(countingIds().next()).toBe(1);
});

test('a supply gives its ids as they are, in order, and then an error that says that it ended', () => {
  const ids = suppliedIds([0, '0', '', -5]);
  expect([ids.next(), ids.next(), ids.next(), ids.next()]).toEqual([0, '0', '', -5]);
  expect(ids.next()).toMatchObject({
    code: 'CODEX_INVALID_ARGUMENT',
    argument: 'options.requestIds',
    message: 'options.requestIds: the iterable ended, and a request needs an id',
  });
});

test.each([[1.5], [Number.NaN], [2 ** 53], [null], [undefined], [{}], [10n]])(
  'a supply that gives %s gives no id',
  (value) => {
    const id = suppliedIds(supplyOf({ done: false, value })).next();
    expect(id).toBeInstanceOf(InvalidArgumentError);
    expect(id).toMatchObject({ argument: 'options.requestIds' });
    expect(String(id)).toContain('expected strings or whole numbers');
  },
);

test('a supply that throws gives an error that says so', () => {
  const cause = new Error('out of ids');
  const supply = function* (): Generator<string> {
    yield 'first';
    throw cause;
  };
  const ids = suppliedIds(supply());
  expect(ids.next()).toBe('first');
  expect(ids.next()).toMatchObject({
    argument: 'options.requestIds',
    cause,
    message: 'options.requestIds: the iterable threw: Error: out of ids',
  });
});

test('a supply that cannot be begun is refused when it is given', () => {
  const cause = new Error('no beginning');
  const supply: Iterable<string> = {
    [Symbol.iterator]: () => {
      throw cause;
    },
  };
  expect(() => suppliedIds(supply)).toThrow(
    expect.objectContaining({ argument: 'options.requestIds', cause }),
  );
});

describe('a supply', () => {
  test.each([
    ['nothing', undefined],
    ['a number', 7],
  ])('L10 whose iterator gives %s instead of a result fails the request', async (_what, given) => {
    const server = new PipedServer({ requestIds: supplyOf(given) });
    expect(await outcomeOf(server.client.request('x/y'))).toBeInstanceOf(InvalidArgumentError);
    expect(server.client.stats().requests).toMatchObject({ inFlight: 0, waiting: 0 });
  });
});
