/**
 * When a pipe is read to its end although it never ends: its writer has exited, and a grandchild may hold it open for
 * ever. Then the end is a number of turns of the event loop in which nothing came.
 */

/** Turns of the event loop without a byte after which a pipe whose writer exited is empty. */
export const QUIET_TURNS = 10;

/** A pipe that somebody reads. */
export interface ReadPipe {
  /** Bytes read so far. */
  bytesRead(): number;
  /** The pipe said that it ended. */
  hasEnded(): boolean;
  /** Turns of the event loop without a byte after which it counts as empty. */
  readonly quietTurns: number;
  /** The most that is read from now on: only a grandchild can write more than pipes hold. */
  readonly maxBytes: number;
}

/** Settles when the pipe has ended, was quiet for `quietTurns`, or gave more than `maxBytes`. Never rejects. */
export async function untilQuiet({ bytesRead, hasEnded, quietTurns, maxBytes }: ReadPipe): Promise<void> {
  let seen = bytesRead();
  const limit = seen + maxBytes;
  for (let quiet = 0; quiet < quietTurns && !hasEnded() && seen < limit; quiet += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    if (bytesRead() !== seen) quiet = -1;
    seen = bytesRead();
  }
}
