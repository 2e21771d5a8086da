/**
 * A bounded queue of log lines between a writer that never waits and one reader. When it is full the oldest lines go,
 * and the reader finds one line in their place that counts them: no line is missing without a word. After its end it
 * hands out what it holds, then it is done.
 */

/** The bounds of a {@link LineQueue}. */
export interface LineQueueLimits {
  readonly maxLines: number;
  readonly maxBytes: number;
}

/** Lines that wait. `next` may be called several times at once; answers come in call order. */
export class LineQueue implements AsyncIterableIterator<string> {
  readonly #limits: LineQueueLimits;
  readonly #waiting: ((result: IteratorResult<string, undefined>) => void)[] = [];
  #lines: { readonly text: string; readonly bytes: number }[] = [];
  #bytes = 0;
  #untoldDrops = 0;
  #droppedLines = 0;
  #ended = false;

  constructor(limits: LineQueueLimits) {
    this.#limits = limits;
  }

  /** How many lines were dropped so far because nobody took them in time. */
  get droppedLines(): number {
    return this.#droppedLines;
  }

  /** Adds a line, at the price of the oldest ones; after the end it is ignored. */
  push(text: string): void {
    if (this.#ended) return;
    const reader = this.#waiting.shift();
    if (reader !== undefined) {
      reader({ done: false, value: text });
      return;
    }
    const bytes = Buffer.byteLength(text);
    this.#lines.push({ text, bytes });
    this.#bytes += bytes;
    while (this.#lines.length > this.#limits.maxLines || this.#bytes > this.#limits.maxBytes)
      this.#dropOldest();
  }

  /** No more lines come: readers get what is held, then the end. */
  end(): void {
    this.#ended = true;
    for (const reader of this.#waiting.splice(0)) reader({ done: true, value: undefined });
  }

  next(): Promise<IteratorResult<string, undefined>> {
    const value = this.#take();
    if (value !== undefined) return Promise.resolve({ done: false, value });
    if (this.#ended) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** The reader leaves: what is held is let go, and nothing is kept any more. */
  return(): Promise<IteratorResult<string, undefined>> {
    this.#lines = [];
    this.#untoldDrops = 0;
    this.end();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #take(): string | undefined {
    if (this.#untoldDrops > 0) {
      const count = this.#untoldDrops;
      this.#untoldDrops = 0;
      return droppedMarker(count);
    }
    return this.#shift();
  }

  #dropOldest(): void {
    this.#shift();
    this.#untoldDrops += 1;
    this.#droppedLines += 1;
  }

  #shift(): string | undefined {
    const line = this.#lines.shift();
    this.#bytes -= line?.bytes ?? 0;
    return line?.text;
  }
}

/** The line that stands for `count` dropped ones. @internal */
export function droppedMarker(count: number): string {
  return `[codex-async-client: ${count} stderr ${count === 1 ? 'line was' : 'lines were'} dropped here, the reader lagged]`;
}
