/**
 * Every flow against every tape of it, broken in every way that a generator of faults knows. A hang is a test that takes too
 * long.
 */
import { isDeepStrictEqual } from 'node:util';
import { everyCrash, everySplit, type FaultPlan, type Tape } from 'codex-async-client/testing';
import { describe, expect, test } from 'vitest';
import { sized } from '../helpers/sizes.js';
import { codesOf, type Replayed, replayFlow } from './replaying.js';
import { tapedFlows } from './tapes.js';

/** What a program came to, in a word: its outcome, the code that tells of the crash, or what is neither. */
function wordFor({ ending, report }: Replayed, outcome: unknown): string {
  if (report.mismatch !== undefined) return report.mismatch.message;
  if ('outcome' in ending)
    return isDeepStrictEqual(ending.outcome, outcome) ? 'whole' : JSON.stringify(ending.outcome);
  return codesOf(ending.failure).includes('CODEX_SERVER_CLOSED') ? 'told' : String(ending.failure);
}

/** One line in three; the first and the last are always there. */
const STRIDE = sized(1, 9);

/** Crashes after lines of a tape, from its beginning to its end. */
function crashesOf(tape: Tape): FaultPlan[] {
  const all = [...everyCrash(tape)];
  return all.filter((_, place) => place % STRIDE === 0 || place === all.length - 1);
}

describe('L9 L10 a server that crashes after any line of a tape', () => {
  test.each(tapedFlows())('$name: the program comes to its outcome, or is told', async ({ flow, tape }) => {
    const words: string[] = [];
    for (const faults of crashesOf(tape)) {
      const replayed = await replayFlow(flow, tape, { faults });
      expect(replayed.report.fired).toEqual(faults);
      words.push(wordFor(replayed, flow.outcome));
    }
    expect(words.filter((word) => word !== 'whole' && word !== 'told')).toEqual([]);
    // A server that is gone before it has said anything answers nobody; one that has said all has answered.
    expect([words[0], words.at(-1)]).toEqual(['told', 'whole']);
  });
});

describe('L19 a server that writes in pieces of any size', () => {
  test.each(tapedFlows())('$name: the program notices nothing', async ({ flow, tape }) => {
    for (const faults of everySplit(tape)) {
      const { ending, report } = await replayFlow(flow, tape, { faults });
      expect({ faults, ...ending }).toEqual({ faults, outcome: flow.outcome });
      expect([report.mismatch, report.unsent, report.unplayed]).toEqual([undefined, [], []]);
    }
  });
});
