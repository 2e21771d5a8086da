/** What a session counts, as `stats()` tells it. A type alone; each part is counted where it happens. */
import type { OutgoingStats } from '../wire/outgoing-text.js';
import type { RequestStats } from './requests/request-stats.js';
import type { FlowStats } from './streams/flow-stats.js';
import type { StreamStats } from './streams/stream-stats.js';
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
    /** Notifications that a stream which was cut had no room for; its reader is told. */
    readonly missed: number;
    /** Notifications that were merged into an unread one, or took its place, on a stream that coalesces. */
    readonly coalesced: number;
    /** Server requests that a standing answer answered; they reach no stream. */
    readonly standingAnswers: number;
  };
  /** How often a stream was cut: its reader lagged, and what came was not held any more. */
  readonly cuts: number;
  /** What each open stream holds: the main stream, then filtered streams and runs, the oldest first. */
  readonly streams: readonly StreamStats[];
  /** The client's requests, and the server's own. */
  readonly requests: RequestStats & {
    /** Server requests that wait for an answer. */
    readonly unansweredByUs: number;
  };
  /** Text that waits to be sent; `buffer.maxOutgoingBytes` limits it. */
  readonly outgoing: OutgoingStats;
  /** Those who look on; see `AsyncClient.tap`. */
  readonly taps: TapStats;
  /** Lines on stdout that did not start with `{`. */
  readonly noiseLines: number;
}
