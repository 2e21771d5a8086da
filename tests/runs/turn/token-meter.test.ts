/** What a run has spent, by what the server tells of its threads. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ThreadTokenUsage } from '../../../src/protocol/generated.js';
import { TokenMeter } from '../../../src/runs/turn/token-meter.js';

/** The counts that are looked at. */
const usage = (last: number, total: number): ThreadTokenUsage =>
  ({ last: { totalTokens: last }, total: { totalTokens: total }, modelContextWindow: null }) as never;

describe('a meter', () => {
  test('counts each call of a thread that tells for the first time', () => {
    const meter = new TokenMeter();
    meter.spent('t', usage(110, 110), undefined);
    meter.spent('t', usage(50, 160), 110);
    expect(meter.spentTokens).toBe(160);
  });

  test('does not count what the thread had used before', () => {
    const meter = new TokenMeter();
    meter.spent('t', usage(10, 1_010), 1_000);
    expect(meter.spentTokens).toBe(10);
  });

  test('counts the last call alone where that is not known', () => {
    const meter = new TokenMeter();
    meter.spent('t', usage(10, 1_010), undefined);
    expect(meter.spentTokens).toBe(10);
  });

  test('goes on from a history that was cut', () => {
    const meter = new TokenMeter();
    meter.spent('t', usage(10, 110), 100);
    meter.spent('t', usage(5, 45), 110);
    meter.spent('t', usage(5, 50), 45);
    expect(meter.spentTokens).toBe(15);
  });

  test('forgets what was another’s, and not what the thread has used', () => {
    const meter = new TokenMeter();
    meter.spent('t', usage(10, 10), undefined);
    meter.restart();
    meter.spent('t', usage(5, 15), 10);
    expect(meter.spentTokens).toBe(5);
  });
});

/** What the server does with a thread: a model call, or it tells again, or what is left of the context after a compaction. */
interface Step {
  readonly thread: number;
  readonly is: 'call' | 'repeat' | 'estimate';
  readonly tokens: number;
  readonly isOurs: boolean;
}

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    thread: fc.nat(2),
    is: fc.constantFrom('call', 'repeat', 'estimate'),
    tokens: fc.integer({ min: 1, max: 100_000 }),
    isOurs: fc.boolean(),
  }),
);

test('it counts every call of ours once and nothing else, whatever is repeated, estimated or another’s', () => {
  fc.assert(
    fc.property(fc.tuple(fc.nat(), fc.nat(), fc.nat()), steps, (before, taken) => {
      const meter = new TokenMeter();
      const totals = [...before];
      const lasts = [0, 0, 0];
      let expected = 0;
      for (const { thread, is, tokens, isOurs } of taken) {
        const known = totals[thread] ?? 0;
        if (is !== 'repeat') lasts[thread] = tokens;
        if (is === 'call') totals[thread] = known + tokens;
        const told = usage(lasts[thread] ?? 0, totals[thread] ?? 0);
        if (isOurs) meter.spent(`${thread}`, told, known);
        else meter.passed(`${thread}`, told.total.totalTokens);
        if (isOurs && is === 'call') expected += tokens;
      }
      expect(meter.spentTokens).toBe(expected);
    }),
  );
});
