/**
 * Runs of one turn that follow each other: each goes on where the one before it was cut off. Owns which is the one now, and
 * that who waits for the next one gets it, or what came instead.
 */
import { deferred, markHandled } from '../../support/deferred.js';
import { ServerClosedError } from '../../support/errors.js';

/** Where the readers of a deferred run get what they read. */
export interface RunSource<Inner> {
  /** The run that has begun; undefined before, and while the next one is waited for. */
  readonly current: Inner | undefined;
  /**
   * The run that has begun, or the next one to begin; of one that was cut off, what follows it. Rejects when none follows,
   * with what ended it all.
   */
  following(cutOff?: Inner): Promise<Inner>;
  /** The error of a run is the end of its server, so another run may follow. */
  isCut(run: Inner, error: unknown): boolean;
}

/** Runs one after another, as they begin. */
export class RunSequence<Inner> implements RunSource<Inner> {
  #next = deferred<Inner>();
  #current: Inner | undefined;
  #isOver = false;

  constructor() {
    markHandled(this.#next.promise);
  }

  get current(): Inner | undefined {
    return this.#current;
  }

  following(cutOff?: Inner): Promise<Inner> {
    const { current } = this;
    return current !== undefined && current !== cutOff ? Promise.resolve(current) : this.#next.promise;
  }

  isCut(_run: Inner, error: unknown): boolean {
    return error instanceof ServerClosedError;
  }

  /** A run has begun. One that begins after the end is nobody's: who asks gets what ended it all. */
  begin(run: Inner): void {
    if (this.#isOver) return;
    this.#current = run;
    const { resolve } = this.#next;
    this.#next = deferred<Inner>();
    markHandled(this.#next.promise);
    resolve(run);
  }

  /** The run was cut off; another may follow. */
  cutOff(): void {
    this.#current = undefined;
  }

  /** No run follows, for this reason. */
  end(reason: unknown): void {
    this.#isOver = true;
    this.#next.reject(reason);
  }
}
