/**
 * Notices that a replay waits for a line that does not come. It has one timer, which is not set anew for each line. While
 * a line is waited for it keeps the program alive, as a real server does: a program that waits for a replay which waits
 * for it would end in silence otherwise. At other times it does not.
 */

/** What is watched. */
export interface Watched {
  /** How long a wait may be. Milliseconds; `Infinity` for as long as it takes. */
  readonly stallMs: number;
  /** Whether a line is waited for. */
  isWaiting(): boolean;
  /** Called once, when a wait was too long. */
  stalled(): void;
}

/** Watches over one replay. */
export class StallWatch {
  readonly #watched: Watched;
  #timer: NodeJS.Timeout | undefined;
  #touchedMs = 0;
  #isOver = false;

  constructor(watched: Watched) {
    this.#watched = watched;
  }

  /** Something came in or went out, and the replay is where it is now: the wait begins anew. */
  touch(): void {
    if (this.#isOver || this.#watched.stallMs === Number.POSITIVE_INFINITY) return;
    this.#touchedMs = performance.now();
    this.#timer ??= this.#lookIn(this.#watched.stallMs);
    if (this.#watched.isWaiting()) this.#timer.ref();
    else this.#timer.unref();
  }

  /** Nothing is watched any more. */
  end(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
  }

  #lookIn(ms: number): NodeJS.Timeout {
    return setTimeout(() => {
      this.#timer = undefined;
      // What begins to wait touches the watch, which then looks again.
      if (!this.#watched.isWaiting()) return;
      const restMs = this.#touchedMs + this.#watched.stallMs - performance.now();
      if (restMs > 0) this.#timer = this.#lookIn(restMs);
      else this.#watched.stalled();
    }, ms);
  }
}
