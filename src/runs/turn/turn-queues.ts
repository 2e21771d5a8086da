/**
 * The lines of turns: on each thread turns start in the order in which they were asked for, any number of threads side by
 * side. A `turn/start` during a turn would steer that turn instead of starting one, so a turn waits for the end of those
 * before it; one that is left to the server's own queue waits only until the server has taken those.
 */
import PQueue from 'p-queue';

/** The line of one thread. */
interface Line {
  /** Lets one after another start: a place is free again when its turn has begun, or is over. */
  readonly starts: PQueue;
  /** The turns that have started and are not over. */
  readonly running: Set<Promise<void>>;
}

/** The lines, by thread. */
export class TurnQueues {
  readonly #lines = new Map<string, Line>();

  /**
   * Runs `turn` when the thread's earlier turns are over; settles when it is.
   * @param begun - settles when those behind it that do not wait for its end may start: it has begun, or is over, also before
   * its place has come; without it they wait for its end
   */
  enter(threadId: string, turn: () => Promise<void>, begun?: Promise<unknown>): void {
    const line = this.#lineOf(threadId);
    line.starts.add(async () => {
      const earlier = Promise.all(line.running);
      if (line.running.size > 0) await (begun === undefined ? earlier : Promise.race([earlier, begun]));
      await this.#start(threadId, turn, begun);
    });
  }

  /** Runs `turn` as soon as the thread's earlier turns have begun; those that are entered later wait for its end. */
  enterBeside(threadId: string, turn: () => Promise<void>, begun: Promise<unknown>): void {
    this.#lineOf(threadId).starts.add(() => this.#start(threadId, turn, begun));
  }

  async #start(threadId: string, turn: () => Promise<void>, begun: Promise<unknown> | undefined) {
    const { running } = this.#lineOf(threadId);
    const over: Promise<void> = turn().then(() => {
      running.delete(over);
      this.#forgetEmpty(threadId);
    });
    running.add(over);
    await (begun === undefined ? over : Promise.race([over, begun]));
  }

  #lineOf(threadId: string): Line {
    const known = this.#lines.get(threadId);
    if (known !== undefined) return known;
    const line = { starts: new PQueue({ concurrency: 1 }), running: new Set<Promise<void>>() };
    this.#lines.set(threadId, line);
    line.starts.on('idle', () => this.#forgetEmpty(threadId));
    return line;
  }

  /** A line lasts until it is empty: one forgotten while a turn runs would let a second turn begin beside it. */
  #forgetEmpty(threadId: string): void {
    const line = this.#lines.get(threadId);
    if (line === undefined || line.running.size + line.starts.size + line.starts.pending > 0) return;
    this.#lines.delete(threadId);
  }
}
