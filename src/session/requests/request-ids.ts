/** The ids of our requests: a counter from 1, or the caller's own supply. */
import { describeValue } from '../../support/argument-checks.js';
import { InvalidArgumentError } from '../../support/errors.js';
import type { RequestId } from '../../wire/wire-message.js';

/** A supply of request ids. */
export interface RequestIds {
  /** The next id, or the error of a supply that has none, or gave something that is no id. */
  next(): RequestId | Error;
}

/** Counts from 1. */
export function countingIds(): RequestIds {
  let last = 0;
  return {
    next: () => {
      last += 1;
      return last;
    },
  };
}

/**
 * Takes ids from an iterable, which has to give each id only once.
 * @throws InvalidArgumentError when the iterable cannot be begun
 */
export function suppliedIds(supply: Iterable<RequestId>): RequestIds {
  const iterator = beginSupply(supply);
  return {
    next: () => {
      let done: boolean | undefined;
      let value: unknown;
      try {
        // Also throws when the supply gives something that is no result.
        ({ done, value } = iterator.next());
      } catch (cause) {
        return supplyThrew(cause);
      }
      if (done === true)
        return new InvalidArgumentError(
          'options.requestIds',
          'options.requestIds: the iterable ended, and a request needs an id',
        );
      if (typeof value === 'string' || (typeof value === 'number' && Number.isSafeInteger(value)))
        return value;
      return new InvalidArgumentError(
        'options.requestIds',
        `options.requestIds: expected strings or whole numbers, got ${describeValue(value)}`,
      );
    },
  };
}

function beginSupply(supply: Iterable<RequestId>): Iterator<RequestId, unknown> {
  try {
    return supply[Symbol.iterator]();
  } catch (cause) {
    throw supplyThrew(cause);
  }
}

function supplyThrew(cause: unknown): InvalidArgumentError {
  return new InvalidArgumentError(
    'options.requestIds',
    `options.requestIds: the iterable threw: ${String(cause)}`,
    {
      cause,
    },
  );
}
