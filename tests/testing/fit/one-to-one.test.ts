/** Pairs that can be forgotten again. */
import { expect, test } from 'vitest';
import { OneToOne } from '../../../src/testing/fit/one-to-one.js';

test('forgets what was paired since it last kept, on both sides', () => {
  const pairs = new OneToOne<number>();
  pairs.bind('a', { key: 'x', given: 1 });
  pairs.keep();
  pairs.bind('b', { key: 'y', given: 2 });
  expect([pairs.given('b'), pairs.recorded('y')]).toEqual([2, 'b']);
  pairs.forget();
  expect([pairs.given('a'), pairs.recorded('x')]).toEqual([1, 'a']);
  expect([pairs.given('b'), pairs.recorded('y')]).toEqual([undefined, undefined]);
});
