/**
 * The restarts of a supervisor, for those who want to know of them. Owns the last ones, which every reader gets, and the
 * readers' places; what was lost with a server, others find out.
 */

import { type Deferred, deferred } from '../support/deferred.js';
import type { CodexClientError } from '../support/errors.js';
import { type PulledStream, PullStream } from '../support/pull-stream.js';
import type { LostWork } from './lost-work.js';

/** A server that ended, and the next one, which lives. */
export interface Restart {
  /** 1 for the first restart, and one more for each that follows. */
  readonly number: number;
  /** When the next server's handshake was done, in milliseconds since 1970. */
  readonly startedAtMs: number;
  /** What went with the server. */
  readonly lost: LostWork;
  /** Why it ended: how the process or the connection went. Undefined after the `shutdown()` of its client. */
  readonly cause: CodexClientError | undefined;
}

/**
 * The restarts, each once, in order, as they come. One read at a time. Ends after the supervisor's `shutdown()`; throws, when
 * it has given up, what `client()` rejects with.
 */
export interface Restarts extends PulledStream<Restart> {}

/** So many restarts are held for those who come later or lag; a reader sees by `number` that some are missing. */
const HELD_RESTARTS = 100;

/** The restarts so far. @internal */
export class RestartLog {
  #held: Restart[] = [];
  #count = 0;
  #waiting = new Map<LiveRestarts, Deferred<Restart | undefined>>();
  #end: { readonly failure: unknown } | undefined;

  /** One more. */
  add(restart: Omit<Restart, 'number'>): void {
    this.#count += 1;
    this.#held.push({ number: this.#count, ...restart });
    if (this.#held.length > HELD_RESTARTS) this.#held.shift();
    this.#wake();
  }

  /** No more come. @param failure - what readers get at the end; undefined for an end without one */
  end(failure: unknown): void {
    this.#end ??= { failure };
    this.#wake();
  }

  /** Reads from the first one that is held on. */
  read(): Restarts {
    return new LiveRestarts(this);
  }

  /** The first one that is held behind a number. */
  after(number: number): Restart | undefined {
    return this.#held.find((restart) => restart.number > number);
  }

  /** Waits until there is one more, or none will be. */
  wait(reader: LiveRestarts): Promise<Restart | undefined> {
    const waiting = deferred<Restart | undefined>();
    this.#waiting.set(reader, waiting);
    if (this.#end !== undefined) this.#wake();
    return waiting.promise;
  }

  /** The reader has left. */
  leave(reader: LiveRestarts): void {
    this.#waiting.get(reader)?.resolve(undefined);
    this.#waiting.delete(reader);
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = new Map();
    for (const [reader, { resolve, reject }] of waiting) {
      const restart = reader.takeHeld();
      if (restart !== undefined || this.#end?.failure === undefined) resolve(restart);
      else reject(this.#end.failure);
    }
  }
}

/** One reader. */
class LiveRestarts extends PullStream<Restart> implements Restarts {
  readonly #log: RestartLog;
  #last = 0;

  constructor(log: RestartLog) {
    super();
    this.#log = log;
  }

  /** The next one that is held. @internal */
  takeHeld(): Restart | undefined {
    const restart = this.#log.after(this.#last);
    if (restart !== undefined) this.#last = restart.number;
    return restart;
  }

  /** @internal */
  protected override takeNow(): Restart | undefined {
    return this.takeHeld();
  }

  /** @internal */
  protected override take(): Promise<Restart | undefined> {
    return this.#log.wait(this);
  }

  /** @internal */
  protected override leave(): void {
    this.#log.leave(this);
  }
}
