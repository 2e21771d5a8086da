/**
 * What a tap holds for its reader: copies in wire order, and where some are missing a gap that counts them. Owns the bound:
 * what finds no room is missed and counted, so that a reader that lags costs no more than the bound and holds nobody back.
 *
 * The invariant: what is handed out, with each gap counted as what it stands for, is everything that was added, in order.
 */
import { type Deferred, deferred } from '../../support/deferred.js';
import { LIGHT_BYTES } from '../streams/flow.js';

/** Stands in a tap at the place of what its reader was too slow for. */
export interface Gap {
  readonly kind: 'gap';
  /** How many messages, or lines, are missing here: 1 or more. */
  readonly missed: number;
}

/** One that waits, and the one behind it. */
interface Held<T> {
  readonly value: T | Gap;
  readonly bytes: number;
  next: Held<T> | undefined;
}

/** Copies that wait for their reader. */
export class HeldCopies<T> {
  readonly #maxBytes: number;
  #first: Held<T> | undefined;
  #last: Held<T> | undefined;
  #bytes = 0;
  /** Missed since the last one that is held; no gap stands for them yet. */
  #missed = 0;
  #reader: Deferred<T | Gap | undefined> | undefined;
  #end: { readonly failure: unknown } | undefined;

  /** @param maxBytes - what may be held; a copy that comes when nothing is held may be larger */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** What is held costs so much, in bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  /** It lags, and half is not free yet: the next one is missed, whatever its size. */
  get isFull(): boolean {
    return this.#missed > 0 && this.#bytes > this.#maxBytes / 2;
  }

  /** So little is held, this text included, that its size is measure enough. */
  isLight(bytes: number): boolean {
    return this.#bytes + bytes < LIGHT_BYTES;
  }

  /** Adds a copy behind all others; false when it was missed. */
  add(value: T, bytes: number): boolean {
    const reader = this.#reader;
    if (reader !== undefined) {
      this.#reader = undefined;
      reader.resolve(value);
      return true;
    }
    if (!this.#hasRoomFor(bytes)) {
      this.#missed += 1;
      return false;
    }
    if (this.#missed > 0) this.#append({ value: this.#takeGap(), bytes: 0, next: undefined });
    this.#append({ value, bytes, next: undefined });
    return true;
  }

  /** The next one when it is at hand; behind the last one held, a gap for what was missed since. */
  takeNow(): T | Gap | undefined {
    const first = this.#first;
    if (first === undefined) return this.#missed > 0 ? this.#takeGap() : undefined;
    this.#first = first.next;
    if (this.#first === undefined) this.#last = undefined;
    this.#bytes -= first.bytes;
    return first.value;
  }

  /** Waits for the next one, when none is at hand; `undefined` after a clean end. Rejects with the failure of the end. */
  take(): Promise<T | Gap | undefined> {
    const reader = deferred<T | Gap | undefined>();
    this.#reader = reader;
    this.#settleAtEnd();
    return reader.promise;
  }

  /** Nothing is added any more: reading ends, or fails, once everything is handed out. */
  end(failure?: unknown): void {
    this.#end = { failure };
    this.#settleAtEnd();
  }

  /** The reader has left: lets go of everything. */
  close(): void {
    this.#first = undefined;
    this.#last = undefined;
    this.#bytes = 0;
    this.#missed = 0;
    this.end();
  }

  /** One that lags waits until half is free: few long gaps say more than many short ones. */
  #hasRoomFor(bytes: number): boolean {
    if (this.#first === undefined) return true;
    return !this.isFull && this.#bytes + bytes <= this.#maxBytes;
  }

  #takeGap(): Gap {
    const missed = this.#missed;
    this.#missed = 0;
    return { kind: 'gap', missed };
  }

  #append(held: Held<T>): void {
    if (this.#last === undefined) this.#first = held;
    else this.#last.next = held;
    this.#last = held;
    this.#bytes += held.bytes;
  }

  #settleAtEnd(): void {
    const reader = this.#reader;
    if (reader === undefined || this.#end === undefined) return;
    this.#reader = undefined;
    if (this.#end.failure === undefined) reader.resolve(undefined);
    else reader.reject(this.#end.failure);
  }
}
