/** The waits of a server that is played, one at a time: turns of the event loop, or milliseconds. */

/** Waits for one server. */
export class ReplayPauses {
  readonly #over: () => void;
  #immediate: NodeJS.Immediate | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** @param over - called when a wait is over, unless it was ended before */
  constructor(over: () => void) {
    this.#over = over;
  }

  /** A wait is under way. */
  get isWaiting(): boolean {
    return this.#immediate !== undefined || this.#timer !== undefined;
  }

  /** Waits for turns of the event loop, one or more. */
  turns(count: number): void {
    this.#immediate = setImmediate(() => {
      this.#immediate = undefined;
      if (count > 1) this.turns(count - 1);
      else this.#over();
    });
  }

  /** Waits for time to pass. */
  time(ms: number): void {
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#over();
    }, ms);
  }

  /** Ends a wait that is under way. */
  end(): void {
    clearImmediate(this.#immediate);
    clearTimeout(this.#timer);
    this.#immediate = undefined;
    this.#timer = undefined;
  }
}
