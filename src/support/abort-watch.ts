/**
 * One listener for each abort signal, however many calls share it: Node.js warns of a leak at eleven, and takes
 * a listener away in time linear in their number. Owns nothing of the calls.
 */

/** Those who wait, by signal. */
const watches = new WeakMap<AbortSignal, AbortWatch>();

/** Calls `aborted` when the signal fires, once; gives back what undoes that. */
export function watchAbort(signal: AbortSignal, aborted: () => void): () => void {
  let watch = watches.get(signal);
  if (watch === undefined) {
    watch = new AbortWatch(signal);
    watches.set(signal, watch);
  }
  return watch.add(aborted);
}

/** Those who wait for one signal, in the order they came. */
class AbortWatch {
  readonly #signal: AbortSignal;
  readonly #waiting = new Set<{ readonly aborted: () => void }>();
  readonly #fire = (): void => {
    for (const waiter of [...this.#waiting]) if (this.#waiting.delete(waiter)) waiter.aborted();
  };

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  add(aborted: () => void): () => void {
    const waiter = { aborted };
    if (this.#waiting.size === 0) this.#signal.addEventListener('abort', this.#fire, { once: true });
    this.#waiting.add(waiter);
    return () => {
      if (this.#waiting.delete(waiter) && this.#waiting.size === 0)
        this.#signal.removeEventListener('abort', this.#fire);
    };
  }
}
