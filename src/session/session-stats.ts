/** What a session counts, as `stats()` tells it. A type alone; each part is counted where it happens. */
import type { OutgoingStats } from '../wire/outgoing-text.js';
import type { RequestStats } from './requests/request-stats.js';
import type { FlowStats } from './streams/flow-stats.js';
import type { TapStats } from './taps/tap-stats.js';

/** Counters of a session. */
export interface SessionStats extends FlowStats {
  /** What became of the server's messages. */
  readonly messages: {
    /** Read off the wire and put into a stream. */
    readonly received: number;
    /** Handed to a reader, or to a run that is over and may be read later. */
    readonly delivered: number;
    /** Notifications that a main stream which nobody read gave up at `maxBytes`. */
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
  /** Text that waits to be sent; `buffer.maxOutgoingBytes` limits it. */
  readonly outgoing: OutgoingStats;
  /** Those who look on; see {@link AsyncClient.tap}. */
  readonly taps: TapStats;
  /** Lines on stdout that did not start with `{`. */
  readonly noiseLines: number;
}
