/**
 * Unread messages in wire order. Owns the order and the hand-over: it-pushable carries them in segments, so that
 * waiting for the next one is its business. It has no bound and loses a reader when two `next()` are in flight, so
 * there is one in flight at most, and whoever owns this keeps the bound, the reader and the end.
 */
import { pushable } from 'it-pushable';
import type { ServerMessage } from '../messages/server-message.js';

/** How many messages a segment takes: large enough to make the hand-over cheap, small enough to free memory. */
const SEGMENT_MESSAGES = 256;

/** One unread message. */
export interface HeldMessage {
  /** The message's place on the wire, counted from the first one read. */
  readonly sequence: number;
  /** The size of its text, or what it costs where that is more by far. One that others are merged into grows. */
  bytes: number;
  message: ServerMessage;
}

const NOTHING: ServerMessage = { kind: 'notification', method: 'skills/changed', params: {} };

/**
 * Takes the message out of what held it. V8 may have put that among the old, where it would keep each message until the
 * next large collection: beside 1,000 runs the small ones then freed half as much.
 */
export function emptied(held: HeldMessage): ServerMessage {
  const { message } = held;
  held.message = NOTHING;
  return message;
}

/** A run of consecutive messages of one stream. */
interface Segment {
  /** Slots before `position` are emptied, so that a message that was read can be freed. */
  messages: (HeldMessage | undefined)[];
  /** The index of the next unread message. */
  position: number;
}

/** Messages that wait for their reader. */
export class UnreadMessages {
  readonly #source = pushable<Segment>({ objectMode: true });
  /** Segments with unread messages, in order; the first may be the current one. */
  #unread: Segment[] = [];
  /** The segment that it-pushable handed over last. */
  #current: Segment | undefined;
  /** The one `next()` in flight at it-pushable. */
  #arrival: Promise<void> | undefined;
  #count = 0;
  #bytes = 0;
  #requestCount = 0;
  #requestBytes = 0;
  // Made once, not for each arrival.
  readonly #arrived = (result: IteratorResult<Segment>): void => {
    this.#arrival = undefined;
    this.#current = result.done === true ? undefined : result.value;
  };

  /** How many there are. */
  get count(): number {
    return this.#count;
  }

  /** What they cost. */
  get bytes(): number {
    return this.#bytes;
  }

  /** How many are server requests. */
  get requestCount(): number {
    return this.#requestCount;
  }

  /** What those cost. */
  get requestBytes(): number {
    return this.#requestBytes;
  }

  /** Adds a message after all others. */
  add(held: HeldMessage): void {
    const last = this.#unread.at(-1);
    if (last !== undefined && last.messages.length < SEGMENT_MESSAGES) last.messages.push(held);
    else this.#pushSegment([held]);
    this.#counted(held);
  }

  /** Adds a message at its place in wire order. */
  insert(held: HeldMessage): void {
    for (const segment of this.#unread) {
      const later = segment.messages.findIndex(
        (other) => other !== undefined && other.sequence > held.sequence,
      );
      if (later === -1) continue;
      segment.messages.splice(later, 0, held);
      this.#counted(held);
      return;
    }
    this.add(held);
  }

  /** Removes and gives back the messages that match, in order, oldest first, until their bytes come to `enoughBytes`. */
  takeMatching(
    matches: (message: ServerMessage) => boolean,
    enoughBytes = Number.POSITIVE_INFINITY,
  ): HeldMessage[] {
    const taken: HeldMessage[] = [];
    let bytes = 0;
    for (const segment of this.#unread) {
      if (bytes >= enoughBytes) break;
      const kept: HeldMessage[] = [];
      for (const held of unreadOf(segment)) {
        const isTaken = bytes < enoughBytes && matches(held.message);
        if (isTaken) bytes += held.bytes;
        (isTaken ? taken : kept).push(held);
      }
      segment.messages = kept;
      segment.position = 0;
    }
    this.#takenOut(taken);
    return taken;
  }

  /**
   * Removes and gives back the newest messages, in order, until the bytes of those that count come to `enoughBytes`; the
   * oldest of them is one that counts.
   */
  takeLast(counts: (message: ServerMessage) => boolean, enoughBytes: number): HeldMessage[] {
    const taken: HeldMessage[] = [];
    let oldest = 0;
    let bytes = 0;
    // From the end: what is kept is not looked at, however much it is.
    for (let at = this.#unread.length - 1; at >= 0 && bytes < enoughBytes; at -= 1) {
      for (const held of unreadOf(this.#unread[at]).reverse()) {
        if (bytes >= enoughBytes) break;
        taken.push(held);
        if (!counts(held.message)) continue;
        bytes += held.bytes;
        oldest = taken.length;
      }
    }
    return this.#dropLast(taken.slice(0, oldest)).reverse();
  }

  /** Removes one message, wherever it stands, soonest when it is one of the newest; false when it is not here. */
  remove(held: HeldMessage): boolean {
    for (let at = this.#unread.length - 1; at >= 0; at -= 1) {
      const segment = this.#unread[at];
      const index = segment?.messages.lastIndexOf(held) ?? -1;
      if (segment === undefined || index === -1) continue;
      segment.messages.splice(index, 1);
      this.#takenOut([held]);
      return true;
    }
    return false;
  }

  /** A message that is here has grown. */
  grow(held: HeldMessage, bytes: number): void {
    held.bytes += bytes;
    this.#bytes += bytes;
  }

  /** Removes the first message, when it has arrived. */
  shift(): HeldMessage | undefined {
    const segment = this.#current;
    const held = segment?.messages[segment.position];
    if (segment === undefined || held === undefined) return undefined;
    segment.messages[segment.position] = undefined;
    segment.position += 1;
    this.#uncounted(held);
    if (segment.position === segment.messages.length) this.#finishSegment(segment);
    return held;
  }

  /** Settles when something may have arrived; look again then. Shared by all who wait. Never rejects. */
  arrival(): Promise<void> {
    this.#arrival ??= this.#source.next().then(this.#arrived);
    return this.#arrival;
  }

  /** Takes out messages that are the newest. */
  #dropLast(newest: HeldMessage[]): HeldMessage[] {
    let left = newest.length;
    for (let at = this.#unread.length - 1; at >= 0 && left > 0; at -= 1) {
      const { messages, position } = this.#unread[at] ?? { messages: [], position: 0 };
      const dropped = Math.min(left, messages.length - position);
      messages.length -= dropped;
      left -= dropped;
    }
    this.#takenOut(newest);
    return newest;
  }

  #takenOut(taken: readonly HeldMessage[]): void {
    for (const held of taken) this.#uncounted(held);
    this.#unread = this.#unread.filter((segment) => segment.messages.length > segment.position);
    this.#skipEmptied();
  }

  #counted({ bytes, message }: HeldMessage): void {
    this.#count += 1;
    this.#bytes += bytes;
    if (message.kind !== 'request') return;
    this.#requestCount += 1;
    this.#requestBytes += bytes;
  }

  #uncounted({ bytes, message }: HeldMessage): void {
    this.#count -= 1;
    this.#bytes -= bytes;
    if (message.kind !== 'request') return;
    this.#requestCount -= 1;
    this.#requestBytes -= bytes;
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

  /** Takes emptied segments out of it-pushable, where they would pile up while nobody reads. */
  #skipEmptied(): void {
    const current = this.#current;
    const isCurrentEmptied = current === undefined || current.messages.length === current.position;
    if (this.#arrival === undefined && isCurrentEmptied) this.arrival().then(() => this.#skipEmptied());
  }
}

function unreadOf(segment: Segment | undefined): HeldMessage[] {
  return segment?.messages.filter((held) => held !== undefined) ?? [];
}
