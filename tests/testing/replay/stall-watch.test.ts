/** When a wait is too long, by a clock that the test moves. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { StallWatch } from '../../../src/testing/replay/stall-watch.js';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

function watch(stallMs: number) {
  const state = { waits: true, stalls: 0 };
  const watched = new StallWatch({
    stallMs,
    isWaiting: () => state.waits,
    stalled: () => {
      state.stalls += 1;
    },
  });
  return { state, watched };
}

it('tells once when nothing came for so long', () => {
  const { state, watched } = watch(100);
  watched.touch();
  vi.advanceTimersByTime(99);
  expect(state.stalls).toBe(0);
  vi.advanceTimersByTime(1);
  expect(state.stalls).toBe(1);
  vi.advanceTimersByTime(1_000);
  expect(state.stalls).toBe(1);
});

it('counts from the last that came, with one timer', () => {
  const { state, watched } = watch(100);
  for (let times = 0; times < 50; times += 1) {
    watched.touch();
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(60);
  }
  expect(state.stalls).toBe(0);
  vi.advanceTimersByTime(40);
  expect(state.stalls).toBe(1);
});

it('is silent while nothing is waited for, and looks again when something comes', () => {
  const { state, watched } = watch(100);
  state.waits = false;
  watched.touch();
  vi.advanceTimersByTime(500);
  expect([state.stalls, vi.getTimerCount()]).toEqual([0, 0]);
  state.waits = true;
  watched.touch();
  vi.advanceTimersByTime(100);
  expect(state.stalls).toBe(1);
});

it('ends with what it watches, and never begins when a wait may last', () => {
  const ended = watch(100);
  ended.watched.touch();
  ended.watched.end();
  ended.watched.touch();
  watch(Number.POSITIVE_INFINITY).watched.touch();
  expect(vi.getTimerCount()).toBe(0);
  vi.advanceTimersByTime(500);
  expect(ended.state.stalls).toBe(0);
});

it('keeps the program alive while a line is waited for, and at no other time', () => {
  vi.useRealTimers();
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  const before = timers();
  const { state, watched } = watch(60_000);
  watched.touch();
  expect(timers()).toBe(before + 1);
  state.waits = false;
  watched.touch();
  expect(timers()).toBe(before);
  state.waits = true;
  watched.touch();
  expect(timers()).toBe(before + 1);
  watched.end();
  expect(timers()).toBe(before);
});
