/**
 * When to read. Owns the totals of what is held unread and those who wait, and decides after every change whether the
 * pipe is read or left to fill.
 *
 * Without demand it reads up to the high-water mark and stops: the pipe fills and the server waits. With demand it
 * reads on up to `maxBytes`, because the one pipe also carries the answer that the demand is for. At `maxBytes` those who
 * hold the messages give some up, or the demand fails instead of waiting for ever, so a reader that also makes requests
 * cannot deadlock, and memory is bounded whatever the server sends.
 */
import type { Demand, Demands } from '../../support/demand.js';
import { BackpressureError } from '../../support/errors.js';
import type { FlowStats } from './flow-stats.js';

/**
 * From so many bytes of text on it is looked at what a message costs. Below, the dearest costs some megabytes, and a reader
 * that keeps up is not slowed down by it.
 */
export const LIGHT_BYTES = 256 * 1024;

/** The limits on unread messages. */
export interface FlowLimits {
  /** Messages held without demand. */
  readonly highWaterMark: number;
  /** What may be held with demand, in bytes of message text, or of memory where the text is a poor measure. */
  readonly maxBytes: number;
  /** The pipe is read whatever is held, as if there were demand at all times. @defaultValue false */
  readonly neverPauses?: boolean | undefined;
}

/** The pipe that the server writes. */
export interface Pipe {
  pause(): unknown;
  resume(): unknown;
}

/** Somebody who may give up some of what is held, before a demand fails. */
export interface Holder {
  /**
   * Releases what it can do without, so much of it at least, or all.
   * @param mustGive - nothing else can make room: the pipe is never paused
   */
  giveUp(bytes: number, mustGive: boolean): void;
}

/** Decides when the pipe is read. */
export class Flow implements Demands {
  readonly #limits: FlowLimits;
  readonly #pipe: Pipe;
  readonly #demands = new Set<Demand>();
  readonly #holders: Holder[] = [];
  readonly #neverPauses: boolean;
  /** Streams that hold all they may. */
  #fullStreams = 0;
  #reads = 0;
  /** There was demand when the last read of the pipe began. */
  #wasReadForDemand = false;
  #messages = 0;
  #bytes = 0;
  #reservedBytes = 0;
  #coalesced = 0;
  #peakMessages = 0;
  #peakBytes = 0;
  #pausedSince: number | undefined;
  #pausedTimes = 0;
  #pausedTotalMs = 0;
  #extraBytes = 0;
  #readsToEnd = false;

  constructor(limits: FlowLimits, pipe: Pipe) {
    this.#limits = limits;
    this.#neverPauses = limits.neverPauses ?? false;
    this.#pipe = pipe;
  }

  /** Somebody waits for what is behind the unread messages, or they cannot be left in the pipe. */
  get hasDemand(): boolean {
    return this.#demands.size > 0 || this.#neverPauses;
  }

  /** How often the pipe was read. */
  get reads(): number {
    return this.#reads;
  }

  /** Unread text, with what we have to say ourselves and the server does not take, fills `maxBytes`. */
  get isFull(): boolean {
    return this.#excessBytes >= 0;
  }

  /** What may be held with demand, in bytes. */
  get maxBytes(): number {
    return this.#limits.maxBytes;
  }

  /** So little is held, this text included, that its size is measure enough. */
  isLight(bytes: number): boolean {
    return this.#bytes + bytes < LIGHT_BYTES;
  }

  /** The pipe is left to fill. */
  get isPaused(): boolean {
    return this.#pausedSince !== undefined;
  }

  /** From now on the holder is asked before a demand fails. */
  addHolder(holder: Holder): void {
    this.#holders.push(holder);
  }

  /** Somebody waits from now on; fails at once where there is no room to read what it waits for. */
  enter(demand: Demand): void {
    this.#demands.add(demand);
    if (this.#pausedSince !== undefined || this.isFull) this.decide();
  }

  /** Somebody waits no more; the last one to leave stops the reading where enough is held. */
  leave(demand: Demand): void {
    const wasLast = this.#demands.delete(demand) && this.#demands.size === 0;
    if (wasLast && !this.#hasRoomWithoutDemand) this.decide();
  }

  /** A chunk of the pipe is read from now on; {@link Flow.decide} ends it. */
  readBegins(): void {
    this.#reads += 1;
    this.#wasReadForDemand = this.hasDemand;
  }

  /**
   * What comes could not be left in the pipe for a stream that is full since that read: somebody waits, or waited when the
   * chunk was read, and got his message in the same chunk.
   */
  readsPast(fullSince: number | undefined): boolean {
    return this.hasDemand || (this.#wasReadForDemand && fullSince !== undefined && fullSince < this.#reads);
  }

  /** A stream holds all it may: without demand no more is read. */
  streamFilled(): void {
    this.#fullStreams += 1;
  }

  /** A stream that held all it may has room again: {@link Flow.decide} or {@link Flow.taken} follows. */
  streamHasRoom(): void {
    this.#fullStreams -= 1;
  }

  /** A message is held. */
  hold(bytes: number): void {
    this.#messages += 1;
    this.#bytes += bytes;
  }

  /** A message was merged into one that is held. */
  grow(bytes: number): void {
    this.#bytes += bytes;
    this.#coalesced += 1;
  }

  /** A message takes the place of one that is held. */
  replaced(bytes: number): void {
    this.release(bytes);
    this.#coalesced += 1;
  }

  /** So many messages that had been merged into others were missed: they count as that. */
  missedMerged(messages: number): void {
    this.#coalesced -= messages;
  }

  /** How many messages were merged into others, or took the place of others. */
  get coalesced(): number {
    return this.#coalesced;
  }

  /** Messages are held no more, or move: {@link Flow.decide} follows when the change is complete. */
  release(bytes: number, messages = 1): void {
    this.#messages -= messages;
    this.#bytes -= bytes;
  }

  /** A reader took a message, which may make room. */
  taken(bytes: number): void {
    this.release(bytes);
    if (this.#pausedSince !== undefined) this.decide();
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

  /** Looks at the state anew; called after each pipe read and whenever demand may have begun. */
  decide(): void {
    this.#notePeaks();
    if (this.#readsToEnd) return;
    if (this.isFull && this.hasDemand) this.#relieve();
    const mayRead = !this.isFull && (this.hasDemand || this.#hasRoomWithoutDemand);
    if (mayRead || this.#neverPauses) this.#resume();
    else this.#pause();
  }

  /** So much more than `maxBytes` may be held: the server is on its way out, and goes when its last words are read. */
  makeRoom(bytes: number): void {
    this.#extraBytes += bytes;
    this.decide();
  }

  /** The server is gone: what is left in the pipe is little, and is read without looking at the limits. */
  readToEnd(): void {
    this.#readsToEnd = true;
    this.#resume();
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

  /** Makes room, or fails everybody who waits: each of them leaves, unless it has something else to wait for. */
  #relieve(): void {
    for (const holder of this.#holders)
      if (this.isFull) holder.giveUp(this.#excessBytes + 1, this.#neverPauses);
    if (!this.isFull) return;
    const error = this.#fullError();
    for (const demand of [...this.#demands]) demand.fail(error);
  }

  get #hasRoomWithoutDemand(): boolean {
    return this.#messages < this.#limits.highWaterMark && this.#fullStreams === 0;
  }

  get #excessBytes(): number {
    return this.#bytes + this.#reservedBytes - this.#limits.maxBytes - this.#extraBytes;
  }

  #fullError(): BackpressureError {
    const reserved =
      this.#reservedBytes === 0
        ? ''
        : ` and ${this.#reservedBytes} bytes of answers that the server does not read`;
    return new BackpressureError(
      `${this.#messages} unread messages (${this.#bytes} bytes)${reserved} fill buffer.maxBytes (${this.#limits.maxBytes}), so no answer can be read; ` +
        'read the open streams (events(), filtered ones, and runs that are iterated) or raise buffer.maxBytes; nothing that is held was lost',
      { missed: 0 },
    );
  }

  #notePeaks(): void {
    this.#peakMessages = Math.max(this.#peakMessages, this.#messages);
    this.#peakBytes = Math.max(this.#peakBytes, this.#bytes);
  }

  #pause(): void {
    if (this.#pausedSince !== undefined) return;
    this.#pausedSince = performance.now();
    this.#pausedTimes += 1;
    this.#pipe.pause();
  }

  #resume(): void {
    if (this.#pausedSince === undefined) return;
    this.#pausedTotalMs += performance.now() - this.#pausedSince;
    this.#pausedSince = undefined;
    this.#pipe.resume();
  }
}
