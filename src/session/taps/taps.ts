/**
 * Those who look on. Owns the open taps: those of messages, found by their filters like streams, and those of lines. A
 * message or a line is shown to a tap and goes on as if there were none: nothing here takes a message, or keeps the server's
 * output being read or from being read.
 */
import { Buffer } from 'node:buffer';
import { DEFAULT_TAP_MAX_HELD_BYTES } from '../../support/defaults.js';
import type { SentText } from '../../wire/line-writer.js';
import { parsedCost } from '../../wire/parsed-cost.js';
import { type ServerMessage, scopeOf } from '../messages/server-message.js';
import { claimOf, type EventFilter } from '../streams/event-filter.js';
import { REQUEST_GROUP } from '../streams/precedence.js';
import { type Route, RouteTable } from '../streams/route-table.js';
import { HeldCopies } from './held-copies.js';
import { type EventTap, LiveTap, type Tap, type TapOptions, type WireFrame, type WireTap } from './tap.js';
import type { TapStats } from './tap-stats.js';

/** What a frame takes besides its text, with its place in line. */
const FRAME_BYTES = 96;

/** Who gets copies of messages. None of its methods may throw. */
export interface Onlooker {
  /** A message is as good as missed, whatever its size. */
  readonly isFull: boolean;
  /** So little is held, this text included, that its size is measure enough. */
  isLight(bytes: number): boolean;
  /** Takes a copy, and what it costs; false when it was missed. */
  add(message: ServerMessage, bytes: number): boolean;
  /** Nothing comes any more, with the failure of an end that is none of ours. */
  end(failure: unknown): void;
}

/** An onlooker, as it is filed. */
interface EventRoute extends Route {
  readonly copies: Onlooker;
}

/** The open taps of one session. */
export class Taps implements SentText {
  readonly #routes = new RouteTable<EventRoute>();
  readonly #wires = new Set<HeldCopies<WireFrame>>();
  #missed = 0;
  #end: { readonly failure: unknown } | undefined;

  /** Somebody looks at messages. */
  get hasEvents(): boolean {
    return this.#routes.size > 0;
  }

  /** Somebody looks at lines. */
  get hasWires(): boolean {
    return this.#wires.size > 0;
  }

  /** Opens a tap of the messages that the filter lets through. */
  openEvents(filter: EventFilter, options: TapOptions): EventTap {
    const copies = copiesFor<ServerMessage>(options);
    const route = eventRoute(filter, copies);
    this.#routes.add(route);
    return this.#tap(copies, options, () => this.#routes.remove(route));
  }

  /** Shows an onlooker what the filter lets through, from now on; gives back what ends that. */
  showTo(onlooker: Onlooker, filter: EventFilter): () => void {
    const route = eventRoute(filter, onlooker);
    if (this.#end === undefined) this.#routes.add(route);
    else onlooker.end(this.#end.failure);
    return () => this.#routes.remove(route);
  }

  /** Opens a tap of all lines. */
  openWire(options: TapOptions): WireTap {
    const copies = copiesFor<WireFrame>(options);
    this.#wires.add(copies);
    return this.#tap(copies, options, () => this.#wires.delete(copies));
  }

  /** Shows a message that was just read to those who look at such. */
  see(message: ServerMessage, line: string, bytes: number): void {
    let cost: number | undefined;
    for (const { copies } of this.#routes.all(message, scopeOf(message))) {
      if (!copies.isLight(bytes) && !copies.isFull) cost ??= parsedCost(line, bytes);
      this.#count(copies.add(message, cost ?? bytes));
    }
  }

  /** Shows a line that was just read. */
  received(line: string, bytes: number): void {
    this.#show('received', line, bytes);
  }

  /** Shows lines that go to the pipe now. */
  sent(text: string): void {
    if (!this.hasWires) return;
    for (const line of text.slice(0, -1).split('\n')) this.#show('sent', line, Buffer.byteLength(line));
  }

  /** Nothing passes any more: taps end, or fail, when they are read to their end. */
  end(failure: unknown): void {
    this.#end = { failure };
    for (const route of this.#routes.routes) {
      route.copies.end(failure);
      this.#routes.remove(route);
    }
    for (const copies of this.#wires) copies.end(failure);
    this.#wires.clear();
  }

  /** The counters now. */
  stats(): TapStats {
    return { open: this.#routes.size + this.#wires.size, missed: this.#missed };
  }

  #show(direction: WireFrame['direction'], text: string, bytes: number): void {
    const frame: WireFrame = { kind: 'frame', direction, atMs: Date.now(), text };
    for (const copies of this.#wires) this.#count(copies.add(frame, bytes + FRAME_BYTES));
  }

  #tap<T>(copies: HeldCopies<T>, { signal }: TapOptions, remove: () => void): Tap<T> {
    if (this.#end !== undefined) {
      remove();
      copies.end(this.#end.failure);
    }
    const close = () => {
      remove();
      copies.close();
    };
    return new LiveTap(copies, close, signal);
  }

  #count(wasHeld: boolean): void {
    if (!wasHeld) this.#missed += 1;
  }
}

function copiesFor<T>({ maxHeldBytes = DEFAULT_TAP_MAX_HELD_BYTES }: TapOptions): HeldCopies<T> {
  return new HeldCopies(maxHeldBytes);
}

/** All taps that want a message see it, so that none ranks before another. */
function eventRoute(filter: EventFilter, copies: Onlooker): EventRoute {
  return {
    keys: claimOf(filter).keys,
    precedence: 0,
    requestGroup: REQUEST_GROUP.reads,
    takes: () => true,
    copies,
  };
}
