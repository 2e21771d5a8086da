/** A wait that settles once, whatever comes first, and leaves nothing behind. */
import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Settlement, type WaitLimits } from '../../src/support/settlement.js';

const timeoutError = (timeoutMs: number) => new Error(`nothing within ${timeoutMs} ms`);
const reason = new Error('enough');

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});

afterEach(() => {
  vi.useRealTimers();
});

/** A wait that is limited in both ways, and what it was told. */
function startWait(limits: Partial<WaitLimits> = {}) {
  const gaveUp: unknown[] = [];
  const log: string[] = [];
  class Noting extends Settlement<string> {
    protected override settled(): void {
      log.push(`settled, ${this.isSettled}`);
    }
  }
  const wait = new Noting((why) => gaveUp.push(why));
  wait.promise.then(
    () => log.push('promise'),
    () => log.push('promise'),
  );
  const controller = new AbortController();
  wait.limit({ timeoutMs: 100, timeoutError, signal: controller.signal, ...limits });
  const listeners = () => getEventListeners(controller.signal, 'abort').length;
  return { wait, controller, gaveUp, log, listeners };
}

const OUTCOMES = {
  answer: ({ wait }) => wait.resolve('answer'),
  failure: ({ wait }) => wait.reject('failure'),
  'time limit': () => vi.advanceTimersByTime(100),
  abort: ({ controller }) => controller.abort(reason),
} as const satisfies Record<string, (started: ReturnType<typeof startWait>) => unknown>;

type Outcome = keyof typeof OUTCOMES;

const settledAs: Record<Outcome, object> = {
  answer: { status: 'fulfilled', value: 'answer' },
  failure: { status: 'rejected', reason: 'failure' },
  'time limit': { status: 'rejected', reason: timeoutError(100) },
  abort: { status: 'rejected', reason },
};

describe.each(Object.keys(OUTCOMES) as Outcome[])('when the %s comes first', (first) => {
  test.each(Object.keys(OUTCOMES) as Outcome[])(
    'the wait settles with it, and the %s after it changes nothing',
    async (later) => {
      const started = startWait();
      OUTCOMES[first](started);
      OUTCOMES[later](started);
      const [settled] = await Promise.allSettled([started.wait.promise]);
      expect(settled).toEqual(settledAs[first]);
      expect(started.wait.isSettled).toBe(true);
      expect(started.gaveUp).toHaveLength(first === 'time limit' || first === 'abort' ? 1 : 0);
    },
  );

  test('the timer and the listener are taken down, and what a subclass keeps is, once and before the promise settles', async () => {
    const started = startWait();
    expect(vi.getTimerCount()).toBe(1);
    expect(started.listeners()).toBe(1);
    OUTCOMES[first](started);
    expect(vi.getTimerCount()).toBe(0);
    expect(started.listeners()).toBe(0);
    await Promise.allSettled([started.wait.promise]);
    expect(started.log).toEqual(['settled, true', 'promise']);
  });
});

test('only the first outcome is told that it counted', async () => {
  const { wait } = startWait();
  expect(wait.isSettled).toBe(false);
  expect(wait.resolve('a')).toBe(true);
  expect(wait.resolve('b')).toBe(false);
  expect(wait.reject(reason)).toBe(false);
  expect(await wait.promise).toBe('a');
});

test('whoever is told of a limit is told after the wait is settled, and with what settled it', async () => {
  const seen: unknown[] = [];
  const wait: Settlement<string> = new Settlement((why) => seen.push(why, wait.isSettled));
  wait.limit({ timeoutMs: 5, timeoutError });
  vi.advanceTimersByTime(5);
  expect(seen).toEqual([timeoutError(5), true]);
  await expect(wait.promise).rejects.toThrow('nothing within 5 ms');
});

test('a signal that has fired already settles the wait at once, and no clock is started', async () => {
  const { wait, gaveUp, listeners } = startWait({ signal: AbortSignal.abort(reason) });
  expect(wait.isSettled).toBe(true);
  expect(gaveUp).toEqual([reason]);
  expect(vi.getTimerCount()).toBe(0);
  expect(listeners()).toBe(0);
  await expect(wait.promise).rejects.toBe(reason);
});

test('limits of a wait that is settled already start nothing, not even a fired signal', async () => {
  const gaveUp = vi.fn();
  const wait = new Settlement<string>(gaveUp);
  wait.resolve('early');
  wait.limit({ timeoutMs: 100, timeoutError, signal: AbortSignal.abort(reason) });
  wait.limit({ timeoutMs: 100, timeoutError });
  expect(vi.getTimerCount()).toBe(0);
  expect(gaveUp).not.toHaveBeenCalled();
  expect(await wait.promise).toBe('early');
});

test.each([0, undefined])('a time limit of %s is none', (timeoutMs) => {
  const { wait } = startWait({ timeoutMs });
  expect(vi.getTimerCount()).toBe(0);
  expect(wait.hasTimeFor(1e9)).toBe(true);
  vi.advanceTimersByTime(1e9);
  expect(wait.isSettled).toBe(false);
});

test('what takes as long as what is left does not fit any more', () => {
  const { wait } = startWait();
  vi.advanceTimersByTime(40);
  expect(wait.hasTimeFor(59)).toBe(true);
  expect(wait.hasTimeFor(60)).toBe(false);
  vi.advanceTimersByTime(60);
  expect(wait.hasTimeFor(0)).toBe(false);
  wait.promise.catch(() => {});
});

test('a wait without limits settles like any other', async () => {
  const wait = new Settlement<number>();
  expect(wait.hasTimeFor(Number.MAX_SAFE_INTEGER)).toBe(true);
  wait.resolve(7);
  expect(await wait.promise).toBe(7);
});
