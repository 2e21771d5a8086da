/**
 * One stream's unread messages and its reader. Owns who reads, when it is told of a cut, the end with its error, and what
 * the flow is told: what comes is held, what goes is released, and a reader of the empty buffer is a demand.
 *
 * The invariants: one reader at a time; a read that rejects takes nothing, even when a message came in the same turn; what
 * is told of a cut comes after everything that was held at the cut.
 */
import { concurrentRead } from '../../support/pull-stream.js';
import type { WaitLimits } from '../../support/settlement.js';
import type { ServerMessage } from '../messages/server-message.js';
import { Coalescer, type Merging } from './coalescer.js';
import type { Flow } from './flow.js';
import { mergedCount } from './merged-messages.js';
import { StreamBound } from './stream-bound.js';
import { emptied, type HeldMessage, UnreadMessages } from './unread-messages.js';
import { WaitingRead } from './waiting-read.js';

/** What became of a message that was offered; the first that is missed cuts. */
export type Offered = 'held' | 'cut' | 'missed';

/** The unread messages of one stream. */
export class MessageBuffer {
  readonly #unread = new UnreadMessages();
  readonly #cutError: (missed: number) => Error;
  /** Undefined once what is unread counts no more. */
  #flow: Flow | undefined;
  readonly #bound: StreamBound;
  #coalescer: Coalescer | undefined;
  #reader: WaitingRead | undefined;
  #end: { readonly failure: unknown } | undefined;
  /** A look at what arrives is planned. */
  #isArriving = false;
  #isMergingPlanned = false;

  // Made once for a stream: a read that waits is cheap, as it has to be where thousands wait at a time.
  readonly #arrived = (): void => {
    this.#isArriving = false;
    this.#serve();
  };
  readonly #readerLeft = (reader: WaitingRead): void => {
    this.#flow?.leave(reader);
    this.#reader = undefined;
  };

  /** @param cutError - what its reader is told of a cut */
  constructor(flow: Flow, cutError: (missed: number) => Error) {
    this.#flow = flow;
    this.#bound = new StreamBound(flow);
    this.#cutError = cutError;
  }

  /** How many messages are unread. */
  get count(): number {
    return this.#unread.count;
  }

  /** What they cost. */
  get bytes(): number {
    return this.#unread.bytes;
  }

  /** What a cut can free, in bytes: server requests are kept. */
  get droppableBytes(): number {
    return this.#unread.bytes - this.#unread.requestBytes;
  }

  /** How much may be held, in bytes. */
  get maxHeldBytes(): number {
    return this.#bound.maxBytes;
  }

  set maxHeldBytes(maxBytes: number) {
    this.#bound.change(maxBytes, this.bytes);
  }

  /** How many messages were missed since the cut that the reader has not been told of; undefined when there is none. */
  get missed(): number | undefined {
    return this.#bound.missed;
  }

  /** How many of them are server requests. */
  get requestCount(): number {
    return this.#unread.requestCount;
  }

  /** Somebody waits for a message. */
  get isRead(): boolean {
    return this.#reader !== undefined;
  }

  /** From now on what is unread is merged, as far as it can be, or is not. */
  set coalesces(coalesces: boolean) {
    this.#coalescer?.settle();
    this.#coalescer = coalesces ? (this.#coalescer ?? new Coalescer()) : undefined;
  }

  /** Adds a message after all others, whatever is held. */
  add(held: HeldMessage): void {
    this.#noteAdded(held);
    this.#unread.add(held);
    this.#added(held);
  }

  /**
   * Adds a message after all others, or merges it with what is unread. There is no room for it after a cut, nor while there
   * is demand and it would pass the bound, which cuts; a message alone always has room.
   */
  offer(held: HeldMessage): Offered {
    const isLagging = this.#isLagging;
    const coalescer = this.#coalescer;
    const merging = isLagging ? coalescer?.mergingOf(held.message) : undefined;
    if (coalescer === undefined || merging === undefined) {
      if (!this.#bound.hasRoomFor(this.bytes + held.bytes, isLagging)) return this.#bound.noteMissed(1);
      this.add(held);
      return 'held';
    }
    const bytes = 'into' in merging ? merging.bytes : held.bytes - merging.replaces.bytes;
    if (!this.#bound.hasRoomFor(this.bytes + bytes, isLagging)) return this.#bound.noteMissed(1);
    this.#merge(held, merging, coalescer);
    return 'held';
  }

  /**
   * Gives up the newest notifications, so much of them at least, and what comes until the reader is told. They are dropped
   * and counted; the server requests between and behind them are given back.
   */
  cut(bytes: number): HeldMessage[] {
    const taken = this.#take(() => this.#unread.takeLast(({ kind }) => kind === 'notification', bytes));
    const requests = taken.filter(({ message }) => message.kind === 'request');
    const counts = taken.map(({ message }) => (message.kind === 'request' ? 0 : mergedCount(message)));
    this.#bound.noteMissed(counts.reduce((sum, count) => sum + count, 0));
    return requests;
  }

  /** So many messages that would have come here were missed elsewhere: this is cut, too, and who waits is told. */
  noteMissed(count: number): void {
    this.#bound.noteMissed(count);
    this.#serve();
  }

  /** Adds a message at its place in wire order. */
  insert(held: HeldMessage): void {
    this.#coalescer?.settle();
    this.#unread.insert(held);
    this.#added(held);
  }

  /**
   * Removes and gives back the unread messages that match, in order, until their bytes come to `enoughBytes`. The flow
   * decides when the caller has finished what it does with them.
   */
  takeMatching(matches: (message: ServerMessage) => boolean, enoughBytes?: number): HeldMessage[] {
    return this.#take(() => this.#unread.takeMatching(matches, enoughBytes));
  }

  /** What is unread counts no more: it is its owner's from now on, and slows nobody down. */
  disown(): void {
    const flow = this.#flow;
    this.#flow = undefined;
    this.#bound.disown();
    flow?.release(this.#unread.bytes, this.#unread.count);
    // In the middle of a chunk it is not paused, and its end decides.
    if (flow?.isPaused === true) flow.decide();
  }

  /** The next message without waiting, or undefined when none is at hand. @throws ConcurrentReadError */
  takeNow(): ServerMessage | undefined {
    if (this.#reader !== undefined) throw concurrentRead();
    return this.#shift();
  }

  /**
   * The next message; waits for one. `undefined` after the end.
   * Rejects with {@link ConcurrentReadError} when a read is waiting already, with the stream's terminal error
   * after everything unread was handed out, with `signal.reason`, or with the limit's timeout error.
   * @param owner - who reads, for {@link MessageBuffer.rejectReader}
   */
  take(limits?: WaitLimits, owner?: object): Promise<ServerMessage | undefined> {
    if (limits?.signal?.aborted === true) return Promise.reject(limits.signal.reason);
    if (this.#reader !== undefined) return Promise.reject(concurrentRead());
    const message = this.#shift();
    return message === undefined ? this.#read(limits, owner) : Promise.resolve(message);
  }

  /**
   * Rejects the waiting read, when there is one; nothing unread is lost and the stream goes on.
   * @param owner - only a read of this one
   */
  rejectReader(error: unknown, owner?: object): void {
    const reader = this.#reader;
    if (reader !== undefined && (owner === undefined || reader.owner === owner)) reader.reject(error);
  }

  /** No message will be added any more: reads end, or reject with `failure`, once everything is handed out. */
  end(failure?: unknown): void {
    if (this.#end !== undefined) return;
    // A field is the end, not it-pushable's `end()`: a released stream may still hand its messages back here.
    this.#end = { failure };
    this.#serve();
  }

  /** Something is unread, and nobody waits for it. */
  get #isLagging(): boolean {
    return this.count > 0 && this.#reader === undefined;
  }

  #noteAdded(held: HeldMessage): void {
    if (this.#coalescer === undefined) return;
    if (this.count > 0 && this.#reader !== undefined) this.#planMerging(this.#coalescer);
    if (this.count === 0) this.#coalescer.noteFirst(held);
    else this.#coalescer.note(held);
  }

  #added(held: HeldMessage): void {
    this.#flow?.hold(held.bytes);
    this.#bound.noteHeld(this.bytes);
    if (this.#reader !== undefined) this.#flow?.leave(this.#reader);
  }

  #shift(): ServerMessage | undefined {
    const held = this.#unread.shift();
    if (held === undefined) return undefined;
    this.#coalescer?.taken(held);
    this.#bound.noteTaken(this.bytes);
    this.#flow?.taken(held.bytes);
    return emptied(held);
  }

  #take(take: () => HeldMessage[]): HeldMessage[] {
    this.#coalescer?.settle();
    const taken = take();
    for (const held of taken) this.#flow?.release(held.bytes);
    this.#bound.noteHeld(this.bytes);
    return taken;
  }

  #read(limits: WaitLimits | undefined, owner: object | undefined): Promise<ServerMessage | undefined> {
    const reader = new WaitingRead(owner, this.#readerLeft);
    this.#reader = reader;
    if (limits !== undefined) reader.limit(limits);
    this.#serve();
    return reader.promise;
  }

  /** Settles the waiting read with what is at hand, or goes on waiting. */
  #serve(): void {
    const reader = this.#reader;
    if (reader === undefined) return;
    const message = this.#shift();
    const missed = this.count > 0 || message !== undefined ? undefined : this.#bound.takeMissed();
    if (message !== undefined) reader.resolve(message);
    else if (missed !== undefined) reader.reject(this.#cutError(missed));
    else if (this.#end === undefined || this.count > 0) this.#wait(reader);
    else if (this.#end.failure === undefined) reader.resolve(undefined);
    else reader.reject(this.#end.failure);
  }

  #wait(reader: WaitingRead): void {
    // One who joins an arrival that is on its way is served by it, too.
    if (!this.#isArriving) {
      this.#isArriving = true;
      this.#unread.arrival().then(this.#arrived);
    }
    if (this.count === 0) this.#flow?.enter(reader);
  }

  // What comes with the message of a reader that waited is merged when it has not been read a turn of the event loop later:
  // a reader that keeps up is back before, and gets each by itself.
  #planMerging(coalescer: Coalescer): void {
    if (this.#isMergingPlanned) return;
    this.#isMergingPlanned = true;
    setImmediate(() => {
      this.#isMergingPlanned = false;
      if (this.#coalescer === coalescer && this.#isLagging) this.#mergeUnread(coalescer);
    });
  }

  #mergeUnread(coalescer: Coalescer): void {
    for (const held of this.#take(() => this.#unread.takeMatching(() => true))) {
      const merging = this.count === 0 ? undefined : coalescer.mergingOf(held.message);
      if (merging === undefined) this.add(held);
      else this.#merge(held, merging, coalescer);
    }
    if (this.#flow?.isPaused === true) this.#flow.decide();
  }

  #merge(held: HeldMessage, merging: Merging, coalescer: Coalescer): void {
    if ('into' in merging) {
      coalescer.grow(merging.into, held.message, merging.piece);
      this.#unread.grow(merging.into, merging.bytes);
      this.#flow?.grow(merging.bytes);
      this.#bound.noteHeld(this.bytes);
      return;
    }
    held.message = coalescer.replacing(merging.replaces, held.message);
    if (this.#unread.remove(merging.replaces)) this.#flow?.replaced(merging.replaces.bytes);
    this.add(held);
  }
}
