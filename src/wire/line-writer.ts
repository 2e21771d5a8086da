/**
 * Lines to the server's stdin, in call order. Owns the line of unwritten text and the pipe's backpressure.
 *
 * Lines of one turn of the event loop go out in one write, within a bound. While the pipe is full nothing more
 * is handed to it. The first failure poisons the writer: every waiting and every later write rejects with the same error,
 * and nothing is ever thrown at the host process.
 */
import type { Writable } from 'node:stream';
import { type Deferred, deferred } from '../support/deferred.js';

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

/** What the writer tells the room that owns it. */
export interface LineWriterOwner {
  /** A write failed; the writer is poisoned. Called once. */
  writeFailed(cause: unknown): void;
  /** The pipe began or ceased to be stuck: a write is unflushed after a whole turn of the event loop. */
  stalledChanged(): void;
}

/** Writes whole lines in order and respects the pipe. */
export class LineWriter {
  readonly #stdin: Writable;
  readonly #owner: LineWriterOwner;
  #line: UnwrittenLine[] = [];
  #inFlight: UnwrittenLine[] = [];
  #writes = 0;
  #flushPlanned = false;
  #stalled = false;
  #failure: { readonly error: unknown } | undefined;

  constructor(stdin: Writable, owner: LineWriterOwner) {
    this.#stdin = stdin;
    this.#owner = owner;
  }

  /** A write has been unflushed for a whole turn of the event loop, so the server is not reading. */
  get isStalled(): boolean {
    return this.#stalled;
  }

  /** Puts a line in order; `taken` is called when the pipe has taken it. A failure reaches {@link LineWriterOwner}. */
  post(text: string, taken?: () => void): void {
    if (this.#failure === undefined) this.#enqueue({ text, done: undefined, taken });
  }

  /** Puts a line in order; settles when the pipe has taken it. */
  write(text: string): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure.error);
    const done = deferred<void>();
    this.#enqueue({ text, done, taken: undefined });
    return done.promise;
  }

  /** Hands the waiting lines to the pipe now, unless it is full: what follows goes after them. */
  flush(): void {
    if (this.#failure !== undefined || this.#inFlight.length > 0 || this.#line.length === 0) return;
    const batch = this.#takeBatch();
    this.#inFlight = batch;
    this.#writes += 1;
    const writeNumber = this.#writes;
    let text = '';
    for (const line of batch) text += line.text;
    if (this.#stdin.destroyed || this.#stdin.writableEnded) {
      this.#writeFailed(new Error("the server's stdin is closed"));
      return;
    }
    this.#stdin.write(text, (error) => {
      if (error) this.#writeFailed(error);
      else this.#written();
    });
    setImmediate(() => this.#checkStalled(writeNumber));
  }

  /** Rejects those who wait for a flush; their lines stay in order and go out when the server reads. */
  rejectWaiting(error: unknown): void {
    this.#inFlight = this.#inFlight.map((line) => rejected(line, error));
    this.#line = this.#line.map((line) => rejected(line, error));
  }

  /** Refuses everything from now on, with this error. Idempotent: the first error stays. */
  fail(error: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = { error };
    this.rejectWaiting(error);
    this.#line = [];
    this.#inFlight = [];
    this.#stalled = false;
  }

  #enqueue(line: UnwrittenLine): void {
    this.#line.push(line);
    if (this.#line.length >= EARLY_WRITE_LINES) this.flush();
    if (this.#flushPlanned || this.#inFlight.length > 0) return;
    this.#flushPlanned = true;
    queueMicrotask(() => {
      this.#flushPlanned = false;
      this.flush();
    });
  }

  #takeBatch(): UnwrittenLine[] {
    let chars = 0;
    const end = this.#line.findIndex(({ text }, index) => {
      chars += text.length;
      return index > 0 && chars > WRITE_MAX_CHARS;
    });
    return this.#line.splice(0, end === -1 ? this.#line.length : end);
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

  #writeFailed(cause: unknown): void {
    if (this.#failure === undefined) this.#owner.writeFailed(cause);
  }

  /** A later write has had less than a turn, and is judged on its own. */
  #checkStalled(writeNumber: number): void {
    if (writeNumber === this.#writes && this.#inFlight.length > 0) this.#setStalled(true);
  }

  #setStalled(stalled: boolean): void {
    if (this.#stalled === stalled) return;
    this.#stalled = stalled;
    this.#owner.stalledChanged();
  }
}

function rejected(line: UnwrittenLine, error: unknown): UnwrittenLine {
  line.done?.reject(error);
  return { ...line, done: undefined };
}
