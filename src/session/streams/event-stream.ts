/**
 * A stream of messages in the user's hands: one async iterator over one buffer. Owns nothing but whether it
 * was released; what release means is its source's business.
 */

import type { ServerMessage } from '../server-message.js';
import type { MessageBuffer } from './message-buffer.js';

/** What a stream reads from. @internal */
export interface EventSource {
  readonly buffer: MessageBuffer;
  /** The stream was left: by `break`, `return()`, `await using`, or because it ended. Called once. */
  release(): void;
}

/** Rejects a waiting read when its stream is released; never leaves this file. */
const RELEASED = new Error('released');

/**
 * Messages in wire order, each handed out once. One read at a time: a second `next()` before the first settled
 * rejects with {@link ConcurrentReadError}. Ends after `shutdown()`; throws {@link ServerClosedError} when the
 * server went by itself, after everything it sent was handed out. Leaving the loop releases the stream.
 */
export class EventStream<M extends ServerMessage = ServerMessage>
  implements AsyncIterableIterator<M, undefined, undefined>, AsyncDisposable
{
  readonly #source: EventSource;
  #isReleased = false;
  #isReading = false;

  /** @internal */
  constructor(source: EventSource) {
    this.#source = source;
  }

  /**
   * The next message; waits for one.
   *
   * @throws {@link ConcurrentReadError} when a read of this stream is waiting already
   * @throws {@link ServerClosedError} when the server went by itself and everything it sent was handed out
   * @throws {@link BackpressureError} when this stream is empty while others fill `buffer.maxBytes`; it goes on afterwards
   */
  next(): Promise<IteratorResult<M, undefined>> {
    if (this.#isReleased) return Promise.resolve({ done: true, value: undefined });
    try {
      const message = this.#source.buffer.takeNow();
      // The route takes only messages of type M.
      if (message !== undefined) return Promise.resolve({ done: false, value: message as M });
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#wait();
  }

  /** Releases the stream; a waiting `next()` ends. Idempotent; never rejects. */
  async return(): Promise<IteratorResult<M, undefined>> {
    this.#release();
    return { done: true, value: undefined };
  }

  /**
   * Reads to the end and gives back every message.
   *
   * @throws what {@link EventStream.next} does; what was read until then is lost
   */
  async collect(): Promise<M[]> {
    const messages: M[] = [];
    for await (const message of this) messages.push(message);
    return messages;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Releases the stream, for `await using`; never rejects. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#release();
  }

  async #wait(): Promise<IteratorResult<M, undefined>> {
    this.#isReading = true;
    try {
      const message = await this.#source.buffer.take({}, this);
      if (message !== undefined) return { done: false, value: message as M };
      this.#release();
    } catch (error) {
      if (error !== RELEASED) throw error;
    } finally {
      this.#isReading = false;
    }
    return { done: true, value: undefined };
  }

  #release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    if (this.#isReading) this.#source.buffer.rejectReader(RELEASED, this);
    this.#source.release();
  }
}
