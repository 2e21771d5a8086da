/**
 * One open stream: what it takes, what of that is unread, and how far it is. A filtered stream and a run's stream are
 * this alike. Its states only move right: read, full (it takes no more), left (what still comes is dropped), finished.
 *
 * A cut is no state: it lasts from the first message that found no room until the reader is told (L5). Meanwhile
 * notifications that come are missed, and server requests go to whoever would get them without this stream.
 */
import type { WaitLimits } from '../../support/settlement.js';
import type { MessageScope, ServerMessage, ServerRequest } from '../messages/server-message.js';
import type { Flow } from './flow.js';
import { HeldStream } from './held-stream.js';
import type { Offered } from './message-buffer.js';
import { REQUEST_GROUP } from './precedence.js';
import type { Route, RouteKeys } from './route-table.js';
import type { Streams } from './streams.js';
import type { HeldMessage } from './unread-messages.js';

const Read = 0;
/** It takes no more: everything that comes goes to others. */
const Full = 1;
/** Nobody reads any more: what comes goes to others, if it is a server request or its claim says so, or is dropped. */
const Left = 2;
/** No message comes here any more. */
const Finished = 3;

const THREADLESS_REQUESTS: RouteKeys = { threadless: 'request' };

/** What a stream takes. */
export interface StreamClaim {
  readonly keys: RouteKeys;
  /** Higher wins; see `precedence.ts`. */
  readonly precedence: number;
  /** One of {@link REQUEST_GROUP}. @defaultValue `reads` */
  readonly requestGroup?: number | undefined;
  /** The end of the session, a clean one too, is an error for its reader: it was cut off. @defaultValue false */
  readonly cutOffFails?: boolean | undefined;
  /** Whether it takes a message that has its keys. @defaultValue every one */
  readonly takes?: ((message: ServerMessage, scope: MessageScope) => boolean) | undefined;
  /** It takes one message, and leaves all others to those who would get them without it. @defaultValue false */
  readonly takesOne?: boolean | undefined;
  /** Which notifications others get once its reader has left. @defaultValue none */
  readonly passesOn?: ((message: ServerMessage) => boolean) | undefined;
  /** Deals with a server request that comes after a cut and that nobody else would get. @defaultValue the main stream has it */
  readonly refuses?: ((request: ServerRequest) => void) | undefined;
  /** What is unread when its reader leaves is refused, too, where nobody else would get it. @defaultValue false */
  readonly refusesUnread?: boolean | undefined;
  /** What its owner calls it. @defaultValue a stream */
  readonly name?: string | undefined;
  /** How much of it may be held unread, in bytes. @defaultValue the session's bound of a stream */
  readonly maxHeldBytes?: number | undefined;
  /** What is unread is merged, as far as it can be. @defaultValue false */
  readonly coalesce?: boolean | undefined;
}

/** What became of a message: dropped because nobody reads any more, or refused by a stream that was cut. */
export type Received = Offered | 'dropped' | 'refused';

/** A stream of the messages that no more important stream wants. */
export class OpenStream extends HeldStream implements Route {
  readonly keys: RouteKeys;
  readonly precedence: number;
  readonly cutOffFails: boolean;
  readonly #streams: Streams;
  readonly #takes: StreamClaim['takes'];
  readonly #passesOn: StreamClaim['passesOn'];
  readonly #refuses: StreamClaim['refuses'];
  readonly #refusesUnread: boolean;
  readonly #addedKeys: RouteKeys[] = [];
  #requestGroup: number;
  readonly #takesOne: boolean;
  #state = Read;

  constructor(streams: Streams, flow: Flow, claim: StreamClaim) {
    super(flow, claim.name ?? 'a stream');
    this.#streams = streams;
    this.buffer.maxHeldBytes = claim.maxHeldBytes ?? streams.defaultMaxHeldBytes;
    this.buffer.coalesces = claim.coalesce ?? false;
    this.keys = claim.keys;
    this.precedence = claim.precedence;
    this.cutOffFails = claim.cutOffFails ?? false;
    this.#takes = claim.takes;
    this.#passesOn = claim.passesOn;
    this.#refuses = claim.refuses;
    this.#refusesUnread = claim.refusesUnread ?? false;
    this.#takesOne = claim.takesOne ?? false;
    this.#requestGroup = claim.requestGroup ?? REQUEST_GROUP.reads;
  }

  /** Its reader has not been told that it is over, and has not left. */
  get isRead(): boolean {
    return this.#state === Read;
  }

  /** Nothing comes here any more, and what is unread counts no more. */
  get isFinished(): boolean {
    return this.#state === Finished;
  }

  get requestGroup(): number {
    return this.#isCut ? REQUEST_GROUP.unattended : this.#requestGroup;
  }

  takes(message: ServerMessage, scope: MessageScope): boolean {
    if (this.#state !== Read && (this.#state === Full || this.passesOn(message))) return false;
    if (this.#isCut && message.kind === 'request' && !this.#refusesInsteadOfOthers) return false;
    return this.#takes?.(message, scope) ?? true;
  }

  /** Others get the message when nobody reads here: somebody has to answer a server request. */
  passesOn(message: ServerMessage): boolean {
    return message.kind === 'request' || this.#passesOn?.(message) === true;
  }

  /** Refuses a request that was unread when its reader left, and that no other stream wants; false when it is not to be refused. */
  refusesLeft(message: ServerMessage): boolean {
    if (!this.#refusesUnread || message.kind !== 'request' || !this.#refusesInsteadOfOthers) return false;
    this.#refuse(message);
    return true;
  }

  /** Puts a message that was just read behind all others, if it has room for it. A server request does not cut. */
  receive(held: HeldMessage): Received {
    const { message } = held;
    if (this.#state !== Read) return 'dropped';
    if (message.kind === 'request') {
      if (this.#isCut) return this.#refuse(message);
      this.buffer.add(held);
    }
    if (this.#takesOne) this.#state = Full;
    return message.kind === 'request' ? 'held' : this.buffer.offer(held);
  }

  /** Puts a message that another stream handed on at its place in wire order. */
  insert(held: HeldMessage): void {
    if (this.#takesOne) this.#state = Full;
    if (this.#isCut && held.message.kind === 'request') this.#refuse(held.message);
    else this.buffer.insert(held);
  }

  /** From now on what is unread is merged, as far as it can be. */
  coalesce(): void {
    this.buffer.coalesces = true;
  }

  /** It gets what is unread of a stream that was cut: what is missing there is missing here, and its reader is told. */
  inheritCut({ missed }: OpenStream): void {
    if (missed > 0) this.buffer.noteMissed(missed);
  }

  /** Removes and gives back the unread messages that match; see {@link MessageBuffer.takeMatching}. */
  takeMatching(matches: (message: ServerMessage) => boolean, enoughBytes?: number): HeldMessage[] {
    return this.buffer.takeMatching(matches, enoughBytes);
  }

  /** The next message when it is at hand. @throws ConcurrentReadError */
  takeNow(): ServerMessage | undefined {
    return this.buffer.takeNow();
  }

  /** The next message; see {@link MessageBuffer.take}. */
  take(limits?: WaitLimits, owner?: object): Promise<ServerMessage | undefined> {
    return this.buffer.take(limits, owner);
  }

  /** Rejects a waiting read; see {@link MessageBuffer.rejectReader}. */
  rejectReader(error: unknown, owner?: object): void {
    this.buffer.rejectReader(error, owner);
  }

  /** Takes the messages of one more thread, too. */
  addThread(threadId: string): void {
    if (this.#state === Finished) return;
    this.#addKeys({ threadId });
    this.lookForRequests();
  }

  /**
   * From now on server requests come here only when no other stream wants them; so do those that are unread. It is asked
   * about requests of no thread, too.
   */
  yieldRequests(): void {
    this.#requestGroup = REQUEST_GROUP.unattended;
    if (this.#state !== Read) return;
    if (!this.#addedKeys.includes(THREADLESS_REQUESTS)) this.#addKeys(THREADLESS_REQUESTS);
    this.#streams.handOnRequests(this);
    this.#streams.handOnMainRequests();
  }

  /** More is known of what it takes: what was asked before that and is unread goes where it would go now, as after yielding. */
  lookForRequests(): void {
    if (this.#requestGroup !== REQUEST_GROUP.unattended || this.#state !== Read) return;
    this.#streams.handOnRequests(this);
    this.#streams.handOnMainRequests();
  }

  /** From now on server requests come here as to any stream that is read. */
  claimRequests(): void {
    this.#requestGroup = REQUEST_GROUP.reads;
  }

  /** Reading ends, or fails, once what is unread is handed out; what still comes is dropped. */
  stop(failure?: unknown): void {
    if (this.#state === Read) this.#state = Left;
    this.buffer.end(failure);
  }

  /** The reader has left: of what is unread, others get what is passed on; the rest is dropped. */
  leave(): void {
    this.stop();
    this.#streams.handBack(this);
  }

  /** No message comes any more. What is unread can be read, slows nobody down, and then reading ends, or fails. */
  finish(failure?: unknown): void {
    if (this.#state === Finished) return;
    this.#state = Finished;
    this.#streams.remove(this, this.#addedKeys);
    this.buffer.end(failure);
    this.disown();
  }

  /** What is unread is its owner's: it counts no more. */
  disown(): void {
    this.buffer.disown();
  }

  /** Hands on the unread messages that are not for this stream after all. */
  handOnOthers(isOurs: (message: ServerMessage, scope: MessageScope) => boolean): void {
    this.#streams.handOnOthers(this, isOurs);
  }

  /** Hands on that it was cut: whoever would get this message without it is told what was missed. */
  handOnCut(message: ServerMessage): void {
    if (this.missed > 0) this.#streams.handOnCut(this, message);
  }

  /** {@link OpenStream.finish} and {@link OpenStream.leave}. */
  close(): void {
    this.leave();
    this.finish();
  }

  get #isCut(): boolean {
    return this.buffer.missed !== undefined;
  }

  /** Nobody but this stream would get a server request, and would let it wait for ever. */
  get #refusesInsteadOfOthers(): boolean {
    return this.#refuses !== undefined && !this.#streams.isMainAttended;
  }

  #refuse(request: ServerRequest): 'refused' {
    this.#refuses?.(request);
    return 'refused';
  }

  #addKeys(keys: RouteKeys): void {
    this.#addedKeys.push(keys);
    this.#streams.addKeys(this, keys);
  }
}
