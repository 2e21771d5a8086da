/**
 * The requests that codex made, kept for assertions, and handed out one at a time to whoever waits for
 * the next one. It keeps a bounded number: the oldest are dropped, whether they were handed out or not.
 */
import { RequestTimeoutError, ServerClosedError } from '../../support/errors.js';
import { Settlement } from '../../support/settlement.js';
import type { ModelRequest } from './model-request.js';

/** Limits for one wait. */
export interface NextRequestOptions {
  /** How long to wait, in milliseconds; `0` for no limit. @defaultValue no limit */
  readonly timeoutMs?: number | undefined;
  /** Ends the wait; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

export class RequestLog {
  readonly #limit: number;
  readonly #kept: ModelRequest[] = [];
  readonly #waiting = new Set<Settlement<ModelRequest>>();
  /** The place in `#kept` of the first request that nobody was handed. */
  #nextUnread = 0;
  #isClosed = false;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get kept(): readonly ModelRequest[] {
    return this.#kept;
  }

  add(request: ModelRequest): void {
    this.#kept.push(request);
    const [first] = this.#waiting;
    if (first !== undefined) {
      this.#waiting.delete(first);
      this.#nextUnread += 1;
      first.resolve(request);
    }
    if (this.#kept.length <= this.#limit) return;
    this.#kept.shift();
    this.#nextUnread = Math.max(0, this.#nextUnread - 1);
  }

  async next({ timeoutMs, signal }: NextRequestOptions): Promise<ModelRequest> {
    signal?.throwIfAborted();
    const unread = this.#kept[this.#nextUnread];
    if (unread !== undefined) {
      this.#nextUnread += 1;
      return unread;
    }
    if (this.#isClosed) throw closedError();
    return this.#wait(timeoutMs, signal);
  }

  /** Ends every wait; requests that are already here can still be taken. */
  close(): void {
    this.#isClosed = true;
    for (const wait of this.#waiting) wait.reject(closedError());
    this.#waiting.clear();
  }

  #wait(timeoutMs: number | undefined, signal: AbortSignal | undefined): Promise<ModelRequest> {
    // One that gave up leaves at once, or it would swallow the next request.
    const wait = new Settlement<ModelRequest>(() => this.#waiting.delete(wait));
    this.#waiting.add(wait);
    wait.limit({ timeoutMs, signal, timeoutError });
    return wait.promise;
  }
}

function timeoutError(timeoutMs: number): RequestTimeoutError {
  const message = `nextRequest: codex asked the model for nothing within ${timeoutMs} ms`;
  return new RequestTimeoutError(message, { method: 'nextRequest', timeoutMs });
}

function closedError(): ServerClosedError {
  const exit = { exitCode: null, signal: null, stderrTail: '' };
  return new ServerClosedError('nextRequest: the local model provider is closed', exit);
}
