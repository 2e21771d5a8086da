/**
 * A tap in the user's hands. Owns what leaving means, that copies are kept no more, and how reading it ends. A read that
 * waits is no demand: the pipe is read as if nobody looked on.
 */
import { watchAbort } from '../../support/abort-watch.js';
import { checkKnownKeys, checkSignal } from '../../support/argument-checks.js';
import { type PulledStream, PullStream } from '../../support/pull-stream.js';
import type { AnyServerMessage, ServerMessage } from '../messages/server-message.js';
import { checkMaxHeldBytes } from '../streams/held-options.js';
import type { Gap, HeldCopies } from './held-copies.js';

/** Options of `AsyncClient.tap` and `AsyncClient.wire`. */
export interface TapOptions {
  /**
   * What may be held for the tap's reader, in bytes of text, or of memory where the text is a poor measure: 1 or more, or
   * `Infinity` for no bound. What comes when it is full is missed, and so is what follows until half of it is free or
   * everything was read; a {@link Gap} then stands for it. What comes when nothing is held may be larger.
   *
   * @defaultValue 16,777,216
   */
  readonly maxHeldBytes?: number | undefined;
  /** Aborting leaves the tap as `break` does, without an error. With one that has fired before the tap is empty. */
  readonly signal?: AbortSignal | undefined;
}

/** One line of the conversation, as it passed. */
export interface WireFrame {
  readonly kind: 'frame';
  /** `received` from the server, or `sent` to it. */
  readonly direction: 'received' | 'sent';
  /** When the line was read, or handed to the pipe, in milliseconds since the Unix epoch. */
  readonly atMs: number;
  /** The line, as it was read or written, without the `\n` at its end. Nothing in it is masked. */
  readonly text: string;
}

/** @throws InvalidArgumentError when an option is unknown or has a value that cannot work */
export function checkTapOptions(options: TapOptions): void {
  checkKnownKeys('options', options, ['maxHeldBytes', 'signal']);
  checkMaxHeldBytes(options.maxHeldBytes);
  checkSignal('options.signal', options.signal);
}

/**
 * Copies of what passes, in wire order, each handed out once, with a {@link Gap} where the reader was too slow. One read at
 * a time: a second `next()` before the first settled rejects with `ConcurrentReadError`. Ends after `shutdown()`;
 * throws `ServerClosedError` when the server went by itself, after everything held was handed out. Lagging is no
 * error. Leaving the loop, aborting its `signal`, and the end of the session release it.
 */
export interface Tap<T> extends PulledStream<T | Gap> {}

/** A tap of a conversation. */
export class LiveTap<T> extends PullStream<T | Gap> implements Tap<T> {
  readonly #copies: HeldCopies<T>;
  readonly #close: () => void;
  readonly #unwatchAbort: (() => void) | undefined;

  /** @internal */
  constructor(copies: HeldCopies<T>, close: () => void, signal: AbortSignal | undefined) {
    super();
    this.#copies = copies;
    this.#close = close;
    if (signal?.aborted === true) this.return();
    else if (signal !== undefined) this.#unwatchAbort = watchAbort(signal, () => this.return());
  }

  /** @internal */
  protected override takeNow(): T | Gap | undefined {
    return this.#copies.takeNow();
  }

  /** @internal */
  protected override take(): Promise<T | Gap | undefined> {
    return this.#copies.take();
  }

  /** @internal */
  protected override leave(): void {
    this.#unwatchAbort?.();
    this.#close();
  }

  /** @internal */
  protected override ended(): void {
    this.#unwatchAbort?.();
  }

  /** @internal */
  protected override failed(): boolean {
    this.#unwatchAbort?.();
    return false;
  }
}

/** Copies of the server's messages; see `AsyncClient.tap`. */
export type EventTap<M extends AnyServerMessage = ServerMessage> = Tap<M>;

/** Every line, both ways; see `AsyncClient.wire`. */
export type WireTap = Tap<WireFrame>;
