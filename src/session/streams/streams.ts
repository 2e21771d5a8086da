/**
 * Which stream a message goes to. Owns the main stream, the open streams and those who follow, and keeps this (L1):
 * every message reaches exactly one stream, and within a stream wire order holds. What no open stream wants goes to the
 * main stream.
 */
import type { WaitLimits } from '../../support/settlement.js';
import { carriesObject, type MessageScope, type ServerMessage, scopeOf } from '../messages/server-message.js';
import type { EventSource } from './event-stream.js';
import type { Flow } from './flow.js';
import { type Follower, Followers } from './followers.js';
import { type MainOpening, MainStream } from './main-stream.js';
import { OpenStream, type Received, type StreamClaim } from './open-stream.js';
import { relieve } from './relief.js';
import { type RouteKeys, RouteTable } from './route-table.js';
import type { StreamStats } from './stream-stats.js';
import type { HeldMessage } from './unread-messages.js';

/** What a stream takes along when it opens. */
export interface StreamOpening {
  /** Takes along what is unread on the main stream. @defaultValue true */
  readonly takesUnread?: boolean | undefined;
  /** Which of what is unread it takes along. @defaultValue all that it would get now */
  readonly takesAlong?: ((message: ServerMessage, scope: MessageScope) => boolean) | undefined;
  /** Sees what it takes along, in order; the stream is not handed out yet. It must not throw. */
  readonly tookAlong?: ((message: ServerMessage, scope: MessageScope) => void) | undefined;
  /** Takes along what is unread here instead: a part of another stream becomes a stream of its own. */
  readonly takesFrom?: OpenStream | undefined;
}

/** Why no more messages come. */
export interface StreamsEnd {
  /** What streams fail with; `undefined` for a clean end. */
  readonly failure: Error | undefined;
  /** What the streams of work that was cut off fail with, also at a clean end. */
  readonly cutOff: Error;
}

/** Hands messages to streams. */
export class Streams {
  readonly main: MainStream;
  /** How much of a stream may be held unread, in bytes, unless its owner says so. */
  readonly defaultMaxHeldBytes: number;
  readonly #flow: Flow;
  readonly #table = new RouteTable<OpenStream>();
  readonly #followers = new Followers();
  #sequence = 0;
  readonly #counts: Record<Received, number> = {
    held: 0,
    cut: 0,
    missed: 0,
    dropped: 0,
    refused: 0,
  };
  #cutsInRelief = 0;
  #missedInRelief = 0;
  #end: StreamsEnd | undefined;

  constructor(flow: Flow, defaultMaxHeldBytes = Number.POSITIVE_INFINITY) {
    this.#flow = flow;
    this.defaultMaxHeldBytes = defaultMaxHeldBytes;
    this.main = new MainStream(flow);
    flow.addHolder({ giveUp: (bytes, mustGive) => this.#giveUp(bytes, mustGive) });
  }

  /** Messages handed to a stream so far. */
  get received(): number {
    return this.#sequence;
  }

  /** Notifications that were dropped because the reader of their stream had left it. */
  get discarded(): number {
    return this.#counts.dropped;
  }

  /** Notifications that streams had no room for. */
  get missed(): number {
    return this.#missedInRelief + this.#counts.cut + this.#counts.missed;
  }

  /** Messages that were merged into another, or replaced by a later one. */
  get coalesced(): number {
    return this.#flow.coalesced;
  }

  /** How often a stream was cut. */
  get cuts(): number {
    return this.#cutsInRelief + this.#counts.cut;
  }

  /** What each open stream holds, the main stream first, then the oldest. */
  get stats(): StreamStats[] {
    return [this.main, ...this.#table.routes].map((stream) => ({
      name: stream.name,
      heldMessages: stream.unread,
      heldBytes: stream.unreadBytes,
      maxHeldBytes: stream.maxHeldBytes,
      missed: stream.missed,
    }));
  }

  /** Somebody has the main stream open, or waits for its next message. */
  get isMainAttended(): boolean {
    return this.main.isAttended;
  }

  /**
   * Opens the main stream, which gives nothing up until the source is closed. What it asks then goes to runs that would
   * wait for an answer.
   */
  openMain(how: MainOpening = {}): EventSource {
    const source = this.main.open(how);
    return {
      ...source,
      close: () => {
        source.close();
        this.handOnMainRequests();
      },
    };
  }

  /** Hands a message that was just read to its stream. */
  dispatch(message: ServerMessage, bytes: number): void {
    const held: HeldMessage = { sequence: this.#sequence, bytes, message };
    this.#sequence += 1;
    if (this.#table.size === 0 && this.#followers.size === 0) {
      this.#counts[this.main.add(held)] += 1;
      return;
    }
    const scope = scopeOf(message);
    const followers = this.#followers.of(message, scope);
    if (carriesObject(message)) for (const follower of followers) follower.learn(message, scope);
    const stream = this.#streamFor(message, scope);
    this.#counts[stream === undefined ? this.main.add(held) : stream.receive(held)] += 1;
    for (const follower of followers) follower.observe(message, scope);
  }

  /** Shows a follower what is about the subject, from now on; see {@link Followers}. */
  follow(follower: Follower, subject: string): void {
    if (this.#end === undefined) this.#followers.add(follower, subject);
    else follower.ended();
  }

  /** Shows a follower nothing any more. */
  unfollow(follower: Follower): void {
    this.#followers.remove(follower);
  }

  /** Opens a stream, which takes along what is unread. */
  open(claim: StreamClaim, opening: StreamOpening = {}): OpenStream {
    const { takesUnread = true, takesFrom, takesAlong = () => true, tookAlong } = opening;
    const stream = new OpenStream(this, this.#flow, claim);
    this.#table.add(stream);
    if (takesFrom?.isFinished === true) stream.disown();
    if (takesUnread || takesFrom !== undefined) {
      const alone = new RouteTable<OpenStream>();
      alone.add(stream);
      const wanted = (message: ServerMessage) => {
        const scope = scopeOf(message);
        return alone.find(message, scope) !== undefined && takesAlong(message, scope);
      };
      const enoughBytes = claim.takesOne === true ? 1 : undefined;
      const taken = (takesFrom ?? this.main).takeMatching(wanted, enoughBytes);
      for (const held of taken) {
        tookAlong?.(held.message, scopeOf(held.message));
        stream.insert(held);
      }
      if (takesFrom !== undefined) stream.inheritCut(takesFrom);
      this.#flow.decide();
    }
    if (this.#end !== undefined) finish(stream, this.#end);
    return stream;
  }

  /** The next message of the main stream. */
  async takeMain(limits: WaitLimits): Promise<ServerMessage | undefined> {
    try {
      return await this.main.take(limits);
    } finally {
      // What came beside it is the next reader's, or, where none comes at once, is asked of runs that would wait for it.
      if (this.main.requestCount > 0) setImmediate(() => this.handOnMainRequests());
    }
  }

  /** The next message that the claim wants, one that is unread on the main stream first; takes no other. */
  async takeOne(claim: StreamClaim, limits: WaitLimits): Promise<ServerMessage | undefined> {
    limits.signal?.throwIfAborted();
    const stream = this.open({ ...claim, takesOne: true });
    try {
      return await stream.take(limits);
    } catch (error) {
      // It came before the read was given up; by now those behind it may have been handed out, so it cannot go back.
      const [held] = stream.takeMatching(() => true);
      if (held === undefined) throw error;
      return held.message;
    } finally {
      stream.finish();
    }
  }

  /** A stream takes what has these keys, too. */
  addKeys(stream: OpenStream, keys: RouteKeys): void {
    this.#table.addKeys(stream, keys);
  }

  /** A stream takes no more messages. */
  remove(stream: OpenStream, addedKeys: readonly RouteKeys[]): void {
    this.#table.remove(stream, addedKeys);
  }

  /** Empties a stream that was left: what it passes on of its unread messages goes to the stream that would get it now. */
  handBack(stream: OpenStream): void {
    for (const held of stream.takeMatching(() => true)) {
      const isRefused = this.#streamFor(held.message) === undefined && stream.refusesLeft(held.message);
      if (stream.passesOn(held.message) && !isRefused) this.#insert(held);
      else this.#counts[isRefused ? 'refused' : 'dropped'] += 1;
    }
    this.#flow.decide();
  }

  /** Hands on a stream's unread server requests that another stream wants; the rest stay. */
  handOnRequests(stream: OpenStream): void {
    const wanted = (message: ServerMessage) =>
      message.kind === 'request' && this.#streamFor(message) !== stream;
    for (const held of stream.takeMatching(wanted)) this.#insert(held);
    this.#flow.decide();
  }

  /** Hands on the main stream's unread server requests that another stream wants now. */
  handOnMainRequests(): void {
    const { main } = this;
    if (main.requestCount === 0) return;
    const wanted = (message: ServerMessage) =>
      message.kind === 'request' && this.#streamFor(message) !== undefined;
    for (const held of main.takeMatching(wanted)) this.#insert(held);
    this.#flow.decide();
  }

  /** Hands on a stream's unread messages that turn out not to be for it. */
  handOnOthers(stream: OpenStream, isOurs: (message: ServerMessage, scope: MessageScope) => boolean): void {
    const others = stream.takeMatching((message) => !isOurs(message, scopeOf(message)));
    for (const held of others) this.#insert(held);
  }

  /** A stream that takes nothing any more was cut: whoever gets messages like this one now is told what was missed. */
  handOnCut(stream: OpenStream, message: ServerMessage): void {
    (this.#streamFor(message) ?? this.main).inheritCut(stream);
  }

  /** No message will come any more: streams end, or fail, when they are read to their end. */
  end(end: StreamsEnd): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    // A run ends its own stream first: to a turn that was cut off, a clean end is an error all the same.
    for (const follower of this.#followers.all) follower.ended();
    for (const stream of [...this.#table.routes]) finish(stream, end);
    this.main.end(end.failure);
  }

  #giveUp(bytes: number, mustGive: boolean): void {
    const before = this.main.unreadBytes;
    this.main.evict(bytes);
    const wanted = bytes - (before - this.main.unreadBytes);
    if (wanted <= 0) return;
    const streams = [this.main, ...this.#table.routes];
    const { cuts, missed, missedMerged, requests } = relieve(streams, wanted, mustGive);
    this.#cutsInRelief += cuts;
    this.#missedInRelief += missed;
    this.#flow.missedMerged(missedMerged);
    for (const held of requests) this.#insert(held);
  }

  #insert(held: HeldMessage): void {
    (this.#streamFor(held.message) ?? this.main).insert(held);
  }

  #streamFor(message: ServerMessage, scope: MessageScope = scopeOf(message)): OpenStream | undefined {
    return this.#table.find(message, scope);
  }
}

function finish(stream: OpenStream, { failure, cutOff }: StreamsEnd): void {
  stream.finish(stream.cutOffFails ? cutOff : failure);
}
