/**
 * Which stream a message goes to. Owns the open routes and the main buffer, and keeps this: every message
 * reaches exactly one buffer, and within a buffer wire order holds. The most specific route wins, then the
 * oldest; what no route wants goes to the main buffer.
 */
import { type HeldMessage, type HeldTotals, MessageBuffer } from './message-buffer.js';
import type { ServerMessage } from './server-message.js';

/** What a route takes. */
export interface RouteClaim {
  readonly matches: (message: ServerMessage) => boolean;
  /** Higher wins. */
  readonly specificity: number;
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

  /** Unread notifications that were dropped when their stream was released. */
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
    this.#bufferFor(message).add(held);
  }

  /** Opens a route and moves the matching unread messages of the main buffer to it, in order. */
  open(claim: RouteClaim): Route {
    const route: Route = { claim, buffer: new MessageBuffer(this.#totals, this.#demandChanged) };
    const after = this.#routes.findIndex((other) => other.claim.specificity < claim.specificity);
    this.#routes = after === -1 ? [...this.#routes, route] : this.#routes.toSpliced(after, 0, route);
    for (const held of this.main.claim(claim.matches)) route.buffer.add(held);
    if (this.#end !== undefined) route.buffer.end(this.#end.failure);
    return route;
  }

  /**
   * Closes a route. Its unread server requests go to the stream that would get them now, at their place in
   * wire order, because somebody has to answer them; its unread notifications are dropped.
   */
  close(route: Route): void {
    if (!this.#routes.includes(route)) return;
    this.#routes = this.#routes.filter((other) => other !== route);
    for (const held of route.buffer.claim(() => true)) {
      if (held.message.kind === 'request') this.#bufferFor(held.message).insert(held);
      else this.#discarded += 1;
    }
    route.buffer.end();
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
    for (const route of this.#routes) route.buffer.end(failure);
    this.main.end(failure);
  }

  #bufferFor(message: ServerMessage): MessageBuffer {
    for (const route of this.#routes) if (route.claim.matches(message)) return route.buffer;
    return this.main;
  }
}
