/**
 * A thread that is followed for many readers: what a user holds of it. Owns the checks of its options, and that readers and
 * what feeds the log end together; the log and its feeds do the rest.
 */
import type { Peer } from '../../session/peer.js';
import {
  checkBoolean,
  checkKnownKeys,
  checkSignal,
  checkTextList,
  checkWholeNumber,
  rejectArgument,
} from '../../support/argument-checks.js';
import { DEFAULT_KEEP_BYTES } from '../../support/defaults.js';
import { EntryLog } from './entry-log.js';
import { LiveThreadEntries, type ThreadEntries } from './thread-entries.js';
import { ThreadFeed } from './thread-feed.js';

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

/** Where the messages of a log come from. @internal */
export interface LogSource {
  /** Has the log begin, where it has not; a reader waits for it. */
  begin(): void;
  /** No message is wanted any more. Idempotent. */
  detach(): void;
}

/** A followed thread, wherever its messages come from. @internal */
export class LiveThreadLog implements ThreadLog {
  readonly threadId: string;
  readonly #log: EntryLog;
  readonly #source: LogSource;

  constructor(threadId: string, log: EntryLog, source: LogSource) {
    this.threadId = threadId;
    this.#log = log;
    this.#source = source;
  }

  read(options: EntryReadOptions = {}): ThreadEntries {
    checkReadOptions(options);
    const place = this.#log.placeAfter(idOf(options.after));
    return new LiveThreadEntries(this.#log, place, () => this.#source.begin(), options.signal);
  }

  close(): void {
    this.#source.detach();
    this.#log.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }
}

/**
 * Follows a thread of one session, and ends with that.
 * @throws InvalidArgumentError when an option is bad
 * @internal
 */
export function followThread(peer: Peer, threadId: string, options: FollowOptions): ThreadLog {
  checkFollowOptions(options);
  const log = newLog(options);
  const feed = new ThreadFeed(peer, threadId, log, { answers: options.answers === true });
  void feed.over.then((failure) => log.end(failure));
  return new LiveThreadLog(threadId, log, feed);
}

/** An empty log. @internal */
export function newLog({ keepBytes = DEFAULT_KEEP_BYTES }: FollowOptions): EntryLog {
  return new EntryLog(keepBytes);
}

/** @throws InvalidArgumentError when an option is bad @internal */
export function checkFollowOptions(options: FollowOptions): void {
  checkKnownKeys('options', options, ['keepBytes', 'answers']);
  checkWholeNumber('options.keepBytes', options.keepBytes, { min: 1, unit: 'bytes' });
  checkBoolean('options.answers', options.answers);
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
