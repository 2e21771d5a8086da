/** What the requests count. A type alone, which users compile without the types of Node.js. */

/** Counters of the requests, for `stats()`. */
export interface RequestStats {
  /** Sent and not answered. */
  readonly inFlight: number;
  /** In line for a place among those in flight. */
  readonly waiting: number;
  /** Sent again because the server was overloaded; counts each time. */
  readonly retried: number;
}
