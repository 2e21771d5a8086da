/**
 * One turn at a time on each thread, any number of threads side by side. A `turn/start` during a turn would
 * steer that turn instead of starting one, so turns of a thread wait in a p-queue of their own.
 */
import PQueue from 'p-queue';

/** The lines of turns, by thread. */
export class TurnLines {
  readonly #lines = new Map<string, PQueue>();

  /** How many threads have a turn in their line. */
  get size(): number {
    return this.#lines.size;
  }

  /** Runs `turn` when the thread's earlier turns are over; the thread's line goes on when it settles. */
  enter(threadId: string, turn: () => Promise<void>): void {
    const line = this.#lines.get(threadId) ?? this.#begin(threadId);
    line.add(turn);
  }

  /** A line lasts until it is empty: one that were forgotten while a turn runs would let a second one begin beside it. */
  #begin(threadId: string): PQueue {
    const line = new PQueue({ concurrency: 1 });
    this.#lines.set(threadId, line);
    line.on('idle', () => this.#lines.delete(threadId));
    return line;
  }
}
