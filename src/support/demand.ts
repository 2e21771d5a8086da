/**
 * Who waits for the pipe to be read: a pending request, a write that the server does not take, a reader of an empty
 * stream, a run whose end somebody awaits. Types alone; the flow keeps count and decides.
 */

/** Somebody who waits. */
export interface Demand {
  /** There is no room to read what it waits for; it waits no more, and nothing that is held is lost. */
  fail(error: Error): void;
}

/** Those who wait. */
export interface Demands {
  /** Waits from now on. A second call for the same demand changes nothing. */
  enter(demand: Demand): void;
  /** Waits no more. */
  leave(demand: Demand): void;
}
