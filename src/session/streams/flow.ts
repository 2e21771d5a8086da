/**
 * When to read. Owns the totals of what is held unread and decides, after every change, whether the pipe is
 * read or left to fill.
 *
 * Without demand it reads up to the high-water mark and stops: the pipe fills and the server waits. With
 * demand it reads on up to `maxBytes`, because the one pipe also carries the answer that the demand is for.
 * At `maxBytes` the demand fails instead of waiting for ever, so a reader that also makes requests cannot
 * deadlock, and memory is bounded whatever the server sends.
 */
import { BackpressureError } from '../../support/errors.js';
import type { FlowStats } from '../session-stats.js';
import type { HeldTotals } from './message-buffer.js';

/** The two limits on unread messages. */
export interface FlowLimits {
  /** Messages held without demand. */
  readonly highWaterMark: number;
  /** Message text held with demand, in bytes. */
  readonly maxBytes: number;
}

/** What the flow asks of the session. */
export interface FlowOwner {
  /** A request is pending, a write is stuck, or a reader waits on an empty stream. */
  hasDemand(): boolean;
  /** Gives up what may be given up (notifications of a main stream that nobody opened) until `enough` says so. */
  evict(enough: () => boolean): void;
  /** Fails every demand. After this `hasDemand()` is false. */
  failDemand(error: BackpressureError): void;
  pause(): void;
  resume(): void;
}

/** Decides when the pipe is read. */
export class Flow implements HeldTotals {
  readonly #limits: FlowLimits;
  readonly #owner: FlowOwner;
  #messages = 0;
  #bytes = 0;
  #reservedBytes = 0;
  #peakMessages = 0;
  #peakBytes = 0;
  #pausedSince: number | undefined;
  #pausedTimes = 0;
  #pausedTotalMs = 0;
  /** A change is going on; the decision comes after it. */
  #isChanging = false;
  #readsToEnd = false;

  constructor(limits: FlowLimits, owner: FlowOwner) {
    this.#limits = limits;
    this.#owner = owner;
  }

  /** Unread text, with what we have to say ourselves and the server does not take, fills `maxBytes`. */
  get isFull(): boolean {
    return this.#bytes + this.#reservedBytes >= this.#limits.maxBytes;
  }

  /** Counts text that no stream holds: an answer that is given by itself and waits for the pipe. */
  reserve(bytes: number): void {
    this.#reservedBytes += bytes;
  }

  /** Takes a reservation back. */
  unreserve(bytes: number): void {
    this.#reservedBytes -= bytes;
    if (this.#pausedSince !== undefined) this.decide();
  }

  add(bytes: number): void {
    this.#messages += 1;
    this.#bytes += bytes;
  }

  remove(bytes: number): void {
    this.#messages -= 1;
    this.#bytes -= bytes;
    if (this.#pausedSince !== undefined) this.decide();
  }

  /** Looks at the state anew; called after each pipe read and whenever demand may have begun. */
  decide(): void {
    this.#notePeaks();
    if (this.#isChanging || this.#readsToEnd) return;
    this.#isChanging = true;
    if (this.isFull && this.#owner.hasDemand()) this.#relieve();
    const mayRead = !this.isFull && (this.#messages < this.#limits.highWaterMark || this.#owner.hasDemand());
    this.#isChanging = false;
    if (mayRead) this.#resume();
    else this.#pause();
  }

  /** Makes changes that belong together, such as moving messages from one stream to another, and decides once. */
  together<T>(change: () => T): T {
    this.#isChanging = true;
    try {
      return change();
    } finally {
      this.#isChanging = false;
      this.decide();
    }
  }

  /** The server is gone: what is left in the pipe is little, and is read without looking at the limits. */
  readToEnd(): void {
    this.#readsToEnd = true;
    this.#resume();
  }

  /** The error of a demand that cannot be met. */
  fullError(): BackpressureError {
    const reserved =
      this.#reservedBytes === 0
        ? ''
        : ` and ${this.#reservedBytes} bytes of answers that the server does not read`;
    return new BackpressureError(
      `${this.#messages} unread messages (${this.#bytes} bytes)${reserved} fill buffer.maxBytes (${this.#limits.maxBytes}), so no answer can be read; ` +
        'read the open streams (events() and filtered ones) or raise buffer.maxBytes; nothing that is held was lost',
    );
  }

  /** The counters now. */
  stats(): FlowStats {
    const pausedNow = this.#pausedSince === undefined ? 0 : performance.now() - this.#pausedSince;
    return {
      held: {
        messages: this.#messages,
        bytes: this.#bytes,
        peakMessages: this.#peakMessages,
        peakBytes: this.#peakBytes,
      },
      paused: {
        now: this.#pausedSince !== undefined,
        times: this.#pausedTimes,
        totalMs: this.#pausedTotalMs + pausedNow,
      },
    };
  }

  #relieve(): void {
    this.#owner.evict(() => !this.isFull);
    if (this.isFull) this.#owner.failDemand(this.fullError());
  }

  #notePeaks(): void {
    if (this.#messages > this.#peakMessages) this.#peakMessages = this.#messages;
    if (this.#bytes > this.#peakBytes) this.#peakBytes = this.#bytes;
  }

  #pause(): void {
    if (this.#pausedSince !== undefined) return;
    this.#pausedSince = performance.now();
    this.#pausedTimes += 1;
    this.#owner.pause();
  }

  #resume(): void {
    if (this.#pausedSince === undefined) return;
    this.#pausedTotalMs += performance.now() - this.#pausedSince;
    this.#pausedSince = undefined;
    this.#owner.resume();
  }
}
