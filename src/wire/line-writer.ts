/**
 * Lines to the server's stdin, in call order. Owns the queue of unwritten lines and the pipe's backpressure. What is
 * taken back before the pipe has it is kept no longer; all that waits is counted.
 *
 * Lines of one turn of the event loop go out in one write, within a bound. While the pipe is full nothing more is handed
 * to it, and a write that it does not take for a whole turn of the event loop is a demand: the server may be waiting for
 * us to read. A failed write is told by {@link LineWriter.failed} and never thrown at the host process.
 */
import { Buffer } from 'node:buffer';
import type { Writable } from 'node:stream';
import { type Deferred, deferred } from '../support/deferred.js';
import type { Demand, Demands } from '../support/demand.js';
import type { OutgoingText } from './outgoing-text.js';

/** The most text of one write, unless a single line is longer: a joined text has to stay below the longest string. */
const WRITE_MAX_CHARS = 1024 * 1024;

/**
 * So many lines are written at once instead of at the end of the turn: a loop that makes thousands of calls should not
 * keep the server waiting until it is done. As many as the window of requests lets out.
 */
const EARLY_WRITE_LINES = 64;

/** A line that was put in order. */
export interface PostedLine {
  /** Empty once the pipe has it. */
  text: string;
  readonly bytes: number;
  /** The pipe does not have it yet: it can be taken back. */
  isQueued: boolean;
  done: Deferred<void> | undefined;
  readonly taken: (() => void) | undefined;
}

/** Somebody who sees what is handed to the pipe. */
export interface SentText {
  /** One or more whole lines are handed to the pipe now. Must not throw. */
  sent(text: string): void;
}

/** Writes whole lines in order and respects the pipe. */
export class LineWriter implements Demand {
  readonly #stdin: Writable;
  readonly #demands: Demands;
  readonly #outgoing: OutgoingText;
  readonly #taps: SentText;
  readonly #failed = deferred<unknown>();
  /** In call order. A set, because those who give up leave from the middle of what may be thousands. */
  readonly #queue = new Set<PostedLine>();
  #inFlight: readonly PostedLine[] = [];
  #stalled = false;
  #closed: { readonly error: unknown } | undefined;

  constructor(stdin: Writable, demands: Demands, outgoing: OutgoingText, taps: SentText) {
    this.#stdin = stdin;
    this.#demands = demands;
    this.#outgoing = outgoing;
    this.#taps = taps;
  }

  /** Settles with the cause when a write fails: the server reads no more. Never rejects. */
  get failed(): Promise<unknown> {
    return this.#failed.promise;
  }

  /** @throws InvalidArgumentError when the text is longer than what the server takes */
  checkLength(argument: string, text: string): void {
    this.#outgoing.checkLength(argument, text);
  }

  /** Puts a line in order; `taken` is called when the pipe has taken it. Undefined when nothing is written any more. */
  post(text: string, taken?: () => void): PostedLine | undefined {
    return this.#closed === undefined ? this.#enqueue(text, undefined, taken) : undefined;
  }

  /** Takes a line back that nobody waits for; false when the pipe has it already. */
  withdraw(line: PostedLine): boolean {
    if (!this.#queue.delete(line)) return false;
    this.#outgoing.remove(line.bytes);
    return true;
  }

  /** Puts a line in order; settles when the pipe has taken it. */
  write(text: string): Promise<void> {
    if (this.#closed !== undefined) return Promise.reject(this.#closed.error);
    const done = deferred<void>();
    this.#enqueue(text, done, undefined);
    // Where unread messages leave no room, one who begins to wait for a pipe that is stuck fails like the others.
    if (this.#stalled) this.#demands.enter(this);
    return done.promise;
  }

  /** Hands the waiting lines to the pipe now, unless it is full: what follows goes after them. */
  flush(): void {
    if (this.#inFlight.length > 0 || this.#queue.size === 0) return;
    if (this.#stdin.destroyed || this.#stdin.writableEnded) {
      this.#failed.resolve(this.#stdin.errored ?? new Error("the server's stdin is closed"));
      return;
    }
    const batch = this.#takeBatch();
    this.#inFlight = batch;
    let text = '';
    for (const line of batch) {
      text += line.text;
      line.text = '';
    }
    // A pipe inside the process may bring the answer before its write returns.
    this.#taps.sent(text);
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
    for (const line of [...this.#inFlight, ...this.#queue]) {
      line.done?.reject(error);
      line.done = undefined;
    }
  }

  /** Refuses everything from now on, with this error. Idempotent: the first error stays. */
  close(error: unknown): void {
    if (this.#closed !== undefined) return;
    this.#closed = { error };
    this.fail(error);
    for (const { bytes } of [...this.#inFlight, ...this.#queue]) this.#outgoing.remove(bytes);
    this.#queue.clear();
    this.#inFlight = [];
    this.#setStalled(false);
  }

  #enqueue(text: string, done: Deferred<void> | undefined, taken: (() => void) | undefined): PostedLine {
    const line: PostedLine = { isQueued: true, text, bytes: Buffer.byteLength(text), done, taken };
    this.#outgoing.add(line.bytes);
    this.#queue.add(line);
    // The first of the lines that wait plans the write of them all.
    if (this.#queue.size === 1) queueMicrotask(() => this.flush());
    else if (this.#queue.size >= EARLY_WRITE_LINES) this.flush();
    return line;
  }

  #takeBatch(): PostedLine[] {
    const batch: PostedLine[] = [];
    let chars = 0;
    for (const line of this.#queue) {
      chars += line.text.length;
      if (batch.length > 0 && chars > WRITE_MAX_CHARS) break;
      this.#queue.delete(line);
      line.isQueued = false;
      batch.push(line);
    }
    return batch;
  }

  #written(): void {
    const written = this.#inFlight;
    this.#inFlight = [];
    for (const line of written) {
      this.#outgoing.remove(line.bytes);
      line.done?.resolve();
      line.taken?.();
    }
    this.#setStalled(false);
    this.flush();
  }

  /** A later write has had less than a turn, and is judged on its own. */
  #checkStalled(batch: readonly PostedLine[]): void {
    if (this.#inFlight === batch) this.#setStalled(true);
  }

  #setStalled(stalled: boolean): void {
    if (this.#stalled === stalled) return;
    this.#stalled = stalled;
    if (stalled) this.#demands.enter(this);
    else this.#demands.leave(this);
  }
}
