/**
 * The stream of what no other stream wants. Owns who attends to it, which is one who has it open or a read that waits,
 * and what it gives up: while nobody does, its oldest notifications, counted, of which its next reader is told first; while
 * it is open with a bound of its own, its newest, as any stream that is cut (L5). It keeps every server request.
 */
import { BackpressureError } from '../../support/errors.js';
import type { WaitLimits } from '../../support/settlement.js';
import type { ServerMessage } from '../messages/server-message.js';
import type { EventSource } from './event-stream.js';
import type { Flow } from './flow.js';
import type { HeldOptions } from './held-options.js';
import { HeldStream } from './held-stream.js';
import { mergedCount } from './merged-messages.js';
import type { Offered } from './message-buffer.js';
import type { HeldMessage } from './unread-messages.js';

/** How somebody has the main stream open; it has no bound of its own unless it is given one. */
export type MainOpening = HeldOptions;

/** The main stream. */
export class MainStream extends HeldStream {
  /** Those who have it open and have not left it, with how. */
  readonly #open = new Map<EventSource, MainOpening>();
  #evicted = 0;
  /** What was given up since somebody was told. */
  #missed = 0;

  constructor(flow: Flow) {
    super(flow, 'the main stream');
  }

  /** How many messages its reader missed and has not been told of. */
  override get missed(): number {
    return this.#missed + super.missed;
  }

  /** How many of them are server requests. */
  get requestCount(): number {
    return this.buffer.requestCount;
  }

  /** Somebody has it open, or waits for its next message: what comes here will be read. */
  get isAttended(): boolean {
    return this.#open.size > 0 || this.buffer.isRead;
  }

  /** Notifications that it gave up so far. */
  get evicted(): number {
    return this.#evicted;
  }

  /** Has it attended until the source is closed, which leaves what is unread to the next reader. */
  open(how: MainOpening = {}): EventSource {
    /** What the reader is being told it missed: an error closes the source, so that one who leaves has not heard it. */
    let telling = 0;
    const source: EventSource = {
      takeNow: () => this.takeNow(),
      take: (limits, owner) => {
        // A cut is told once everything that is held was read.
        telling = this.#missed || (this.unread === 0 ? super.missed : 0);
        return this.take(limits, owner);
      },
      rejectReader: (error, owner) => {
        this.#missed += telling;
        telling = 0;
        this.buffer.rejectReader(error, owner);
      },
      close: () => {
        this.#open.delete(source);
        this.#heed();
      },
    };
    this.#open.set(source, how);
    this.#heed();
    return source;
  }

  /** Adds a message after all others, if it has room for it. */
  add(held: HeldMessage): Offered {
    if (held.message.kind === 'notification') return this.buffer.offer(held);
    this.buffer.add(held);
    return 'held';
  }

  /** Adds a message at its place in wire order. */
  insert(held: HeldMessage): void {
    this.buffer.insert(held);
  }

  /** Removes and gives back the unread messages that match; see {@link MessageBuffer.takeMatching}. */
  takeMatching(matches: (message: ServerMessage) => boolean, enoughBytes?: number): HeldMessage[] {
    return this.buffer.takeMatching(matches, enoughBytes);
  }

  /** The next message when it is at hand and nothing was given up before it. @throws ConcurrentReadError */
  takeNow(): ServerMessage | undefined {
    return this.#missed > 0 ? undefined : this.buffer.takeNow();
  }

  /** The next message; see {@link MessageBuffer.take}. Rejects first, once, when some were given up. */
  take(limits?: WaitLimits, owner?: object): Promise<ServerMessage | undefined> {
    if (this.#missed === 0 || limits?.signal?.aborted === true) return this.buffer.take(limits, owner);
    const missed = this.#missed;
    this.#missed = 0;
    return Promise.reject(missedError(missed));
  }

  /** While nobody attends to it, gives up the oldest notifications, so much at least. */
  evict(bytes: number): void {
    if (this.isAttended) return;
    const given = this.buffer.takeMatching((message) => message.kind === 'notification', bytes);
    this.#evicted += given.length;
    for (const { message } of given) this.#missed += mergedCount(message);
  }

  /** It gets what is unread of a stream that was cut: its next reader is told first how much is missing. */
  inheritCut({ missed }: HeldStream): void {
    this.#missed += missed;
  }

  /** No message will come any more; see {@link MessageBuffer.end}. */
  end(failure?: unknown): void {
    this.buffer.end(failure);
  }

  /** Several may have it open: the narrowest bound counts, and it is merged only where all want that. */
  #heed(): void {
    const openings = [...this.#open.values()];
    const bounds = openings.map(({ maxHeldBytes }) => maxHeldBytes ?? Number.POSITIVE_INFINITY);
    this.buffer.maxHeldBytes = Math.min(...bounds);
    this.buffer.coalesces = openings.length > 0 && openings.every(({ coalesce }) => coalesce === true);
  }
}

function missedError(missed: number): BackpressureError {
  const message =
    `${missed} notifications of the main stream, the oldest, were given up: nobody read it (no events() without a filter was open and no nextMessage() waited) while unread messages filled buffer.maxBytes; ` +
    'read on for those that are left, and keep a loop over events() open, or raise buffer.maxBytes';
  return new BackpressureError(message, { missed });
}
