/** What a reader of a followed thread gets, and how entries are named. Owns that an id leads to one place in one log. */
import { randomUUID } from 'node:crypto';
import type { ServerMessage } from '../../session/messages/server-message.js';
import type { ThreadView } from '../../view/index.js';

/**
 * One entry of a `ThreadLog`: it has a `message`, a `snapshot` or a `gap`, and an `id` with which reading can go on
 * behind it. All readers get the same objects, so change nothing in them.
 */
export type ThreadEntry = MessageEntry | SnapshotEntry | GapEntry;

/** A message of the thread, as the server sent it, or several that were merged. */
export interface MessageEntry {
  /** Names the entry; of several messages that were merged it is that of the last one. */
  readonly id: string;
  /** What the server told or asked. */
  readonly message: ServerMessage;
  /** Not here. */
  readonly snapshot?: undefined;
  /** Not here. */
  readonly gap?: undefined;
}

/** The whole thread as it is at this place: what was shown before it is of no use any more. */
export interface SnapshotEntry {
  /** Names the entry, and with it the last message that is in the snapshot. */
  readonly id: string;
  /** The state of the thread; go on with `applyMessage` of `codex-async-client/view`. */
  readonly snapshot: ThreadView;
  /** Not here. */
  readonly message?: undefined;
  /** Not here. */
  readonly gap?: undefined;
}

/** Messages that this reader does not get are missing here. A snapshot follows, which has what they came to. */
export interface GapEntry {
  /** Names the entry. Who comes back with it gets a gap and a snapshot again. */
  readonly id: string;
  /** What is missing. */
  readonly gap: {
    /**
     * How many messages are missing so far, 1 or more; what comes until the snapshot is read is in that, too. `null` when
     * nobody knows: the reader came with an id that the log does not have, or the server did not tell of the thread for a while
     * (it had let go of it, or, with a supervisor, another server has begun).
     */
    readonly missed: number | null;
  };
  /** Not here. */
  readonly message?: undefined;
  /** Not here. */
  readonly snapshot?: undefined;
}

/** So many hexadecimal digits tell the logs of one server apart. */
const LOG_DIGITS = 8;
/** A sequence number as it is written in an id. */
const SEQUENCE = /^[1-9]\d{0,14}$/;

/** Names the entries of one log since its last break: the server's epoch, the log, and the place in it. */
export class EntryIds {
  readonly #prefix: string;

  constructor(epoch: string) {
    this.#prefix = `${epoch}.${randomUUID().slice(0, LOG_DIGITS)}.`;
  }

  /** The id of gaps, which is no place. */
  get ofGaps(): string {
    return `${this.#prefix}gap`;
  }

  /** The id of a place. */
  of(sequence: number): string {
    return this.#prefix + sequence;
  }

  /** The place of an id; undefined when it names no place of this log. */
  sequenceOf(id: string): number | undefined {
    const sequence = id.startsWith(this.#prefix) ? id.slice(this.#prefix.length) : '';
    return SEQUENCE.test(sequence) ? Number(sequence) : undefined;
  }
}
