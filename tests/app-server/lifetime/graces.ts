/**
 * Graces that pass when a test says so: it looks at a process for as long as it wants before the next step is taken.
 * Only the timers of this process are held; the children run as ever.
 */
import { afterEach, beforeEach, vi } from 'vitest';

/** The grace of servers under test. */
export const GRACE_MS = 10_000;

/** Holds the clock in each test of the file. */
export function holdGraces(): void {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });
}

/** Lets time pass: one grace, when nothing else is said. */
export async function passGrace(durationMs = GRACE_MS): Promise<void> {
  await vi.advanceTimersByTimeAsync(durationMs);
}

/** How many waits have begun that no exit and no grace has ended. */
export function waitsUnderWay(): number {
  return vi.getTimerCount();
}
