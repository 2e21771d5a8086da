/**
 * The tokens that a run has spent, its sub-agents' included. Owns what each thread had used when it was told last: spent is
 * what the thread's total has grown by since the run began.
 *
 * The sum of what each message calls its `last` call is not that: around a compaction and at an interruption the server
 * repeats the last values, and after a compaction `last` is an estimate of the context that is left, with the total unchanged.
 */
import type { ThreadTokenUsage } from '../../protocol/generated.js';

/** Counts tokens. */
export class TokenMeter {
  readonly #totals = new Map<string, number>();
  #spentTokens = 0;

  /** The tokens spent so far. */
  get spentTokens(): number {
    return this.#spentTokens;
  }

  /**
   * The run's own work on the thread was told.
   * @param before - the thread's total as this connection knew it before the message; undefined when it was never told.
   * Then the last call is all that is counted: what came before it may be older than the run.
   */
  spent(threadId: string, { total, last }: ThreadTokenUsage, before: number | undefined): void {
    const known = this.#totals.get(threadId) ?? before;
    const grown =
      known === undefined ? Math.min(last.totalTokens, total.totalTokens) : total.totalTokens - known;
    // A total that shrank is that of a history which was cut.
    this.#spentTokens += Math.max(0, grown);
    this.passed(threadId, total.totalTokens);
  }

  /** The thread's total was told, and what it grew by is another's work. */
  passed(threadId: string, total: number): void {
    this.#totals.set(threadId, total);
  }

  /** Forgets what was spent: it was another's. The totals are the threads', and stay. */
  restart(): void {
    this.#spentTokens = 0;
  }
}
