/** What the taps count. A type alone. */

/** Counters of the taps, for `stats()`. */
export interface TapStats {
  /** How many are open: of messages, of lines, and followers of threads. */
  readonly open: number;
  /** What the readers of taps were too slow for, messages and lines, over all taps so far. */
  readonly missed: number;
}
