/**
 * One stream's unread messages and its reader. Owns who reads, the end with its error, and what the flow is told: every
 * message that comes is held, every one that goes is released, and a reader of the empty buffer is a demand. The bound
 * is the flow's.
 *
 * The invariant: one reader at a time, and a read that rejects takes nothing, even when a message came in the same turn.
 */
import type { Demand } from '../../support/demand.js';
import { concurrentRead } from '../../support/pull-stream.js';
import { Settlement, type WaitLimits } from '../../support/settlement.js';
import type { ServerMessage } from '../messages/server-message.js';
import type { Flow } from './flow.js';
import { type HeldMessage, UnreadMessages } from './unread-messages.js';

/** The unread messages of one stream. */
export class MessageBuffer {
  readonly #unread = new UnreadMessages();
  /** Undefined once what is unread counts no more. */
  #flow: Flow | undefined;
  #reader: Reader | undefined;
  #end: { readonly failure: unknown } | undefined;
  /** A look at what arrives is planned. */
  #isArriving = false;

  constructor(flow: Flow) {
    this.#flow = flow;
  }

  /** How many messages are unread. */
  get count(): number {
    return this.#unread.count;
  }

  /** How many of them are server requests. */
  get requestCount(): number {
    return this.#unread.requestCount;
  }

  /** Somebody waits for a message. */
  get isRead(): boolean {
    return this.#reader !== undefined;
  }

  /** Adds a message after all others. */
  add(held: HeldMessage): void {
    this.#unread.add(held);
    this.#added(held);
  }

  /** Adds a message at its place in wire order. */
  insert(held: HeldMessage): void {
    this.#unread.insert(held);
    this.#added(held);
  }

  /**
   * Removes and gives back the unread messages that match, in order, until their bytes come to `enoughBytes`. The flow
   * decides when the caller has finished what it does with them.
   */
  takeMatching(matches: (message: ServerMessage) => boolean, enoughBytes?: number): HeldMessage[] {
    const taken = this.#unread.takeMatching(matches, enoughBytes);
    for (const held of taken) this.#flow?.release(held.bytes);
    return taken;
  }

  /** What is unread counts no more: it is its owner's from now on, and slows nobody down. */
  disown(): void {
    const flow = this.#flow;
    this.#flow = undefined;
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
   *
   * @param owner - who reads, for {@link MessageBuffer.rejectReader}
   */
  async take(limits?: WaitLimits, owner?: object): Promise<ServerMessage | undefined> {
    limits?.signal?.throwIfAborted();
    return this.takeNow() ?? this.#read(limits, owner);
  }

  /**
   * Rejects the waiting read, when there is one; nothing unread is lost and the stream goes on.
   *
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

  #added(held: HeldMessage): void {
    this.#flow?.hold(held.bytes);
    if (this.#reader !== undefined) this.#flow?.leave(this.#reader);
  }

  #shift(): ServerMessage | undefined {
    const held = this.#unread.shift();
    if (held === undefined) return undefined;
    this.#flow?.taken(held.bytes);
    return held.message;
  }

  #read(limits: WaitLimits | undefined, owner: object | undefined): Promise<ServerMessage | undefined> {
    const reader = new Reader(owner, () => this.#readerLeft(reader));
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
    if (message !== undefined) reader.resolve(message);
    else if (this.#end === undefined || this.count > 0) this.#wait(reader);
    else if (this.#end.failure === undefined) reader.resolve(undefined);
    else reader.reject(this.#end.failure);
  }

  #wait(reader: Reader): void {
    // One who joins an arrival that is on its way is served by it, too.
    if (!this.#isArriving) {
      this.#isArriving = true;
      this.#unread.arrival().then(() => {
        this.#isArriving = false;
        this.#serve();
      });
    }
    if (this.count === 0) this.#flow?.enter(reader);
  }

  #readerLeft(reader: Reader): void {
    this.#flow?.leave(reader);
    this.#reader = undefined;
  }
}

/** A read that waits. */
class Reader extends Settlement<ServerMessage | undefined> implements Demand {
  readonly owner: object | undefined;
  readonly #left: () => void;

  constructor(owner: object | undefined, left: () => void) {
    super();
    this.owner = owner;
    this.#left = left;
  }

  fail(error: Error): void {
    this.reject(error);
  }

  protected override settled(): void {
    this.#left();
  }
}
