/**
 * The turns that a supervisor's own runs have left to the queues of servers, by the ids of their messages. A thread in whose queue
 * nothing else waits may be resumed: the calls that made the runs were the consent to what those spend.
 */

/** The keys of queued turns that are on their way, by thread. */
export class QueuedKeys {
  readonly #keys = new Map<string, Set<string>>();

  /** A run waits for its turn from now on. */
  add(threadId: string, key: string): void {
    const keys = this.#keys.get(threadId) ?? new Set<string>();
    this.#keys.set(threadId, keys.add(key));
  }

  /** The run is over. */
  delete(threadId: string, key: string): void {
    const keys = this.#keys.get(threadId);
    keys?.delete(key);
    if (keys?.size === 0) this.#keys.delete(threadId);
  }

  /** The keys of the turns for which runs of ours wait now. */
  of(threadId: string): ReadonlySet<string> {
    return new Set(this.#keys.get(threadId));
  }
}
