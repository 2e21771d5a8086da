/**
 * One wait that settles once: by its answer, a failure, a time limit or an abort, whichever is first. Owns the timer and
 * the abort listener, and takes both down with the first outcome, so that nothing of a settled wait is left behind.
 */
import { watchAbort } from './abort-watch.js';
import { type Deferred, deferred } from './deferred.js';

/** What gives a wait up besides its own answer. */
export interface WaitLimits {
  /** Milliseconds from now; `0` or undefined for no limit. */
  readonly timeoutMs?: number | undefined;
  /** Makes the error of a wait that took longer than `timeoutMs`. */
  readonly timeoutError: (timeoutMs: number) => Error;
  /** Gives the wait up with `signal.reason`, at once when it has fired already. */
  readonly signal?: AbortSignal | undefined;
}

/** A wait that settles once. */
export class Settlement<T> {
  readonly #outcome: Deferred<T> = deferred<T>();
  readonly #gaveUp: ((reason: unknown) => void) | undefined;
  #isSettled = false;
  #deadline = Number.POSITIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  #unwatchAbort: (() => void) | undefined;

  /** @param gaveUp - called after a limit, or {@link Settlement.giveUp}, has settled the wait; it must not throw */
  constructor(gaveUp?: (reason: unknown) => void) {
    this.#gaveUp = gaveUp;
  }

  /** Settles with the first outcome. */
  get promise(): Promise<T> {
    return this.#outcome.promise;
  }

  /** The outcome is known. */
  get isSettled(): boolean {
    return this.#isSettled;
  }

  /** Starts the clock and watches the signal. Once a wait. */
  limit({ timeoutMs = 0, timeoutError, signal }: WaitLimits): void {
    if (this.#isSettled) return;
    if (signal?.aborted === true) {
      this.giveUp(signal.reason);
      return;
    }
    if (timeoutMs > 0) {
      this.#deadline = performance.now() + timeoutMs;
      this.#timer = setTimeout(() => this.giveUp(timeoutError(timeoutMs)), timeoutMs);
    }
    if (signal !== undefined) this.#unwatchAbort = watchAbort(signal, () => this.giveUp(signal.reason));
  }

  /** Whether something that takes this long still fits into the time limit. */
  hasTimeFor(durationMs: number): boolean {
    return performance.now() + durationMs < this.#deadline;
  }

  /** Settles the wait with its answer; false when it was settled before. */
  resolve(value: T): boolean {
    if (!this.#settle()) return false;
    this.#outcome.resolve(value);
    return true;
  }

  /** Settles the wait with a failure; false when it was settled before. */
  reject(reason: unknown): boolean {
    if (!this.#settle()) return false;
    this.#outcome.reject(reason);
    return true;
  }

  /** Settles the wait as a limit does. */
  giveUp(reason: unknown): void {
    if (this.reject(reason)) this.#gaveUp?.(reason);
  }

  /** Takes down what a subclass keeps for the wait; called once, before the promise settles. */
  protected settled(): void {}

  #settle(): boolean {
    if (this.#isSettled) return false;
    this.#isSettled = true;
    clearTimeout(this.#timer);
    this.#unwatchAbort?.();
    this.settled();
    return true;
  }
}
