/** Which kind of point a seed is: of lives, over a tape, or over the small codex. */
import { runOutlivingPoint } from './outliving-point.js';
import { type PointOptions, type PointOutcome, runPoint } from './point.js';
import { runTapePoint } from './tape-point.js';

/** One of so many points is played over a tape. */
const TAPE_EVERY = 20;
/** And so many are of clients that outlive their servers. */
const LIVES_EVERY = 20;
const LIVES_AT = 5;

/** Runs the point of a seed. */
export function runAnyPoint(seed: number, options?: PointOptions): Promise<PointOutcome> {
  if (seed % LIVES_EVERY === LIVES_AT) return runOutlivingPoint(seed, options);
  return seed % TAPE_EVERY === 0 ? runTapePoint(seed, options) : runPoint(seed, options);
}
