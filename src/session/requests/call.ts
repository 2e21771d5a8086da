/**
 * One request from call to settlement. Owns its promise, its time limit and its abort; it settles exactly once
 * and takes its timer and its abort listener down when it does.
 */

import { watchAbort } from '../../support/abort-watch.js';
import { type Deferred, deferred } from '../../support/deferred.js';
import { RequestTimeoutError } from '../../support/errors.js';
import type { RequestId } from '../../wire/wire-message.js';
import type { Place } from './request-window.js';

/** A request, ready to be sent: everything that can be wrong with it was checked before. */
export interface CallSpec {
  readonly method: string;
  /** The params as JSON text, made when the call was made. */
  readonly paramsJson: string;
  readonly traceJson: string | undefined;
  /** Milliseconds from the call; 0 for no limit. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  /** It answers only when outside work ends, so it takes a place in the window only while it is sent. */
  readonly isLongRunning: boolean;
  /** It is no demand: a reader drives the reading that its answer needs. */
  readonly isBackground: boolean;
  /** Called with the result while its line is read, before any line behind it is looked at. It must not throw. */
  readonly onResult?: ((result: unknown) => void) | undefined;
  /** Called when the request takes its place among the lines that go out, at each attempt. It must not throw. */
  readonly onSent?: (() => void) | undefined;
}

/** A request that has not settled yet, or has. */
export class Call {
  readonly spec: CallSpec;
  /** The id under which it was sent last. */
  id: RequestId | undefined;
  /** Its number among all sent requests. */
  sentNumber = -1;
  attempts = 0;
  place: Place | undefined;
  readonly #outcome: Deferred<unknown> = deferred<unknown>();
  readonly #deadline: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #pause: NodeJS.Timeout | undefined;
  #isSettled = false;
  readonly #gaveUp: (call: Call) => void;
  readonly #unwatchAbort: (() => void) | undefined;

  /** @param gaveUp - called when the call ends by its time limit or its signal rather than by an answer */
  constructor(spec: CallSpec, gaveUp: (call: Call) => void) {
    this.spec = spec;
    this.#gaveUp = gaveUp;
    if (spec.timeoutMs > 0) {
      this.#deadline = performance.now() + spec.timeoutMs;
      this.#timer = setTimeout(() => this.#giveUp(this.#timeoutError()), spec.timeoutMs);
    }
    const { signal } = spec;
    if (signal !== undefined) this.#unwatchAbort = watchAbort(signal, () => this.#giveUp(signal.reason));
  }

  get promise(): Promise<unknown> {
    return this.#outcome.promise;
  }

  get isSettled(): boolean {
    return this.#isSettled;
  }

  /** Whether something that takes this long still fits into the time limit. */
  hasTimeFor(durationMs: number): boolean {
    return this.#deadline === undefined || performance.now() + durationMs < this.#deadline;
  }

  /** Does something after a pause, unless the call settles before. One thing at a time: the last one counts. */
  after(delayMs: number, act: () => void): void {
    clearTimeout(this.#pause);
    this.#pause = setTimeout(act, delayMs);
  }

  resolve(result: unknown): void {
    if (!this.#settle()) return;
    this.spec.onResult?.(result);
    this.#outcome.resolve(result);
  }

  reject(reason: unknown): void {
    if (this.#settle()) this.#outcome.reject(reason);
  }

  #settle(): boolean {
    if (this.#isSettled) return false;
    this.#isSettled = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#pause);
    this.#unwatchAbort?.();
    return true;
  }

  #giveUp(reason: unknown): void {
    this.reject(reason);
    this.#gaveUp(this);
  }

  #timeoutError(): RequestTimeoutError {
    const { method, timeoutMs } = this.spec;
    const where =
      this.attempts === 0 ? 'it was still waiting in line and was not sent' : 'a late answer will be ignored';
    return new RequestTimeoutError(`${method} was not answered within ${timeoutMs} ms; ${where}`, {
      method,
      timeoutMs,
    });
  }
}
