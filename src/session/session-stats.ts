/** What a session counts, as `stats()` tells it. Types alone; each part is counted where it happens. */

/** Counters of the flow, for `stats()`. */
export interface FlowStats {
  /** What is held unread over all streams, now and at most so far. */
  readonly held: {
    readonly messages: number;
    /** Bytes of message text. */
    readonly bytes: number;
    readonly peakMessages: number;
    readonly peakBytes: number;
  };
  /** How often, and for how long in all, reading was stopped because enough was held. */
  readonly paused: { readonly now: boolean; readonly times: number; readonly totalMs: number };
}

/** Counters of the requests, for `stats()`. */
export interface RequestStats {
  /** Sent and not answered. */
  readonly inFlight: number;
  /** In line for a place among those in flight. */
  readonly waiting: number;
  /** Sent again because the server was overloaded; counts each time. */
  readonly retried: number;
}

/** Counters of a session. */
export interface SessionStats extends FlowStats {
  /** What became of the server's messages. */
  readonly messages: {
    /** Read off the wire and put into a stream. */
    readonly received: number;
    /** Handed to a reader. */
    readonly delivered: number;
    /** Notifications that a main stream which nobody ever opened gave up at `maxBytes`. */
    readonly evicted: number;
    /** Unread notifications that were dropped when their filtered stream was released. */
    readonly discarded: number;
    /** Server requests that a standing answer answered; they reach no stream. */
    readonly standingAnswers: number;
  };
  /** The client's requests, and the server's own. */
  readonly requests: RequestStats & {
    /** Server requests that wait for an answer. */
    readonly unansweredByUs: number;
  };
  /** Lines on stdout that did not start with `{`. */
  readonly noiseLines: number;
}
