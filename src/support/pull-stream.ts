/**
 * The shell of everything that is read with `for await`: one read at a time, an end that stays an end, and leaving that
 * is done once. Owns whether the stream is open, ended or left; what is read, and what leaving means, is the subclass's.
 *
 * The invariant: after `return()` no `next()` is pending for long, and none takes anything.
 */
import { ConcurrentReadError } from './errors.js';

const Open = 0;
/** Everything was handed out, or an error ended it. */
const Ended = 1;
/** Its reader is done with it. */
const Left = 2;

/**
 * A stream that is pulled: an async iterator over itself. One read at a time: a second `next()` before the first
 * settled rejects with {@link ConcurrentReadError}.
 */
export interface PulledStream<T> extends AsyncIterator<T, undefined, undefined>, AsyncDisposable {
  /**
   * The next value; waits for one. `done` after the end, and after the stream was left.
   *
   * @throws ConcurrentReadError when a read of this stream is waiting already
   */
  next(): Promise<IteratorResult<T, undefined>>;

  /** Leaves the stream; a waiting `next()` ends. Idempotent; never rejects. */
  return(): Promise<IteratorResult<T, undefined>>;

  /** Leaves the stream, for `await using`; never rejects. */
  [Symbol.asyncDispose](): Promise<void>;

  [Symbol.asyncIterator](): PulledStream<T>;
}

/** The shell of a {@link PulledStream}. */
export abstract class PullStream<T> implements PulledStream<T> {
  #state = Open;
  #isReading = false;
  // Made once for a stream: a read that waits is cheap, as it has to be where thousands wait at a time.
  readonly #took = (value: T | undefined): IteratorResult<T, undefined> => this.#settled(value);
  readonly #tookNothing = (error: unknown): IteratorResult<T, undefined> => this.#rejected(error);

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.#state !== Open) return Promise.resolve({ done: true, value: undefined });
    if (this.#isReading) return Promise.reject(concurrentRead());
    try {
      const value = this.takeNow();
      if (value !== undefined) return Promise.resolve({ done: false, value });
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#wait();
  }

  async return(): Promise<IteratorResult<T, undefined>> {
    this.#leave();
    return { done: true, value: undefined };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#leave();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** The reader has left. @internal */
  protected get isLeft(): boolean {
    return this.#state === Left;
  }

  /** The next value when it is at hand, which spares a wait. @internal */
  protected takeNow(): T | undefined {
    return undefined;
  }

  /** The next value; `undefined` at the end. {@link PullStream.leave} has to end it; it must not throw. @internal */
  protected abstract take(): Promise<T | undefined>;

  /** The reader has left before the end: releases what the stream holds. Called once; must not throw. @internal */
  protected abstract leave(): void;

  /** Everything was handed out. Called once; must not throw. @internal */
  protected ended(): void {}

  /** {@link PullStream.take} rejected; true when that ends the stream. @internal */
  protected failed(_error: unknown): boolean {
    return false;
  }

  #wait(): Promise<IteratorResult<T, undefined>> {
    this.#isReading = true;
    return this.take().then(this.#took, this.#tookNothing);
  }

  #settled(value: T | undefined): IteratorResult<T, undefined> {
    this.#isReading = false;
    if (value !== undefined) return { done: false, value };
    this.#end();
    return { done: true, value: undefined };
  }

  #rejected(error: unknown): IteratorResult<T, undefined> {
    this.#isReading = false;
    if (this.isLeft) return { done: true, value: undefined };
    if (this.failed(error)) this.#end();
    throw error;
  }

  #end(): void {
    if (this.#state !== Open) return;
    this.#state = Ended;
    this.ended();
  }

  #leave(): void {
    const wasOpen = this.#state === Open;
    this.#state = Left;
    if (wasOpen) this.leave();
  }
}

/** The error of a read beside one that waits. */
export function concurrentRead(): ConcurrentReadError {
  return new ConcurrentReadError(
    'this stream has a read waiting already, and it has one reader at a time; await that read, or open a stream of your own with events(filter)',
  );
}
