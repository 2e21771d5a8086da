/**
 * Any interleaving of server output in any chunking, reads that may give up, requests of every fate, answers, writes to
 * a server that may not read, and streams that open and close. fast-check prints the seed of a run that fails.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { expectFairOutcome } from './interleaving-outcomes.js';
import { Scenario } from './interleaving-scenario.js';
import { anyLimits, anyStep, type Limits, pausingLimits, type Step } from './interleaving-steps.js';

/** A run that hangs is a failure; this only bounds how long it takes to be told. */
const HANG_MS = 20_000;
/** `tests/long` looks at many more. */
const RUNS = Number(process.env['INTERLEAVING_RUNS'] ?? 200);

async function holdsFor(
  steps: fc.Arbitrary<Step>,
  judge: (scenario: Scenario, steps: readonly Step[]) => void,
  limits: fc.Arbitrary<Limits> = anyLimits,
): Promise<void> {
  const property = fc.asyncProperty(
    limits,
    fc.array(steps, { maxLength: 40, size: 'max' }),
    async (given, run) => {
      const scenario = new Scenario(given);
      await scenario.run(run);
      judge(scenario, run);
    },
  );
  await fc.assert(property, { numRuns: RUNS, timeout: HANG_MS });
}

function expectLossless({ server, sent, handed }: Scenario): void {
  const { received, delivered, evicted, discarded, missed } = server.client.stats().messages;
  expect(received).toBe(sent.length);
  expect(delivered).toBe(handed.length);
  expect(new Set(handed).size).toBe(handed.length);
  const missing = sent.filter((_, n) => !handed.includes(n));
  expect(missing.filter(({ kind }) => kind === 'request')).toEqual([]);
  expect(missing).toHaveLength(evicted + discarded + missed);
  expect(server.client.stats().held).toMatchObject({ messages: 0, bytes: 0 });
}

describe('any interleaving', () => {
  test('L1 hands every message to one stream, once, and accounts for every notification that was given up', () =>
    holdsFor(anyStep(false), (scenario) => {
      expectLossless(scenario);
      const { evicted, discarded } = scenario.server.client.stats().messages;
      if (scenario.limits.opensMain) expect(evicted).toBe(0);
      if (scenario.closedStreams === 0) expect(discarded).toBe(0);
    }));

  test('L5 tells every notification that was missed once, to the reader of the stream that missed it', () =>
    holdsFor(
      anyStep(true)
        .filter(({ do: name }) => name !== 'close')
        .map((step) => (step.do === 'send' ? { ...step, cuts: [], inOwnTurn: true } : step)),
      ({ server, toldMissed }) => {
        const { evicted, missed } = server.client.stats().messages;
        expect(toldMissed).toBe(evicted + missed);
      },
    ));

  test('L1 keeps wire order within every stream', () =>
    holdsFor(anyStep(false), ({ server, streams, sent, closedStreams }) => {
      // Only a stream that closes or is cut hands server requests to one that may be past their place.
      const staysInPlace = closedStreams + server.client.stats().cuts === 0;
      for (const { handed } of streams) {
        const ordered = handed.filter((n) => staysInPlace || sent[n]?.kind === 'notification');
        expect(ordered).toEqual([...ordered].sort((a, b) => a - b));
      }
    }));

  test('L2 L7 L10 settles every request with its own answer, and before what followed it is handed out', () =>
    holdsFor(anyStep(false), (scenario) => {
      for (const call of scenario.calls) expectFairOutcome(call, scenario.mayHaveFilled);
      const gaveUp = scenario.calls.some(({ isAborted }) => isAborted) || scenario.mayHaveFilled;
      if (!gaveUp) expect(scenario.mostUnanswered).toBeLessThanOrEqual(scenario.limits.maxInFlightRequests);
    }));

  test('L4 L5 holds no more than maxBytes and what one read carried, whatever is demanded', () =>
    holdsFor(
      anyStep(false),
      ({ server, limits, largestChunkBytes, longestLineBytes }) => {
        const bound = limits.maxBytes + largestChunkBytes + longestLineBytes;
        expect(server.client.stats().held.peakBytes).toBeLessThanOrEqual(bound);
      },
      pausingLimits,
    ));

  test('L3 without demand holds no more than highWaterMark and what one read carried', () =>
    holdsFor(
      anyStep(false).filter(({ do: name }) => ['send', 'open', 'close', 'turn', 'jitter'].includes(name)),
      ({ peakBeforeDraining, limits }, steps) => {
        const mostInOneRead = Math.max(
          0,
          ...steps.map((step) => (step.do === 'send' ? step.items.length : 0)),
        );
        expect(peakBeforeDraining).toBeLessThanOrEqual(limits.highWaterMark - 1 + mostInOneRead);
      },
      pausingLimits,
    ));

  test('L8 writes notifications and answers in the order of the calls, each once', () =>
    holdsFor(anyStep(false), ({ server, written }) => {
      const numbers = server.received.flatMap(({ id, method, params, result }) =>
        method === 'initialized' ? [params?.['n']] : id !== undefined && method === undefined ? [result] : [],
      );
      expect(numbers.map((n) => (typeof n === 'object' ? Reflect.get(n ?? {}, 'n') : n))).toEqual(written);
    }));

  test('L9 L10 hands out all that was received and settles everything when the server goes at any point', () =>
    holdsFor(anyStep(true), (scenario) => {
      expectLossless(scenario);
      for (const call of scenario.calls) expectFairOutcome(call, scenario.mayHaveFilled);
    }));
});
