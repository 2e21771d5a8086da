/** A promise with its two ends in hand. */
import { expect, test } from 'vitest';
import { deferred, markHandled } from '../../src/support/deferred.js';
import { outcomeOf, turn } from '../helpers/piped-server.js';

test('settles with the first of its ends', async () => {
  const resolved = deferred<number>();
  expect(await outcomeOf(resolved.promise)).toBe('pending');
  resolved.resolve(1);
  resolved.resolve(2);
  resolved.reject(new Error('late'));
  expect(await resolved.promise).toBe(1);
  const rejected = deferred<number>();
  rejected.reject('reason');
  rejected.resolve(1);
  await expect(rejected.promise).rejects.toBe('reason');
});

test('a rejection that is marked is reported to nobody, and still reaches who waits', async () => {
  const unhandled: unknown[] = [];
  const note = (reason: unknown) => unhandled.push(reason);
  process.on('unhandledRejection', note);
  const { promise, reject } = deferred<never>();
  markHandled(promise);
  reject('reason');
  await turn();
  await turn();
  process.off('unhandledRejection', note);
  expect(unhandled).toEqual([]);
  await expect(promise).rejects.toBe('reason');
});
