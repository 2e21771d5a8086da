/**
 * The unread messages of one stream, in wire order, with one reader at a time.
 *
 * it-pushable carries them in segments and wakes the reader; it has no bound, loses a reader when two
 * `next()` are in flight, and its `end(error)` throws away what is buffered. So this room keeps the count, the
 * bytes, the end with its error and the one reader, and has one `next()` in flight at a time.
 * The bound itself is kept by the flow room, which stops the reading.
 */
import { pushable } from 'it-pushable';
import { watchAbort } from '../../support/abort-watch.js';
import { deferred } from '../../support/deferred.js';
import { ConcurrentReadError } from '../../support/errors.js';
import type { ServerMessage } from '../server-message.js';

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

/** A read that waits. */
interface Reader {
  readonly owner: object | undefined;
  /** It was given up; it takes nothing any more. */
  rejection: { readonly error: unknown } | undefined;
  /** Makes it look again. */
  wake: () => void;
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
  #reader: Reader | undefined;
  #count = 0;
  #isEnded = false;
  #failure: { readonly error: unknown } | undefined;

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
    return this.#reader !== undefined && this.#reader.rejection === undefined && this.#count === 0;
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
    this.#forgetEmptied();
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
    this.#forgetEmptied();
    return evicted;
  }

  /** The next message without waiting, or undefined when none is at hand. @throws {@link ConcurrentReadError} */
  takeNow(): ServerMessage | undefined {
    if (this.#reader !== undefined && this.#reader.rejection === undefined) throw concurrentRead();
    return this.#shift();
  }

  /**
   * The next message; waits for one. `undefined` after the end.
   * Rejects with {@link ConcurrentReadError} when a read is waiting already, with the stream's terminal error
   * after everything unread was handed out, with `signal.reason`, or with the limit's timeout error. A read
   * that rejects takes nothing, even when a message came in the same turn.
   *
   * @param owner - who reads, for {@link MessageBuffer.rejectReader}
   */
  async take(limits: ReadLimits = {}, owner?: object): Promise<ServerMessage | undefined> {
    limits.signal?.throwIfAborted();
    const atHand = this.takeNow();
    if (atHand !== undefined) return atHand;
    const reader: Reader = { owner, rejection: undefined, wake: () => {} };
    this.#reader = reader;
    const release = limitReader(reader, limits);
    try {
      // The reader keeps its place until it leaves, so that nobody gets in between its waking and its taking.
      while (reader.rejection === undefined) {
        const message = this.#shift();
        if (message !== undefined) return message;
        if (this.#isEnded && this.#count === 0) {
          if (this.#failure !== undefined) throw this.#failure.error;
          return undefined;
        }
        await this.#waitForArrival(reader);
      }
      throw reader.rejection.error;
    } finally {
      release();
      if (this.#reader === reader) this.#reader = undefined;
    }
  }

  /**
   * Rejects the waiting read, when there is one; nothing unread is lost and the stream goes on.
   *
   * @param owner - only a read of this one
   */
  rejectReader(error: unknown, owner?: object): void {
    const reader = this.#reader;
    if (reader === undefined || (owner !== undefined && reader.owner !== owner)) return;
    rejectRead(reader, error);
  }

  /** No message will be added any more: reads end, or reject with `failure`, once everything is handed out. */
  end(failure?: unknown): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#failure = failure === undefined ? undefined : { error: failure };
    // The flag is the end, not it-pushable's `end()`: a released stream may still hand its messages back here.
    this.#reader?.wake();
  }

  #shift(): ServerMessage | undefined {
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

  #forgetEmptied(): void {
    this.#unread = this.#unread.filter((segment) => segment.messages.length > 0);
    this.#skipEmptied();
  }

  /** Takes emptied segments out of it-pushable, where they would pile up while nobody reads. */
  #skipEmptied(): void {
    const isCurrentEmptied = this.#current === undefined || this.#current.messages.length === 0;
    if (this.#arrival === undefined && isCurrentEmptied) this.#nextArrival().then(() => this.#skipEmptied());
  }

  #removed(held: HeldMessage): void {
    this.#count -= 1;
    this.#totals.remove(held.bytes);
  }

  async #waitForArrival(reader: Reader): Promise<void> {
    const woken = deferred<void>();
    reader.wake = woken.resolve;
    this.#nextArrival().then(woken.resolve, woken.reject);
    if (this.#count === 0) this.#demandChanged();
    await woken.promise;
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
function limitReader(reader: Reader, limits: ReadLimits): () => void {
  const { timeoutMs, signal, timeoutError } = limits;
  const unwatchAbort =
    signal === undefined ? undefined : watchAbort(signal, () => rejectRead(reader, signal.reason));
  const timer =
    timeoutMs === undefined || timeoutError === undefined
      ? undefined
      : setTimeout(() => rejectRead(reader, timeoutError(timeoutMs)), timeoutMs);
  return () => {
    unwatchAbort?.();
    clearTimeout(timer);
  };
}

/** The first rejection stays. */
function rejectRead(reader: Reader, error: unknown): void {
  reader.rejection ??= { error };
  reader.wake();
}
