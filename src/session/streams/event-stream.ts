/**
 * A stream of messages in the user's hands. Owns what leaving means: the main stream keeps its unread messages for the
 * next reader, a filtered one is closed. An error closes it too, because a `for await` that threw does not come back; one
 * who reads on all the same opens it again.
 */
import { watchAbort } from '../../support/abort-watch.js';
import { checkKnownKeys, checkSignal, checkText } from '../../support/argument-checks.js';
import { type PulledStream, PullStream } from '../../support/pull-stream.js';
import type { AnyServerMessage, ServerMessage } from '../messages/server-message.js';
import { checkHeldOptions, HELD_OPTION_NAMES, type HeldOptions } from './held-options.js';

/** What a stream reads from. @internal */
export interface EventSource {
  takeNow(): ServerMessage | undefined;
  take(limits: undefined, owner: object): Promise<ServerMessage | undefined>;
  rejectReader(error: unknown, owner: object): void;
  /** Gives the stream up. */
  close(): void;
}

/**
 * Options of `AsyncClient.events`. The main stream, which is `events()` without a filter, has no bound of its own unless it
 * is given one.
 */
export interface EventOptions extends HeldOptions {
  /**
   * Aborting leaves the stream as `break` does: a loop ends without an error, also one that waits. One that has fired
   * before takes nothing.
   */
  readonly signal?: AbortSignal | undefined;
  /** What `stats()` and errors call the stream; the main stream keeps its own name. @defaultValue its filter */
  readonly name?: string | undefined;
}

/** @throws InvalidArgumentError when an option is unknown or has a value that cannot work */
export function checkEventOptions(options: EventOptions, maxBytes: number): void {
  checkKnownKeys('options', options, ['signal', 'name', ...HELD_OPTION_NAMES]);
  checkHeldOptions(options, maxBytes);
  checkText('options.name', options.name);
  checkSignal('options.signal', options.signal);
}

/** Rejects a waiting read when its stream is released; never leaves this file. */
const RELEASED = new Error('released');

/**
 * Messages in wire order, each handed out once. One read at a time: a second `next()` before the first settled
 * rejects with `ConcurrentReadError`. Ends after `shutdown()`; throws `ServerClosedError` when the
 * server went by itself, after everything it sent was handed out, and `BackpressureError`: with `missed`, once, when its
 * reader lagged and it was cut (after what came before the cut), or when it is the main stream and gave notifications up
 * while nobody had it open; without, when it is empty while others fill `buffer.maxBytes`. Leaving the loop, aborting its
 * `signal`, and an error release a filtered stream: what it would get goes to other streams then. After an error it can be
 * read on, and takes along what is still unread on the main stream.
 */
export interface EventStream<M extends AnyServerMessage = ServerMessage> extends PulledStream<M> {
  /**
   * Reads to the end and gives back every message.
   *
   * @throws what {@link EventStream.next} does; what was read until then is lost
   */
  collect(): Promise<M[]>;
}

/** An event stream that reads from a client's streams. */
export class LiveEventStream<M extends AnyServerMessage = ServerMessage>
  extends PullStream<M>
  implements EventStream<M>
{
  readonly #openSource: () => EventSource;
  readonly #signal: AbortSignal | undefined;
  /** Undefined after an error, until it is read again. */
  #source: EventSource | undefined;
  #unwatchAbort: (() => void) | undefined;

  /** @internal */
  constructor(openSource: () => EventSource, { signal }: Pick<EventOptions, 'signal'> = {}) {
    super();
    this.#openSource = openSource;
    this.#signal = signal;
    if (signal?.aborted === true) this.return();
    else this.#source = this.#open();
  }

  async collect(): Promise<M[]> {
    const messages: M[] = [];
    for await (const message of this) messages.push(message);
    return messages;
  }

  /** @internal */
  protected override takeNow(): M | undefined {
    try {
      // The source takes only messages of type M.
      return this.#source?.takeNow() as M | undefined;
    } catch (error) {
      // Somebody else reads the main stream: a loop that throws does not come back, also when it had not to wait.
      this.#release();
      throw error;
    }
  }

  /** @internal */
  protected override take(): Promise<M | undefined> {
    // It can have fired since an error released the stream.
    if (this.#signal?.aborted === true) this.return();
    if (this.isLeft) return Promise.resolve(undefined);
    this.#source ??= this.#open();
    return this.#source.take(undefined, this) as Promise<M | undefined>;
  }

  /** @internal */
  protected override leave(): void {
    this.#source?.rejectReader(RELEASED, this);
    this.#release();
  }

  #open(): EventSource {
    const signal = this.#signal;
    if (signal !== undefined) this.#unwatchAbort = watchAbort(signal, () => this.return());
    return this.#openSource();
  }

  /** @internal */
  protected override ended(): void {
    this.#release();
  }

  /** @internal */
  protected override failed(): boolean {
    this.#release();
    return false;
  }

  #release(): void {
    this.#unwatchAbort?.();
    this.#source?.close();
    this.#source = undefined;
  }
}
