/**
 * The log of one thread: its state now, and the newest messages that made it so. Owns the one fold that all readers share,
 * and what comes next for a reader at any place: the messages behind it as long as they are held, else a gap that counts
 * them, and a snapshot. Readers hold a place and no messages.
 *
 * A log may be broken off, as when its server goes, and begin anew, as with the next one. What was said meanwhile nobody
 * knows, so readers who have anything from before get a gap without a number, and a snapshot.
 *
 * The invariant: a snapshot and the messages that a reader gets behind it make the state that the log has, no message
 * reaches a reader twice, and none from before a break reaches one behind it.
 */
import type { ServerMessage } from '../../session/messages/server-message.js';
import { DEFAULT_KEEP_BYTES } from '../../support/defaults.js';
import { type Deferred, deferred } from '../../support/deferred.js';
import { applyMessage, type ThreadView } from '../../view/index.js';
import { KeptMessages } from './kept-messages.js';
import { MergedReading, type SparedStates } from './merged-reading.js';
import { EntryIds, type SnapshotEntry, type ThreadEntry } from './thread-entry.js';

/** What an entry takes besides its message. */
const ENTRY_BYTES = 160;

/** Where a reader is. */
export interface Place {
  /** The last that the reader has; undefined when it gets a snapshot next. */
  sequence: number | undefined;
  /** What the reader is told before its snapshot: so much is missing. */
  missed: number | null | undefined;
  readonly spared: SparedStates;
}

/** The log of one thread. */
export class EntryLog {
  /** Those of the time since the last break. */
  #ids = new EntryIds('');
  readonly #keepBytes: number;
  readonly #kept: KeptMessages;
  readonly #reading: MergedReading;
  #view: ThreadView | undefined;
  /** Of the newest state, for whoever comes while it is that. */
  #snapshot: SnapshotEntry | undefined;
  /** What comes from now on is unknown until the log begins: it never has, or was broken off. */
  #isBroken = true;
  /** The numbers at which the log began since the last break, once or again. */
  #beginnings: number[] = [];
  /** What came since the beginning was asked for; undefined when it is not. */
  #early: KeptMessages | undefined;
  #waiting = new Map<Place, Deferred<ThreadEntry | undefined>>();
  #end: { readonly failure: unknown } | undefined;

  /** @param keepBytes - what the messages that are held may cost, beside the state of the thread */
  constructor(keepBytes: number) {
    this.#keepBytes = keepBytes;
    this.#kept = new KeptMessages(keepBytes);
    this.#reading = new MergedReading(this.#kept);
  }

  /** What the thread is has to be read: it never was, or not since the break, or the server has taken turns back. */
  get needsBeginning(): boolean {
    return this.#end === undefined && (this.#isBroken || this.isStale);
  }

  /** The server has taken turns back: the state is to be read anew. */
  get isStale(): boolean {
    return this.#view?.isStale === true;
  }

  /** What is held costs so much. */
  get bytes(): number {
    return this.#kept.bytes + (this.#early?.bytes ?? 0);
  }

  /**
   * What the thread was is asked for: from now on messages are held until {@link EntryLog.begin}, however little is kept of
   * them then. When they are more than that, the oldest go: they are from long before the answer, which has them.
   */
  awaitBeginning(): void {
    this.#early = new KeptMessages(Math.max(this.#keepBytes, DEFAULT_KEEP_BYTES));
  }

  /**
   * What comes from now on is not handed out: messages before it may be missing. Readers get what is held, and wait for the
   * log to begin again; until then one that comes gets a snapshot of what was known.
   */
  breakOff(): void {
    this.#isBroken = true;
    this.#early = undefined;
  }

  /** What the thread was is known: the log begins with it, and with what has come since. Readers get a snapshot of it. */
  begin(view: ThreadView): void {
    if (this.#end !== undefined) return;
    if (this.#isBroken) {
      this.#isBroken = false;
      this.#ids = new EntryIds(view.epoch);
      this.#beginnings = [];
    }
    this.#view = view;
    const early = this.#early;
    this.#early = undefined;
    for (let at = (early?.base ?? 0) + 1; at <= (early?.head ?? 0); at += 1)
      this.#fold(early?.at(at)?.entry.message);
    this.#kept.skip();
    this.#reading.clear();
    this.#snapshot = undefined;
    this.#beginnings.push(this.#kept.head);
    this.#wake();
  }

  /** One more message of the thread. @param bytes - what it costs */
  add(message: ServerMessage, bytes: number): void {
    // A message is held with the text that it was, or will be.
    const cost = 2 * bytes + ENTRY_BYTES;
    this.#early?.add(message, '', cost);
    if (this.#isBroken) return;
    this.#fold(message);
    this.#snapshot = undefined;
    this.#kept.add(message, this.#ids.of(this.#kept.head + 1), cost);
    this.#wake();
  }

  /** What the thread was could not be read: those who wait are told. */
  refuse(error: unknown): void {
    this.#early = undefined;
    if (this.#isBroken) this.#settleAll((reader) => reader.reject(error));
  }

  /** No message comes any more: readers get what is held, then they end, or fail. */
  end(failure: unknown): void {
    this.#end ??= { failure };
    this.#early = undefined;
    this.#wake();
  }

  /** Lets go of everything: readers end. */
  close(): void {
    this.#end = { failure: undefined };
    this.breakOff();
    this.#view = undefined;
    this.#snapshot = undefined;
    this.#kept.skip();
    this.#reading.clear();
    this.#wake();
  }

  /** Where a reader begins that has an id, or none. */
  placeAfter(id: string | undefined): Place {
    const sequence = id === undefined ? undefined : this.#ids.sequenceOf(id);
    const isUnknown = id !== undefined && (sequence === undefined || sequence > this.#kept.head);
    return {
      sequence: isUnknown ? undefined : sequence,
      missed: isUnknown ? null : undefined,
      spared: new Map(),
    };
  }

  /** What comes next for a reader, who has it then; undefined when nothing is at hand. */
  entryAfter(place: Place): ThreadEntry | undefined {
    const view = this.#view;
    if (view === undefined) return undefined;
    if (place.sequence !== undefined && place.sequence < this.#kept.base) this.#loseTrack(place);
    const { missed, sequence } = place;
    if (missed !== undefined) {
      place.missed = undefined;
      return { id: this.#ids.ofGaps, gap: { missed } };
    }
    if (sequence === undefined) {
      place.sequence = this.#kept.head;
      return this.#snapshotOf(view);
    }
    const reading = this.#reading.after(sequence, place.spared);
    if (reading !== undefined) place.sequence = reading.sequence;
    return reading?.entry;
  }

  /** Waits for what comes next when nothing is at hand; undefined at the end. Rejects with the failure of the end. */
  wait(place: Place): Promise<ThreadEntry | undefined> {
    const reader = deferred<ThreadEntry | undefined>();
    this.#waiting.set(place, reader);
    if (this.#end !== undefined) this.#wake();
    return reader.promise;
  }

  /** The reader has left; a read that waits ends. */
  leave(place: Place): void {
    this.#waiting.get(place)?.resolve(undefined);
    this.#waiting.delete(place);
  }

  /** What the reader would get next is not held, or the log has begun anew since. */
  #loseTrack(place: Place): void {
    const { sequence = 0, spared } = place;
    place.missed = this.#missedSince(sequence, spared);
    place.sequence = undefined;
    spared.clear();
  }

  /** How many messages are missing behind a place; null when nobody knows, undefined when there are none. */
  #missedSince(sequence: number, spared: SparedStates): number | null | undefined {
    if (sequence < (this.#beginnings[0] ?? 0)) return null;
    const begun = this.#beginnings.filter((beginning) => beginning > sequence).length;
    // A state that was left out for a later one is missing with that.
    const leftOut = [...spared.values()].reduce((sum, count) => sum + count, 0);
    const missed = this.#kept.head - sequence - begun + leftOut;
    return missed > 0 ? missed : undefined;
  }

  #snapshotOf(view: ThreadView): SnapshotEntry {
    this.#snapshot ??= { id: this.#ids.of(this.#kept.head), snapshot: view };
    return this.#snapshot;
  }

  /** A message that lacks what its method promises changes nothing; its readers see it as it is. */
  #fold(message: ServerMessage | undefined): void {
    if (this.#view === undefined || message === undefined) return;
    try {
      this.#view = applyMessage(this.#view, message);
    } catch {
      // The fold reads what the types promise, and a newer server may promise something else.
    }
  }

  #wake(): void {
    if (this.#waiting.size === 0) return;
    this.#settleAll((reader, place) => {
      const entry = this.entryAfter(place);
      if (entry !== undefined) reader.resolve(entry);
      else if (this.#end === undefined) this.#waiting.set(place, reader);
      else if (this.#end.failure === undefined) reader.resolve(undefined);
      else reader.reject(this.#end.failure);
    });
  }

  #settleAll(settle: (reader: Deferred<ThreadEntry | undefined>, place: Place) => void): void {
    const waiting = this.#waiting;
    this.#waiting = new Map();
    for (const [place, reader] of waiting) settle(reader, place);
  }
}
