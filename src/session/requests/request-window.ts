/**
 * How many requests are out at once. Owns the slots and the queue of those that wait for one: first come, first served.
 * A slot is taken when a request is sent and left when it is answered.
 *
 * The server queues 128 requests; past that it answers -32001, and it drops even that answer when its outgoing
 * queue is full as well. So what does not fit waits here, where nothing is dropped.
 */

/** A place in the queue or, later, in the window. */
export interface Slot {
  /** Leaves the queue, or frees the slot. Idempotent. */
  leave(): void;
}

/** Orders requests and bounds how many are unanswered. */
export class RequestWindow {
  readonly #slots: number;
  /** By arrival. A set, because those who give up leave from the middle of what may be thousands. */
  readonly #queue = new Set<Waiter>();
  #taken = 0;
  #kept = 0;

  constructor(slots: number) {
    this.#slots = slots;
  }

  /** How many wait for a slot. */
  get waiting(): number {
    return this.#queue.size;
  }

  /** Joins the queue; `start` is called when a slot is free: at once when one is, later otherwise. */
  enter(start: () => void): Slot {
    const waiter = new Waiter(this, start);
    if (this.#taken < this.#slots) {
      this.#taken += 1;
      waiter.start();
    } else this.#queue.add(waiter);
    return waiter;
  }

  /**
   * A slot is to stay taken although its request was given up. False when it is the last one that is free for others:
   * somebody has to be the later request whose answer frees the slots that were kept.
   */
  keepSlot(): boolean {
    if (this.#kept >= this.#slots - 1) return false;
    this.#kept += 1;
    return true;
  }

  /** A slot that was kept is left. */
  unkeepSlot(): void {
    this.#kept -= 1;
  }

  /** Takes somebody out of the queue. */
  forget(waiter: Waiter): void {
    this.#queue.delete(waiter);
  }

  /**
   * A slot was left: whoever is first in the queue has it, a microtask later. Until then it counts as taken, and the
   * one who left it has finished: a request that is given up is on record as unanswered before the next one goes out,
   * on which it rests that never more than two windows are unanswered.
   */
  slotLeft(): void {
    queueMicrotask(() => {
      const [first] = this.#queue;
      if (first === undefined) {
        this.#taken -= 1;
        return;
      }
      this.#queue.delete(first);
      first.start();
    });
  }
}

const Queued = 0;
const Started = 1;
const Gone = 2;

/** Somebody in the queue or, later, in the window. One object, since thousands may wait. */
class Waiter implements Slot {
  readonly #window: RequestWindow;
  /** Undefined once it was called: what a slot that stays taken was for is not kept. */
  #start: (() => void) | undefined;
  #state = Queued;

  constructor(window: RequestWindow, start: () => void) {
    this.#window = window;
    this.#start = start;
  }

  start(): void {
    this.#state = Started;
    const start = this.#start;
    this.#start = undefined;
    start?.();
  }

  leave(): void {
    if (this.#state === Queued) this.#window.forget(this);
    if (this.#state === Started) this.#window.slotLeft();
    this.#state = Gone;
  }
}
