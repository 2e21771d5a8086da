/**
 * Lines to the server's stdin, in call order. Owns the queue of unwritten lines and the pipe's backpressure.
 *
 * Lines of one turn of the event loop go out in one write, within a bound. While the pipe is full nothing more is handed
 * to it, and a write that it does not take for a whole turn of the event loop is a demand: the server may be waiting for
 * us to read. A failed write is told by {@link LineWriter.failed} and never thrown at the host process.
 */
import type { Writable } from 'node:stream';
import { type Deferred, deferred } from '../support/deferred.js';
import type { Demand, Demands } from '../support/demand.js';

/** The most text of one write, unless a single line is longer: a joined text has to stay below the longest string. */
const WRITE_MAX_CHARS = 1024 * 1024;

/**
 * So many lines are written at once instead of at the end of the turn: a loop that makes thousands of calls should not
 * keep the server waiting until it is done. As many as the window of requests lets out.
 */
const EARLY_WRITE_LINES = 64;

interface UnwrittenLine {
  readonly text: string;
  readonly done: Deferred<void> | undefined;
  readonly taken: (() => void) | undefined;
}

/** Writes whole lines in order and respects the pipe. */
export class LineWriter implements Demand {
  readonly #stdin: Writable;
  readonly #demands: Demands;
  readonly #failed = deferred<unknown>();
  #queue: UnwrittenLine[] = [];
  #inFlight: UnwrittenLine[] = [];
  #stalled = false;
  #closed: { readonly error: unknown } | undefined;

  constructor(stdin: Writable, demands: Demands) {
    this.#stdin = stdin;
    this.#demands = demands;
  }

  /** Settles with the cause when a write fails: the server reads no more. Never rejects. */
  get failed(): Promise<unknown> {
    return this.#failed.promise;
  }

  /** Puts a line in order; `taken` is called when the pipe has taken it. */
  post(text: string, taken?: () => void): void {
    if (this.#closed === undefined) this.#enqueue({ text, done: undefined, taken });
  }

  /** Puts a line in order; settles when the pipe has taken it. */
  write(text: string): Promise<void> {
    if (this.#closed !== undefined) return Promise.reject(this.#closed.error);
    const done = deferred<void>();
    this.#enqueue({ text, done, taken: undefined });
    // Where unread messages leave no room, one who begins to wait for a pipe that is stuck fails like the others.
    if (this.#stalled) this.#demands.enter(this);
    return done.promise;
  }

  /** Hands the waiting lines to the pipe now, unless it is full: what follows goes after them. */
  flush(): void {
    if (this.#inFlight.length > 0 || this.#queue.length === 0) return;
    const batch = this.#takeBatch();
    this.#inFlight = batch;
    let text = '';
    for (const line of batch) text += line.text;
    if (this.#stdin.destroyed || this.#stdin.writableEnded) {
      this.#failed.resolve(this.#stdin.errored ?? new Error("the server's stdin is closed"));
      return;
    }
    try {
      this.#stdin.write(text, (error) => {
        if (error) this.#failed.resolve(error);
        else this.#written();
      });
    } catch (error) {
      // A stream that somebody attached may throw; nobody here could catch it.
      this.#failed.resolve(error);
    }
    setImmediate(() => this.#checkStalled(batch));
  }

  /** Rejects those who wait for the pipe; their lines stay in order and go out when the server reads. */
  fail(error: unknown): void {
    for (const { done } of [...this.#inFlight, ...this.#queue]) done?.reject(error);
  }

  /** Refuses everything from now on, with this error. Idempotent: the first error stays. */
  close(error: unknown): void {
    if (this.#closed !== undefined) return;
    this.#closed = { error };
    this.fail(error);
    this.#queue = [];
    this.#inFlight = [];
    this.#setStalled(false);
  }

  #enqueue(line: UnwrittenLine): void {
    this.#queue.push(line);
    // The first of the lines that wait plans the write of them all.
    if (this.#queue.length === 1) queueMicrotask(() => this.flush());
    else if (this.#queue.length >= EARLY_WRITE_LINES) this.flush();
  }

  #takeBatch(): UnwrittenLine[] {
    let chars = 0;
    const end = this.#queue.findIndex(({ text }, index) => {
      chars += text.length;
      return index > 0 && chars > WRITE_MAX_CHARS;
    });
    return this.#queue.splice(0, end === -1 ? this.#queue.length : end);
  }

  #written(): void {
    const written = this.#inFlight;
    this.#inFlight = [];
    for (const line of written) {
      line.done?.resolve();
      line.taken?.();
    }
    this.#setStalled(false);
    this.flush();
  }

  /** A later write has had less than a turn, and is judged on its own. */
  #checkStalled(batch: readonly UnwrittenLine[]): void {
    if (this.#inFlight === batch) this.#setStalled(true);
  }

  #setStalled(stalled: boolean): void {
    if (this.#stalled === stalled) return;
    this.#stalled = stalled;
    if (stalled) this.#demands.enter(this);
    else this.#demands.leave(this);
  }
}
