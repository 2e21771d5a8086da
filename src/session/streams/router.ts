/**
 * Which stream a message goes to. Owns the open routes and the main buffer, and keeps this: every message
 * reaches exactly one buffer, and within a buffer wire order holds. The most specific route wins, then the
 * oldest; what no route wants goes to the main buffer.
 */

import { type MessageScope, type ServerMessage, scopeOf } from '../server-message.js';
import { type HeldMessage, type HeldTotals, MessageBuffer } from './message-buffer.js';

/** What a route takes. */
export interface RouteClaim {
  /** Called for each message that is read; `scope` is where the message belongs, found once for all routes. */
  readonly matches: (message: ServerMessage, scope: MessageScope) => boolean;
  /** Higher wins. */
  readonly specificity: number;
  /** While true, a server request goes to any other route that wants it, and here only when none does. */
  readonly yieldsRequests?: () => boolean;
  /** While true, notifications that match are dropped instead of held: their reader has left. */
  readonly discards?: () => boolean;
  /** Takes along what is unread on the main stream. @defaultValue true */
  readonly takesUnread?: boolean;
  /** Takes along what is unread here instead: a part of another route's stream becomes a stream of its own. */
  readonly takesFrom?: MessageBuffer;
}

/** Sees every message when it is read, before it reaches a buffer; takes none. */
export interface MessageObserver {
  observe(message: ServerMessage, scope: MessageScope): void;
  /** No message will come any more; `undefined` after a clean end. */
  ended(failure: Error | undefined): void;
}

/** An open route: a claim and the messages that it took. */
export interface Route {
  readonly claim: RouteClaim;
  readonly buffer: MessageBuffer;
}

/** Why no more messages come: an error, or `undefined` for a clean end. */
interface End {
  readonly failure: Error | undefined;
}

/** Hands messages to buffers. */
export class Router {
  readonly main: MessageBuffer;
  readonly #totals: HeldTotals;
  readonly #demandChanged: () => void;
  /** By specificity, then by age. */
  #routes: readonly Route[] = [];
  readonly #observers = new Set<MessageObserver>();
  #sequence = 0;
  #end: End | undefined;
  #isMainOpened = false;
  #evicted = 0;
  #discarded = 0;

  constructor(totals: HeldTotals, demandChanged: () => void) {
    this.#totals = totals;
    this.#demandChanged = demandChanged;
    this.main = new MessageBuffer(totals, demandChanged);
  }

  /** Messages handed to a buffer so far. */
  get received(): number {
    return this.#sequence;
  }

  /** Notifications that an unopened main stream gave up. */
  get evicted(): number {
    return this.#evicted;
  }

  /** Notifications that were dropped because the reader of their stream had left it. */
  get discarded(): number {
    return this.#discarded;
  }

  /** Somebody reads, or is about to read, some stream that is empty. */
  get isStarved(): boolean {
    return this.main.isStarved || this.#routes.some((route) => route.buffer.isStarved);
  }

  /** From now on the main stream has a user, and gives nothing up. */
  openMain(): void {
    this.#isMainOpened = true;
  }

  /** Hands a message that was just read to its buffer. */
  dispatch(message: ServerMessage, bytes: number): void {
    const held: HeldMessage = { sequence: this.#sequence, bytes, message };
    this.#sequence += 1;
    if (this.#routes.length === 0 && this.#observers.size === 0) {
      this.main.add(held);
      return;
    }
    const scope = scopeOf(message);
    for (const observer of this.#observers) observer.observe(message, scope);
    const route = this.#routeFor(message, scope);
    if (route?.claim.discards?.() === true) this.#discarded += 1;
    else (route?.buffer ?? this.main).add(held);
  }

  /** Shows every message to an observer from now on; gives back what ends that. */
  observe(observer: MessageObserver): () => void {
    this.#observers.add(observer);
    if (this.#end !== undefined) observer.ended(this.#end.failure);
    return () => this.#observers.delete(observer);
  }

  /** Opens a route and moves the matching unread messages of the main buffer to it, in order. */
  open(claim: RouteClaim): Route {
    const route: Route = { claim, buffer: new MessageBuffer(this.#totals, this.#demandChanged) };
    const after = this.#routes.findIndex((other) => other.claim.specificity < claim.specificity);
    this.#routes = after === -1 ? [...this.#routes, route] : this.#routes.toSpliced(after, 0, route);
    if (claim.takesUnread !== false)
      for (const held of (claim.takesFrom ?? this.main).claim((message) =>
        claim.matches(message, scopeOf(message)),
      ))
        route.buffer.add(held);
    if (this.#end !== undefined) route.buffer.end(this.#end.failure);
    return route;
  }

  /** Closes a route: {@link Router.giveBack}, and no more messages. */
  close(route: Route): void {
    this.seal(route);
    this.giveBack(route);
  }

  /**
   * Empties a route whose reader has left. Its unread server requests go to the stream that would get them now, at
   * their place in wire order, because somebody has to answer them; its unread notifications are dropped.
   */
  giveBack(route: Route): void {
    for (const held of route.buffer.claim(() => true)) {
      const heir = held.message.kind === 'request' ? this.#bufferFor(held.message) : undefined;
      if (heir === undefined || heir === route.buffer) this.#discarded += 1;
      else heir.insert(held);
    }
  }

  /** Takes no more messages for a route; what is unread can be read, and then the stream ends, or fails. */
  seal(route: Route, failure?: Error): void {
    this.#routes = this.#routes.filter((other) => other !== route);
    route.buffer.end(failure);
  }

  /** Hands a route's unread server requests to the other routes that want them; the rest stay. */
  yieldRequests(route: Route): void {
    const wanted = (message: ServerMessage) =>
      message.kind === 'request' && this.#bufferFor(message) !== route.buffer;
    for (const held of route.buffer.claim(wanted)) this.#bufferFor(held.message).insert(held);
  }

  /** Gives up the oldest notifications of a main stream that nobody ever opened. */
  evict(enough: () => boolean): void {
    if (this.#isMainOpened) return;
    this.#evicted += this.main.evict((message) => message.kind === 'notification', enough);
  }

  /** Rejects every read that waits on an empty stream. */
  rejectStarved(error: Error): void {
    for (const buffer of [this.main, ...this.#routes.map((route) => route.buffer)]) {
      if (buffer.isStarved) buffer.rejectReader(error);
    }
  }

  /** No message will come any more. */
  end(failure: Error | undefined): void {
    this.#end ??= { failure };
    // A run ends its own stream first: to a turn that was cut off, a clean end is an error all the same.
    for (const observer of [...this.#observers]) observer.ended(failure);
    for (const route of this.#routes) route.buffer.end(failure);
    this.main.end(failure);
  }

  #bufferFor(message: ServerMessage): MessageBuffer {
    return this.#routeFor(message, scopeOf(message))?.buffer ?? this.main;
  }

  #routeFor(message: ServerMessage, scope: MessageScope): Route | undefined {
    let lastResort: Route | undefined;
    for (const route of this.#routes) {
      if (!route.claim.matches(message, scope)) continue;
      if (message.kind !== 'request' || route.claim.yieldsRequests?.() !== true) return route;
      lastResort ??= route;
    }
    return lastResort;
  }
}
