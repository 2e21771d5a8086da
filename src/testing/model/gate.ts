/**
 * A gate holds a scripted reply open at one point, so that a program can act in the middle of a turn
 * (interrupt it, steer it, kill the server) without waiting for time. A gate opens once and stays open;
 * a reply that is cut off while it waits at a gate leaves the gate as it is.
 */

/** A point in a scripted reply where the model waits until {@link Gate.open} is called. Made by {@link gate}. */
export class Gate {
  readonly type = 'gate';
  readonly #reached: Latch = new Latch();
  readonly #opened: Latch = new Latch();

  /** Whether the gate lets replies through. */
  get isOpen(): boolean {
    return this.#opened.isSet;
  }

  /** Settles when a reply has arrived at this gate for the first time; everything before the gate is sent then. */
  get reached(): Promise<void> {
    return this.#reached.promise;
  }

  /** Lets the reply that waits here go on, and all later ones through. Calling it again does nothing. */
  open(): void {
    this.#opened.set();
  }

  /**
   * Waits until the gate is open or `signal` fires, whichever comes first; it never rejects.
   * @internal
   */
  async pass(signal: AbortSignal): Promise<void> {
    this.#reached.set();
    if (this.isOpen || signal.aborted) return;
    const aborted = new Latch();
    const onAbort = () => aborted.set();
    signal.addEventListener('abort', onAbort, { once: true });
    await Promise.race([this.#opened.promise, aborted.promise]);
    signal.removeEventListener('abort', onAbort);
  }
}

/**
 * A new gate for a reply: as a step of its own, or between two pieces of `text`.
 *
 * @example
 * ```ts
 * const middle = gate();
 * provider.enqueue(text('first half, ', middle, 'second half'));
 * // ... start the turn ...
 * await middle.reached; // the first half is sent
 * middle.open();
 * ```
 */
export function gate(): Gate {
  return new Gate();
}

/** A promise that is settled from outside, once. */
class Latch {
  #settle: () => void = () => undefined;
  #isSet = false;
  readonly promise: Promise<void> = new Promise((resolve) => {
    this.#settle = resolve;
  });

  get isSet(): boolean {
    return this.#isSet;
  }

  set(): void {
    this.#isSet = true;
    this.#settle();
  }
}
