/** Plans of faults by the dozen: the same thing going wrong in every place of a tape. */
import { Buffer } from 'node:buffer';
import type { Tape } from '../tapes/tape.js';
import type { FaultPlan } from './faults.js';
import { scriptOf } from './replay-script.js';
import { tapeGiven } from './tape-replay.js';

/**
 * One byte cuts in every place; up to four, in every place of a character. The others are prime numbers around the sizes
 * of words, lines and what pipes hold, so that their cuts wander through the lines.
 */
const SPLIT_BYTES = [1, 2, 3, 4, 7, 13, 61, 251, 1_021, 4_093, 16_381, 65_521];

/**
 * For each line of the tape a plan in which the server is gone after it: from line 1, the header, where it is gone before
 * anything was said, to the last line of the conversation. Lines that a replay leaves out have none: answers to what was
 * asked before the recording began.
 *
 * ```ts
 * for (const faults of everyCrash('tapes/one-turn.jsonl')) {
 *   await using client = AsyncClient.attach(replayTape('tapes/one-turn.jsonl', { faults }));
 *   await client.initialize().catch(() => console.log('gone in the handshake'));
 * }
 * ```
 *
 * @throws InvalidArgumentError when the tape cannot be read or misses lines
 */
export function* everyCrash(tape: string | Tape): Generator<FaultPlan, void, undefined> {
  const { lines } = scriptOf(tapeGiven(tape));
  for (const afterLine of [1, ...lines.map(({ line }) => line.line)]) yield [{ fault: 'crash', afterLine }];
}

/**
 * Plans in which what the server writes comes in pieces: of 1, 2, 3 and 4 bytes, so that every place is cut, inside
 * characters too, and of sizes up to what a pipe holds, as long as the tape has as much to cut.
 *
 * @throws InvalidArgumentError when the tape cannot be read or misses lines
 */
export function* everySplit(tape: string | Tape): Generator<FaultPlan, void, undefined> {
  const { lines } = scriptOf(tapeGiven(tape));
  const received = lines.filter(({ line }) => line.kind === 'received');
  const total = received.reduce((sum, { line }) => sum + Buffer.byteLength(JSON.stringify(line.message)), 0);
  for (const bytes of SPLIT_BYTES) if (bytes < total) yield [{ fault: 'split', bytes }];
}
