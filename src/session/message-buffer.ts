/**
 * The unread messages of one stream, in wire order, with one reader at a time.
 *
 * it-pushable carries them in segments and wakes the reader; it has no bound, loses a reader when two
 * `next()` are in flight, and its `end(error)` throws away what is buffered. So this room keeps the count, the
 * bytes, the end with its error and the one reader, and has one `next()` in flight at a time.
 * The bound itself is kept by the flow room, which stops the reading.
 */
import { pushable } from 'it-pushable';
import { type Deferred, deferred } from '../deferred.js';
import { ConcurrentReadError } from '../errors.js';
import type { ServerMessage } from './server-message.js';

/** How many messages a segment takes: large enough to make the hand-over cheap, small enough to free memory. */
const SEGMENT_MESSAGES = 256;

/** One unread message. */
export interface HeldMessage {
  /** The message's place on the wire, counted from the first one read. */
  readonly sequence: number;
  /** The size of its text. */
  readonly bytes: number;
  readonly message: ServerMessage;
}

/** A run of consecutive messages of one stream. */
interface Segment {
  /** Slots before `position` are emptied, so that a message that was read can be freed. */
  messages: (HeldMessage | undefined)[];
  /** The index of the next unread message. */
  position: number;
}

/** What all buffers of a session hold together. */
export interface HeldTotals {
  add(bytes: number): void;
  remove(bytes: number): void;
}

/** Limits of one read. */
export interface ReadLimits {
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Makes the error of a read that took longer than `timeoutMs`. */
  readonly timeoutError?: ((timeoutMs: number) => Error) | undefined;
}

/** The unread messages of one stream. */
export class MessageBuffer {
  readonly #totals: HeldTotals;
  readonly #demandChanged: () => void;
  readonly #source = pushable<Segment>({ objectMode: true });
  /** Segments with unread messages, in order; the first may be the current one. */
  #unread: Segment[] = [];
  /** The segment that it-pushable handed over last. */
  #current: Segment | undefined;
  /** The one `next()` in flight at it-pushable. */
  #arrival: Promise<void> | undefined;
  #reader: Deferred<void> | undefined;
  #count = 0;
  #isEnded = false;
  #failure: Error | undefined;

  /** @param demandChanged - called when a reader begins to wait on the empty buffer */
  constructor(totals: HeldTotals, demandChanged: () => void) {
    this.#totals = totals;
    this.#demandChanged = demandChanged;
  }

  /** How many messages are unread. */
  get count(): number {
    return this.#count;
  }

  /** Somebody waits for a message and there is none: demand. */
  get isStarved(): boolean {
    return this.#reader !== undefined && this.#count === 0;
  }

  /** Adds a message after all others. */
  add(held: HeldMessage): void {
    const last = this.#unread.at(-1);
    if (last !== undefined && last.messages.length < SEGMENT_MESSAGES) last.messages.push(held);
    else this.#pushSegment([held]);
    this.#count += 1;
    this.#totals.add(held.bytes);
  }

  /** Adds a message at its place in wire order. */
  insert(held: HeldMessage): void {
    for (const segment of this.#unread) {
      const later = segment.messages.findIndex(
        (other) => other !== undefined && other.sequence > held.sequence,
      );
      if (later === -1) continue;
      segment.messages.splice(later, 0, held);
      this.#count += 1;
      this.#totals.add(held.bytes);
      return;
    }
    this.add(held);
  }

  /** Removes and gives back the unread messages that match, in order. */
  claim(matches: (message: ServerMessage) => boolean): HeldMessage[] {
    const claimed: HeldMessage[] = [];
    for (const segment of this.#unread) {
      const kept: HeldMessage[] = [];
      for (const held of unreadOf(segment)) (matches(held.message) ? claimed : kept).push(held);
      segment.messages = kept;
      segment.position = 0;
    }
    this.#unread = this.#unread.filter((segment) => segment.messages.length > 0);
    for (const held of claimed) this.#removed(held);
    return claimed;
  }

  /** Removes the oldest unread messages that match until `enough` says so; gives back how many. */
  evict(matches: (message: ServerMessage) => boolean, enough: () => boolean): number {
    let evicted = 0;
    for (const segment of this.#unread) {
      if (enough()) break;
      const kept: HeldMessage[] = [];
      for (const held of unreadOf(segment)) {
        if (enough() || !matches(held.message)) kept.push(held);
        else {
          this.#removed(held);
          evicted += 1;
        }
      }
      segment.messages = kept;
      segment.position = 0;
    }
    this.#unread = this.#unread.filter((segment) => segment.messages.length > 0);
    return evicted;
  }

  /** The next message without waiting, or undefined when none is at hand. @throws {@link ConcurrentReadError} */
  takeNow(): ServerMessage | undefined {
    if (this.#reader !== undefined) throw concurrentRead();
    const segment = this.#current;
    if (segment === undefined) return undefined;
    const held = segment.messages[segment.position];
    if (held === undefined) return undefined;
    segment.messages[segment.position] = undefined;
    segment.position += 1;
    if (segment.position === segment.messages.length) this.#finishSegment(segment);
    this.#removed(held);
    return held.message;
  }

  /**
   * The next message; waits for one. `undefined` after the end.
   * Rejects with {@link ConcurrentReadError} when a read is waiting already, with the stream's terminal error
   * after everything unread was handed out, with `signal.reason`, or with the limit's timeout error. A read
   * that rejects takes nothing.
   */
  async take(limits: ReadLimits = {}): Promise<ServerMessage | undefined> {
    for (;;) {
      const message = this.takeNow();
      if (message !== undefined) return message;
      if (this.#isEnded && this.#count === 0) {
        if (this.#failure !== undefined) throw this.#failure;
        return undefined;
      }
      limits.signal?.throwIfAborted();
      await this.#waitForArrival(limits);
    }
  }

  /** Rejects the waiting read, when there is one; nothing unread is lost and the stream goes on. */
  rejectReader(error: unknown): void {
    this.#reader?.reject(error);
  }

  /** No message will be added any more: reads end, or reject with `failure`, once everything is handed out. */
  end(failure?: Error): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#failure = failure;
    // The flag is the end, not it-pushable's `end()`: a released stream may still hand its messages back here.
    this.#reader?.resolve();
  }

  #pushSegment(messages: HeldMessage[]): void {
    const segment: Segment = { messages, position: 0 };
    this.#unread.push(segment);
    this.#source.push(segment);
  }

  /** Forgets a segment that was read to its end, so that nothing is appended to it any more. */
  #finishSegment(segment: Segment): void {
    this.#current = undefined;
    if (this.#unread[0] === segment) this.#unread.shift();
    else this.#unread = this.#unread.filter((other) => other !== segment);
  }

  #removed(held: HeldMessage): void {
    this.#count -= 1;
    this.#totals.remove(held.bytes);
  }

  async #waitForArrival(limits: ReadLimits): Promise<void> {
    const reader = deferred<void>();
    this.#reader = reader;
    this.#nextArrival().then(reader.resolve, reader.reject);
    const release = limitReader(reader, limits);
    try {
      if (this.#count === 0) this.#demandChanged();
      await reader.promise;
    } finally {
      release();
      this.#reader = undefined;
    }
  }

  /** The one `next()` in flight; a read that gave up leaves it to the following read. */
  #nextArrival(): Promise<void> {
    this.#arrival ??= this.#source.next().then((result) => {
      this.#arrival = undefined;
      this.#current = result.done === true ? undefined : result.value;
    });
    return this.#arrival;
  }
}

function unreadOf(segment: Segment): HeldMessage[] {
  return segment.messages.filter((held) => held !== undefined);
}

function concurrentRead(): ConcurrentReadError {
  return new ConcurrentReadError(
    'this stream has a read waiting already, and it has one reader at a time; await that read, or open a stream of your own with events(filter)',
  );
}

/** Rejects the reader when its time is up or its signal fires; gives back what undoes that. */
function limitReader(reader: Deferred<void>, limits: ReadLimits): () => void {
  const { timeoutMs, signal, timeoutError } = limits;
  const abort = () => reader.reject(signal?.reason);
  signal?.addEventListener('abort', abort, { once: true });
  const timer =
    timeoutMs === undefined || timeoutError === undefined
      ? undefined
      : setTimeout(() => reader.reject(timeoutError(timeoutMs)), timeoutMs);
  return () => {
    signal?.removeEventListener('abort', abort);
    clearTimeout(timer);
  };
}
