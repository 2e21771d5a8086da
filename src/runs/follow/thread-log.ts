/**
 * A thread that is followed for many readers. Owns what that takes from the session: copies of the thread's messages before
 * they go to a stream, the thread as it was before, and, where it stands in for those who answer, the thread's requests.
 *
 * It keeps the server's output being read, whether its readers read or not: what they are too slow for is folded.
 */
import type { ServerMessage } from '../../session/messages/server-message.js';
import type { Peer } from '../../session/peer.js';
import type { Onlooker } from '../../session/taps/taps.js';
import {
  checkBoolean,
  checkKnownKeys,
  checkSignal,
  checkTextList,
  checkWholeNumber,
  rejectArgument,
} from '../../support/argument-checks.js';
import { DEFAULT_KEEP_BYTES } from '../../support/defaults.js';
import { deferred } from '../../support/deferred.js';
import { EntryLog } from './entry-log.js';
import { HeldRequests } from './held-requests.js';
import { readBeginning } from './thread-beginning.js';
import { LiveThreadEntries, type ThreadEntries } from './thread-entries.js';

/** Options of `ThreadHandle.follow`. */
export interface FollowOptions {
  /**
   * What the messages that are kept for readers may cost, in bytes: their text twice, as it is sent and as it is read, or
   * memory where the text is a poor measure. The oldest go first; the newest is kept whatever its size. The state of the
   * thread comes on top.
   *
   * @defaultValue 8,388,608
   */
  readonly keepBytes?: number | undefined;
  /**
   * It counts as an open stream for the thread's requests: they come here, and a run that `result()` or `text()` drives does
   * not refuse them. Every reader sees them; answer them with `respond` or `respondById`. They wait for as long as it takes,
   * also while nobody reads, and go to whoever would get them otherwise when the log is closed. Those that a view does not
   * show, such as `currentTime/read`, go there at once.
   *
   * @defaultValue false
   */
  readonly answers?: boolean | undefined;
}

/** Options of {@link ThreadLog.read}. */
export interface EntryReadOptions {
  /**
   * The id of the last entry that the reader has: it gets what came behind it. Without one (`undefined`, `null` or an empty
   * text) it gets a snapshot first; with one that the log does not hold, whatever it is, a gap and a snapshot. A header of
   * Node.js can be passed as it is; of a list the last one counts.
   *
   * @defaultValue none
   */
  readonly after?: string | readonly string[] | null | undefined;
  /** Aborting leaves the reading as `break` does, without an error. */
  readonly signal?: AbortSignal | undefined;
}

/** A thread that is followed; see `ThreadHandle.follow`. */
export interface ThreadLog extends AsyncDisposable {
  /** The thread's id. */
  readonly threadId: string;

  /**
   * Reads the log: a snapshot of the thread, and then every later message, as it comes. Any number of readers read
   * at the same time, each at its own pace, and hold back nobody. Messages that a reader has not read for a while are merged as
   * with `coalesce`; when those behind its place are not kept any more, it gets a gap and a new snapshot in their place.
   *
   * @throws InvalidArgumentError when an option is bad
   */
  read(options?: EntryReadOptions): ThreadEntries;

  /** Follows the thread no more and lets go of what was kept: readers end. Idempotent. */
  close(): void;

  /** {@link ThreadLog.close}, for `await using`; never rejects. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** A followed thread of a session. */
class LiveThreadLog implements ThreadLog, Onlooker {
  readonly threadId: string;
  /** It takes whatever comes. */
  readonly isFull = false;
  readonly #peer: Peer;
  readonly #log: EntryLog;
  readonly #requests: HeldRequests | undefined;
  readonly #over = deferred<void>();
  readonly #lookAway: () => void;
  #isBeginning = false;

  /** @internal */
  constructor(peer: Peer, threadId: string, { keepBytes = DEFAULT_KEEP_BYTES, answers }: FollowOptions) {
    this.threadId = threadId;
    this.#peer = peer;
    this.#log = new EntryLog(peer.epoch, keepBytes);
    this.#requests = answers === true ? new HeldRequests(peer, threadId) : undefined;
    this.#lookAway = peer.showTo(this, { threadId });
    peer.readUntil(this.#over.promise);
    void this.#begin();
  }

  read(options: EntryReadOptions = {}): ThreadEntries {
    checkReadOptions(options);
    const place = this.#log.placeAfter(idOf(options.after));
    return new LiveThreadEntries(this.#log, place, () => void this.#begin(), options.signal);
  }

  close(): void {
    this.#lookAway();
    this.#requests?.close();
    this.#log.close();
    this.#over.resolve();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  /** @internal */
  isLight(): boolean {
    return false;
  }

  /** @internal */
  add(message: ServerMessage, bytes: number): boolean {
    this.#log.add(message, bytes);
    this.#requests?.note(message);
    if (message.method === 'thread/reverted') void this.#begin();
    return true;
  }

  /** @internal */
  end(failure: unknown): void {
    this.#log.end(failure);
    this.#over.resolve();
  }

  /** Reads what the thread was; once more when the server takes turns back meanwhile. Never rejects. */
  async #begin(): Promise<void> {
    if (this.#isBeginning) return;
    this.#isBeginning = true;
    try {
      do {
        this.#log.awaitBeginning();
        const asked = this.#peer.openRequests(this.threadId);
        this.#log.begin(await readBeginning(this.#peer, this.threadId, asked));
      } while (this.#log.isStale);
    } catch (error) {
      this.#log.refuse(error);
    }
    this.#isBeginning = false;
  }
}

/**
 * Follows a thread.
 * @throws InvalidArgumentError when an option is bad
 * @internal
 */
export function followThread(peer: Peer, threadId: string, options: FollowOptions): ThreadLog {
  checkKnownKeys('options', options, ['keepBytes', 'answers']);
  checkWholeNumber('options.keepBytes', options.keepBytes, { min: 1, unit: 'bytes' });
  checkBoolean('options.answers', options.answers);
  return new LiveThreadLog(peer, threadId, options);
}

function checkReadOptions(options: EntryReadOptions): void {
  checkKnownKeys('options', options, ['after', 'signal']);
  const { after } = options;
  if (Array.isArray(after)) checkTextList('options.after', after);
  else if (after !== undefined && after !== null && typeof after !== 'string')
    rejectArgument('options.after', after, 'the id of an entry, or none');
  checkSignal('options.signal', options.signal);
}

/** Whatever a browser sends is an id; that of no entry is one that the log does not know. */
function idOf(after: EntryReadOptions['after']): string | undefined {
  const id = typeof after === 'string' ? after : after?.at(-1);
  return id === '' ? undefined : id;
}
