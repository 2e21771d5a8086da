/** Many points, one after the other: which of them broke a law, and what happened in all of them. */
import { runAnyPoint } from './any-point.js';
import { type Counts, Tally } from './world/tally.js';

/** A point that broke a law. */
export interface BrokenPoint {
  readonly seed: number;
  readonly broken: readonly string[];
}

/** What many points came to. */
export interface PointsOutcome {
  readonly broken: readonly BrokenPoint[];
  readonly counts: Counts;
}

/** Runs the points from a seed on. */
export async function runPoints(
  from: number,
  count: number,
  progress: (done: number) => void = () => {},
): Promise<PointsOutcome> {
  const tally = new Tally();
  const broken: BrokenPoint[] = [];
  for (let seed = from; seed < from + count; seed += 1) {
    const outcome = await runAnyPoint(seed, { tally });
    if (outcome.broken.length > 0) broken.push({ seed, broken: outcome.broken });
    if ((seed - from) % PROGRESS_EVERY === PROGRESS_EVERY - 1) progress(PROGRESS_EVERY);
  }
  return { broken, counts: tally.counts };
}

const PROGRESS_EVERY = 250;
