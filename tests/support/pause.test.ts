/** A pause, with the clock in the test's hands. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { deferred } from '../../src/support/deferred.js';
import { pause } from '../../src/support/pause.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** How the pause stands. */
function watched(pausing: Promise<void>) {
  const state = { isOver: false };
  pausing.then(() => {
    state.isOver = true;
  });
  return state;
}

test('a pause lasts as long as it should', async () => {
  const state = watched(pause(100));
  await vi.advanceTimersByTimeAsync(99);
  expect(state.isOver).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(state.isOver).toBe(true);
});

test('also when something else may end it, and does not', async () => {
  const state = watched(pause(100, deferred<void>().promise));
  await vi.advanceTimersByTimeAsync(99);
  expect(state.isOver).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(state.isOver).toBe(true);
});

test('it ends with what comes sooner, and leaves no timer behind', async () => {
  const sooner = deferred<void>();
  const pausing = pause(100, sooner.promise);
  expect(vi.getTimerCount()).toBe(1);
  sooner.resolve();
  await pausing;
  expect(vi.getTimerCount()).toBe(0);
});

test('it rejects with what comes sooner, and leaves no timer behind', async () => {
  const gone = new Error('gone');
  await expect(pause(100, Promise.reject(gone))).rejects.toBe(gone);
  expect(vi.getTimerCount()).toBe(0);
});
