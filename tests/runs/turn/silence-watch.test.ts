/** When a silence is noticed, on a clock that the test moves. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { SilenceWatch } from '../../../src/runs/turn/silence-watch.js';
import { IDLE_STATUS_GRACE_MS } from '../../../src/support/defaults.js';

const LIMIT_MS = 60_000;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A watch, and when it asked. */
function watched(asking: () => Promise<void> = async () => {}) {
  const fromMs = performance.now();
  const askedAtMs: number[] = [];
  const watch = new SilenceWatch(LIMIT_MS, () => {
    askedAtMs.push(performance.now() - fromMs);
    return asking();
  });
  return { watch, askedAtMs };
}

describe('a silence watch', () => {
  test('asks after the limit, and again after each further silence', async () => {
    const { watch, askedAtMs } = watched();
    await vi.advanceTimersByTimeAsync(3 * LIMIT_MS);
    expect(askedAtMs).toEqual([LIMIT_MS, 2 * LIMIT_MS, 3 * LIMIT_MS]);
    watch.stop();
  });

  test('counts from the last activity', async () => {
    const { watch, askedAtMs } = watched();
    await vi.advanceTimersByTimeAsync(LIMIT_MS - 1);
    watch.noteActivity();
    await vi.advanceTimersByTimeAsync(LIMIT_MS - 1);
    expect(askedAtMs).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(askedAtMs).toEqual([2 * LIMIT_MS - 1]);
    watch.stop();
  });

  test('asks soon when the end is expected, unless something happens', async () => {
    const { watch, askedAtMs } = watched();
    watch.expectEnd();
    await vi.advanceTimersByTimeAsync(IDLE_STATUS_GRACE_MS);
    expect(askedAtMs).toEqual([IDLE_STATUS_GRACE_MS]);
    watch.expectEnd();
    watch.noteActivity();
    await vi.advanceTimersByTimeAsync(LIMIT_MS - 1);
    expect(askedAtMs).toHaveLength(1);
    watch.stop();
  });

  test('asks no later than after the limit when the end is expected', async () => {
    const askedAtMs: number[] = [];
    const fromMs = performance.now();
    const watch = new SilenceWatch(IDLE_STATUS_GRACE_MS / 2, async () => {
      askedAtMs.push(performance.now() - fromMs);
    });
    watch.expectEnd();
    await vi.advanceTimersByTimeAsync(IDLE_STATUS_GRACE_MS / 2);
    expect(askedAtMs).toEqual([IDLE_STATUS_GRACE_MS / 2]);
    watch.stop();
  });

  test('has one timer, and looks no oftener than it has to', async () => {
    const { watch, askedAtMs } = watched();
    await vi.advanceTimersByTimeAsync(LIMIT_MS / 2);
    watch.noteActivity();
    await vi.advanceTimersToNextTimerAsync();
    expect(askedAtMs).toEqual([]);
    await vi.advanceTimersToNextTimerAsync();
    expect(askedAtMs).toEqual([1.5 * LIMIT_MS]);
    watch.expectEnd();
    expect(vi.getTimerCount()).toBe(1);
    watch.stop();
  });

  test('that is stopped while its question is under way asks no more', async () => {
    let answer = () => {};
    const { watch, askedAtMs } = watched(() => new Promise((resolve) => (answer = resolve)));
    await vi.advanceTimersByTimeAsync(LIMIT_MS);
    watch.stop();
    answer();
    await vi.advanceTimersByTimeAsync(2 * LIMIT_MS);
    expect([askedAtMs, vi.getTimerCount()]).toEqual([[LIMIT_MS], 0]);
  });

  test('asks one question at a time, and counts the next silence from its answer', async () => {
    let answer = () => {};
    const { watch, askedAtMs } = watched(() => new Promise((resolve) => (answer = resolve)));
    await vi.advanceTimersByTimeAsync(5 * LIMIT_MS);
    expect(askedAtMs).toEqual([LIMIT_MS]);
    answer();
    await vi.advanceTimersByTimeAsync(LIMIT_MS);
    expect(askedAtMs).toEqual([LIMIT_MS, 6 * LIMIT_MS]);
    watch.stop();
  });

  test('asks nothing once it is stopped, and leaves no timer', async () => {
    const { watch, askedAtMs } = watched();
    watch.stop();
    expect(vi.getTimerCount()).toBe(0);
    watch.expectEnd();
    await vi.advanceTimersByTimeAsync(2 * LIMIT_MS);
    expect(askedAtMs).toEqual([]);
  });
});
