/**
 * Notices that a replay waits for a line that does not come. It has one timer, which is not set anew for each line, and
 * which keeps no program alive.
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

  /** Something came in or went out: the wait begins anew. */
  touch(): void {
    if (this.#isOver || this.#watched.stallMs === Number.POSITIVE_INFINITY) return;
    this.#touchedMs = performance.now();
    if (this.#timer === undefined) this.#look(this.#watched.stallMs);
  }

  /** Nothing is watched any more. */
  end(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
  }

  #look(inMs: number): void {
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      // What begins to wait touches the watch, which then looks again.
      if (!this.#watched.isWaiting()) return;
      const restMs = this.#touchedMs + this.#watched.stallMs - performance.now();
      if (restMs > 0) this.#look(restMs);
      else this.#watched.stalled();
    }, inMs);
    this.#timer.unref();
  }
}
