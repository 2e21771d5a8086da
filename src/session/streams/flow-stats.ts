/** What the flow counts. A type alone, which users compile without the types of Node.js. */

/** Counters of the flow, for `stats()`. */
export interface FlowStats {
  /** What is held unread over all streams, now and at most so far. */
  readonly held: {
    readonly messages: number;
    /** Bytes of message text, or what a message of many small values is estimated to take in memory. */
    readonly bytes: number;
    readonly peakMessages: number;
    readonly peakBytes: number;
  };
  /** How often, and for how long in all, reading was stopped because enough was held. */
  readonly paused: { readonly now: boolean; readonly times: number; readonly totalMs: number };
}
