/**
 * Entries of a followed thread as the text of a response of server-sent events, which a page reads with `EventSource`. Owns
 * the form, and the comments that keep the connection alive while there is nothing to say.
 */
import { checkKnownKeys, checkTimeLimit, rejectArgument } from '../../support/argument-checks.js';
import { DEFAULT_KEEP_ALIVE_MS } from '../../support/defaults.js';
import { type Deferred, deferred, markHandled } from '../../support/deferred.js';
import { type PulledStream, PullStream } from '../../support/pull-stream.js';
import type { ThreadEntry } from './thread-entry.js';

/** Options of {@link serverSentEvents}. */
export interface ServerSentEventsOptions {
  /**
   * After so many milliseconds without an entry a comment is sent, so that nobody on the way takes the connection for dead,
   * and that one whose page is gone is noticed; `0` for none. It does not keep the program alive.
   *
   * @defaultValue 15,000
   */
  readonly keepAliveMs?: number | undefined;
}

/**
 * The text of server-sent events: pieces of a response, each one event or one comment. One read at a time. It is pulled:
 * an entry is read when the piece before it was taken. Ends and fails as the entries do; leaving it leaves them.
 */
export interface ServerSentEvents extends PulledStream<string> {}

/** A line that says nothing. */
const COMMENT = ':\n\n';

/** The texts of entries: all readers of a log get the same objects, and each is written as text once. */
const texts = new WeakMap<ThreadEntry, string>();

/**
 * The text of a response of type `text/event-stream`, for `pipeline`, `Readable.from` or `ReadableStream.from`. A message is
 * an event without a name, whose data is the message as JSON; a `snapshot` and a `gap` are events of these names. Each has
 * the id of its entry, which the page sends back as `Last-Event-ID` when it connects again: give it to
 * `ThreadLog.read`.
 *
 * @param entries - what `read()` of a followed thread gives, or what you make of it; each object is written as text once
 * @throws InvalidArgumentError when an argument is bad
 */
export function serverSentEvents(
  entries: AsyncIterable<ThreadEntry>,
  options: ServerSentEventsOptions = {},
): ServerSentEvents {
  if (typeof Object(entries)[Symbol.asyncIterator] !== 'function')
    rejectArgument('entries', entries, 'the entries of a followed thread, as read() gives them');
  checkKnownKeys('options', options, ['keepAliveMs']);
  checkTimeLimit('options.keepAliveMs', options.keepAliveMs);
  return new LiveServerSentEvents(entries, options.keepAliveMs ?? DEFAULT_KEEP_ALIVE_MS);
}

/** What a read of an entry came to; no text at the end. */
type Outcome = { readonly text: string | undefined } | { readonly failure: unknown };

/** Writes entries as text. */
class LiveServerSentEvents extends PullStream<string> implements ServerSentEvents {
  readonly #entries: AsyncIterator<ThreadEntry>;
  readonly #keepAliveMs: number;
  #timer: NodeJS.Timeout | undefined;
  /** An entry is being read; comments may be handed out meanwhile. */
  #isReading = false;
  /** What was read while nobody waited for it. */
  #outcome: Outcome | undefined;
  #waiting: Deferred<string | undefined> | undefined;
  readonly #came = ({ done, value }: IteratorResult<ThreadEntry, unknown>): void =>
    this.#hasRead({ text: done === true ? undefined : textOf(value) });
  readonly #failed = (failure: unknown): void => this.#hasRead({ failure });

  constructor(entries: AsyncIterable<ThreadEntry>, keepAliveMs: number) {
    super();
    this.#entries = entries[Symbol.asyncIterator]();
    this.#keepAliveMs = keepAliveMs;
  }

  protected override take(): Promise<string | undefined> {
    const waiting = deferred<string | undefined>();
    this.#waiting = waiting;
    const outcome = this.#outcome;
    this.#outcome = undefined;
    if (outcome !== undefined) this.#settle(outcome);
    else this.#read();
    return waiting.promise;
  }

  protected override leave(): void {
    clearTimeout(this.#timer);
    this.#settle({ text: undefined });
    const left = this.#entries.return?.();
    if (left !== undefined) markHandled(left);
  }

  protected override ended(): void {
    clearTimeout(this.#timer);
  }

  protected override failed(): boolean {
    clearTimeout(this.#timer);
    return true;
  }

  #read(): void {
    if (!this.#isReading) {
      this.#isReading = true;
      this.#entries.next().then(this.#came).catch(this.#failed);
    }
    if (this.#keepAliveMs === 0) return;
    // One timer for all waits: it starts again, and fires into the void when nobody waits.
    if (this.#timer !== undefined) this.#timer.refresh();
    else this.#timer = setTimeout(() => this.#settle({ text: COMMENT }), this.#keepAliveMs).unref();
  }

  #hasRead(outcome: Outcome): void {
    this.#isReading = false;
    if (this.#waiting === undefined) this.#outcome = outcome;
    else this.#settle(outcome);
  }

  #settle(outcome: Outcome): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if ('failure' in outcome) waiting?.reject(outcome.failure);
    else waiting?.resolve(outcome.text);
  }
}

function textOf(entry: ThreadEntry): string {
  let text = texts.get(entry);
  if (text === undefined) {
    text = eventOf(entry);
    texts.set(entry, text);
  }
  return text;
}

function eventOf({ id, message, snapshot, gap }: ThreadEntry): string {
  // JSON has no line ends of its own, so that the data is one line.
  if (message !== undefined) return `id: ${id}\ndata: ${JSON.stringify(message)}\n\n`;
  if (snapshot !== undefined) return `id: ${id}\nevent: snapshot\ndata: ${JSON.stringify(snapshot)}\n\n`;
  return `id: ${id}\nevent: gap\ndata: ${JSON.stringify(gap)}\n\n`;
}
