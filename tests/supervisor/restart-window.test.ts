/** When a server is started anew, and when that is given up. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RestartWindow } from '../../src/supervisor/restart-window.js';

const LIMITS = { maxRestarts: 5, withinMs: 60_000, firstDelayMs: 0 };

function delays(window: RestartWindow, times: readonly number[]): (number | undefined)[] {
  return times.map((time) => window.next(time));
}

describe('the delay of a restart', () => {
  test('the first is at once, then each waits twice as long, and after five it is given up', () => {
    const window = new RestartWindow(LIMITS);
    expect(delays(window, [0, 0, 0, 0, 0, 0])).toEqual([0, 250, 500, 1_000, 2_000, undefined]);
  });

  test('what is longer ago than the window does not count', () => {
    const window = new RestartWindow({ ...LIMITS, maxRestarts: 2 });
    expect(delays(window, [0, 59_000, 60_001, 119_300, 119_300])).toEqual([0, 250, 250, 250, undefined]);
  });

  test('none waits for less than the first', () => {
    const window = new RestartWindow({ ...LIMITS, firstDelayMs: 400 });
    expect(delays(window, [0, 0, 0])).toEqual([400, 400, 500]);
  });

  test('no restart at all is made where none may be', () => {
    expect(new RestartWindow({ ...LIMITS, maxRestarts: 0 }).next(0)).toBeUndefined();
  });

  test('without an end a server that keeps ending is tried every 8 to 10 seconds, however long', () => {
    const window = new RestartWindow({ ...LIMITS, maxRestarts: Number.POSITIVE_INFINITY });
    let now = 0;
    const delaysMs = Array.from({ length: 2_000 }, () => {
      const delayMs = window.next(now) ?? Number.NaN;
      now += delayMs;
      return delayMs;
    });
    for (const delayMs of delaysMs.slice(-100)) {
      expect(delayMs).toBeGreaterThanOrEqual(8_000);
      expect(delayMs).toBeLessThanOrEqual(10_000);
    }
  });

  test('within any window there are never more than may be', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(40_000), { maxLength: 60 }),
        fc.integer({ min: 1, max: 6 }),
        (gaps, maxRestarts) => {
          const window = new RestartWindow({ maxRestarts, withinMs: 60_000, firstDelayMs: 0 });
          let now = 0;
          const made: number[] = [];
          for (const gap of gaps) {
            now += gap;
            const delayMs = window.next(now);
            if (delayMs === undefined) continue;
            now += delayMs;
            made.push(now);
            expect(made.filter((time) => time > now - 60_000).length).toBeLessThanOrEqual(maxRestarts);
          }
        },
      ),
    );
  });
});
