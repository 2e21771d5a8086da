/**
 * How many requests are out at once. p-queue orders them: first come, first served, and at most `concurrency`
 * hold a place. A place is taken when the request is sent and left when it is answered.
 *
 * The server queues 128 requests; past that it answers -32001, and it drops even that answer when its outgoing
 * queue is full as well. So what does not fit waits here, where nothing is dropped.
 */
import PQueue, { type Queue, type QueueAddOptions } from 'p-queue';
import { deferred } from '../deferred.js';

type Start = () => Promise<unknown>;

/** A place in the line or, later, in the window. */
export interface Place {
  /** Leaves the line, or frees the place. Idempotent. */
  leave(): void;
}

/** Orders requests and bounds how many are unanswered. */
export class RequestWindow {
  readonly #line = new WaitingLine();
  readonly #queue: PQueue<WaitingLine>;
  #entered = 0;

  constructor(maxInFlightRequests: number) {
    const line = this.#line;
    this.#queue = new PQueue({
      concurrency: maxInFlightRequests,
      // p-queue makes its line itself; this hands it the one that places can be removed from.
      queueClass: class extends WaitingLine {
        constructor() {
          super();
          // biome-ignore lint/correctness/noConstructorReturn: the one line is shared with the window on purpose
          return line;
        }
      },
    });
  }

  /** How many wait in line. */
  get waiting(): number {
    return this.#line.size;
  }

  /** Joins the line; `start` is called, at once or later, when a place is free. */
  enter(start: () => void): Place {
    const id = String(this.#entered);
    this.#entered += 1;
    const freed = deferred<void>();
    this.#queue.add(
      () => {
        start();
        return freed.promise;
      },
      { id },
    );
    return {
      leave: () => {
        this.#line.remove(id);
        freed.resolve();
      },
    };
  }
}

/**
 * First in, first out, with constant-time removal: p-queue's own line shifts and searches an array, which is
 * quadratic when 20,000 requests wait.
 */
class WaitingLine implements Queue<Start, QueueAddOptions> {
  readonly #waiting = new Map<string, Start>();
  #unnamed = 0;

  get size(): number {
    return this.#waiting.size;
  }

  enqueue(run: Start, options?: Partial<QueueAddOptions>): void {
    this.#waiting.set(options?.id ?? `unnamed ${this.#unnamed++}`, run);
  }

  dequeue(): Start | undefined {
    for (const [id, run] of this.#waiting) {
      this.#waiting.delete(id);
      return run;
    }
    return undefined;
  }

  filter(): Start[] {
    return [...this.#waiting.values()];
  }

  setPriority(): void {
    throw new Error('requests are served first come, first served; they have no priority');
  }

  remove(id: string): void {
    this.#waiting.delete(id);
  }
}
