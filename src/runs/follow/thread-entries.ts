/** One reader of a followed thread, in the user's hands. It holds a place in the log, and no messages. */
import { watchAbort } from '../../support/abort-watch.js';
import { type PulledStream, PullStream } from '../../support/pull-stream.js';
import type { EntryLog, Place } from './entry-log.js';
import type { ThreadEntry } from './thread-entry.js';

/**
 * The entries of a followed thread, each once, in order. One read at a time: a second `next()` before the first settled
 * rejects with `ConcurrentReadError`. Ends after `shutdown()` and when its log is closed; throws `ServerClosedError` when the
 * server went by itself, of a supervisor when it gave up, after everything held was handed out, and `RpcError` when the server
 * does not know the thread.
 * Lagging is no error. Leaving the loop and aborting its `signal` release it.
 */
export interface ThreadEntries extends PulledStream<ThreadEntry> {}

/** Reads a log. */
export class LiveThreadEntries extends PullStream<ThreadEntry> implements ThreadEntries {
  readonly #log: EntryLog;
  readonly #place: Place;
  readonly #begin: () => void;
  readonly #unwatchAbort: (() => void) | undefined;

  /** @internal @param begin - asks for the beginning of the log where it needs one */
  constructor(log: EntryLog, place: Place, begin: () => void, signal: AbortSignal | undefined) {
    super();
    this.#log = log;
    this.#place = place;
    this.#begin = begin;
    if (signal?.aborted === true) this.return();
    else if (signal !== undefined) this.#unwatchAbort = watchAbort(signal, () => this.return());
  }

  /** @internal */
  protected override takeNow(): ThreadEntry | undefined {
    return this.#log.entryAfter(this.#place);
  }

  /** @internal */
  protected override take(): Promise<ThreadEntry | undefined> {
    const entry = this.#log.wait(this.#place);
    if (this.#log.needsBeginning) this.#begin();
    return entry;
  }

  /** @internal */
  protected override leave(): void {
    this.#unwatchAbort?.();
    this.#log.leave(this.#place);
  }

  /** @internal */
  protected override ended(): void {
    this.#unwatchAbort?.();
  }

  /** @internal */
  protected override failed(): boolean {
    this.#unwatchAbort?.();
    return true;
  }
}
