/**
 * How many requests are out at once. Owns the line of those that wait: first come, first served. A place is taken
 * when a request is sent and left when it is answered; p-queue keeps at most so many places open.
 *
 * The server queues 128 requests; past that it answers -32001, and it drops even that answer when its outgoing
 * queue is full as well. So what does not fit waits here, where nothing is dropped.
 */
import PQueue from 'p-queue';

/** A place in the line or, later, in the window. */
export interface Place {
  /** Leaves the line, or frees the place. Idempotent. */
  leave(): void;
}

/** Orders requests and bounds how many are unanswered. */
export class RequestWindow {
  readonly #maxPlaces: number;
  readonly #places: PQueue;
  /** By arrival. A set, because those who give up leave from the middle of what may be thousands. */
  readonly #line = new Set<Visitor>();
  #openPlaces = 0;

  constructor(maxInFlightRequests: number) {
    this.#maxPlaces = maxInFlightRequests;
    this.#places = new PQueue({ concurrency: maxInFlightRequests });
  }

  /** How many wait in line. */
  get waiting(): number {
    return this.#line.size;
  }

  /** Joins the line; `start` is called, at once or later, when a place is free. */
  enter(start: () => void): Place {
    const visitor = new Visitor(this.#line, start);
    this.#line.add(visitor);
    if (this.#openPlaces < this.#maxPlaces) {
      this.#openPlaces += 1;
      this.#places.add(() => this.#serve());
    }
    return visitor;
  }

  /**
   * One place: it serves whoever is first in line, again and again until nobody waits. A task of p-queue for each
   * place, rather than for each request, because a task costs as much as all the rest of a request.
   */
  async #serve(): Promise<void> {
    for (const first of this.#line) {
      this.#line.delete(first);
      await first.visit();
    }
    this.#openPlaces -= 1;
  }
}

/** Somebody in line or, later, in the window. One object, since thousands may wait. */
class Visitor implements Place {
  readonly #line: Set<Visitor>;
  readonly #start: () => void;
  #freePlace: (() => void) | undefined;

  constructor(line: Set<Visitor>, start: () => void) {
    this.#line = line;
    this.#start = start;
  }

  /** Starts, and settles when the place is left, which can be while it starts. */
  visit(): Promise<void> {
    return new Promise((freePlace) => {
      this.#freePlace = freePlace;
      this.#start();
    });
  }

  leave(): void {
    this.#line.delete(this);
    this.#freePlace?.();
  }
}
