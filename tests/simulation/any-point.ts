/** Which kind of point a seed is: over a tape, or over the small codex. */
import { type PointOptions, type PointOutcome, runPoint } from './point.js';
import { runTapePoint } from './tape-point.js';

/** One of so many points is played over a tape. */
const TAPE_EVERY = 20;

/** Runs the point of a seed. */
export function runAnyPoint(seed: number, options?: PointOptions): Promise<PointOutcome> {
  return seed % TAPE_EVERY === 0 ? runTapePoint(seed, options) : runPoint(seed, options);
}
