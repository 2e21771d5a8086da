/**
 * One turn at a time on each thread, any number of threads side by side. A `turn/start` during a turn would
 * steer that turn instead of starting one, so turns of a thread wait in a p-queue of their own.
 */
import PQueue from 'p-queue';

/** The queues of turns, by thread. */
export class TurnQueues {
  readonly #queues = new Map<string, PQueue>();

  /** Runs `turn` when the thread's earlier turns are over; the thread's queue goes on when it settles. */
  enter(threadId: string, turn: () => Promise<void>): void {
    const queue = this.#queues.get(threadId) ?? this.#begin(threadId);
    queue.add(turn);
  }

  /** A queue lasts until it is empty: one forgotten while a turn runs would let a second turn begin beside it. */
  #begin(threadId: string): PQueue {
    const queue = new PQueue({ concurrency: 1 });
    this.#queues.set(threadId, queue);
    queue.on('idle', () => this.#queues.delete(threadId));
    return queue;
  }
}
