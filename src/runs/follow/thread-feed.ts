/**
 * What ties the log of a thread to one session: copies of the thread's messages before they go to a stream, the thread as it
 * was before, and, where it stands in for those who answer, the thread's requests. Owns when that is read: at first, when
 * the server has taken turns back, and when it tells of the thread again after a while in which it did not.
 *
 * It keeps the server's output being read, whether its readers read or not: what they are too slow for is folded.
 */
import type { ServerMessage } from '../../session/messages/server-message.js';
import type { Peer } from '../../session/peer.js';
import type { Onlooker } from '../../session/taps/taps.js';
import { deferred } from '../../support/deferred.js';
import type { EntryLog } from './entry-log.js';
import { HeldRequests } from './held-requests.js';
import { readBeginning } from './thread-beginning.js';
import { type Hearing, hearingOf } from './thread-hearing.js';

/** Sees to it that the server tells of a thread, where that is not done elsewhere. */
export interface ThreadSubscription {
  /** Settles before the thread is read: true when the server tells of it, false when it is not to be asked to. */
  subscribe(): Promise<boolean>;
}

/** What a feed does besides. */
export interface FeedOptions {
  /** What is asked on the thread comes here. */
  readonly answers: boolean;
  /** Asked before the thread is read for the first time; without one it is the user's to start or resume the thread. */
  readonly subscription?: ThreadSubscription | undefined;
}

/** Feeds a log from a session. It breaks the log off at the end of the session, and does not end it. */
export class ThreadFeed implements Onlooker {
  /** It takes whatever comes. */
  readonly isFull = false;
  readonly #peer: Peer;
  readonly #threadId: string;
  readonly #log: EntryLog;
  readonly #requests: HeldRequests | undefined;
  readonly #over = deferred<unknown>();
  readonly #lookAway: () => void;
  #subscription: ThreadSubscription | undefined;
  /** The server tells of the thread: what happens in it comes here. */
  #isHeard = true;
  /** The time for which this connection has the thread, as {@link ThreadSubscriptions.timeOf} numbers it. */
  #time: number | undefined;
  /** What messages have told last of that, since the thread was asked for. */
  #told: Hearing | undefined;
  #isReading = false;
  /** What is being read may be from before the log was broken off. */
  #isOutdated = false;
  #isOver = false;

  /** Looks on from now on, and has the log begin. */
  constructor(peer: Peer, threadId: string, log: EntryLog, { answers, subscription }: FeedOptions) {
    this.#peer = peer;
    this.#threadId = threadId;
    this.#log = log;
    this.#subscription = subscription;
    this.#requests = answers ? new HeldRequests(peer, threadId) : undefined;
    this.#time = peer.subscriptions.timeOf(threadId);
    this.#lookAway = peer.showTo(this, { threadId });
    peer.readUntil(this.#over.promise);
    this.begin();
  }

  /** Settles when no message comes any more, with why the session ended where that was not asked for; never rejects. */
  get over(): Promise<unknown> {
    return this.#over.promise;
  }

  /** Has the log begin, once more where it could not; does nothing while that is under way. */
  begin(): void {
    if (this.#isReading || this.#isOver) return;
    this.#isReading = true;
    this.#log.awaitBeginning();
    void this.#read();
  }

  /** Looks away; what is open goes to whoever would get it otherwise. Idempotent. */
  detach(): void {
    this.#isOver = true;
    this.#lookAway();
    this.#requests?.close();
    this.#over.resolve(undefined);
  }

  /** @internal */
  isLight(): boolean {
    return false;
  }

  /** @internal */
  add(message: ServerMessage, bytes: number): boolean {
    this.#hear(hearingOf(message));
    this.#log.add(message, bytes);
    this.#requests?.note(message);
    if (message.method === 'thread/reverted') this.begin();
    return true;
  }

  /** @internal */
  end(failure: unknown): void {
    this.#isOver = true;
    this.#log.breakOff();
    this.#over.resolve(failure);
  }

  /** While it was not told of, others may have gone on with the thread: it is read before more is handed out. */
  #hear(hearing: Hearing): void {
    const isGivenAnew = this.#isGivenAnew();
    if (hearing !== 'unknown') this.#told = hearing;
    if (isGivenAnew || hearing === 'lost') this.#isHeard = false;
    if (this.#isHeard || hearing === 'lost' || (hearing === 'unknown' && !isGivenAnew)) return;
    this.#isHeard = isGivenAnew || hearing === 'heard';
    this.#log.breakOff();
    this.#log.awaitBeginning();
    if (this.#isReading) this.#isOutdated = true;
    else this.begin();
  }

  /** This connection has started or resumed the thread since that was asked last, and had not got it before. */
  #isGivenAnew(): boolean {
    const time = this.#peer.subscriptions.timeOf(this.#threadId);
    if (time === undefined || time === this.#time) return false;
    this.#time = time;
    return true;
  }

  /** Reads what the thread was; once more when that changed meanwhile in a way that messages do not tell. Never rejects. */
  async #read(): Promise<void> {
    let isAskedAgain = false;
    try {
      do {
        if (this.#subscription !== undefined) await this.#subscribe(this.#subscription);
        this.#isOutdated = false;
        this.#told = undefined;
        const asked = this.#peer.asked.openOn(this.#threadId);
        const view = await readBeginning(this.#peer, this.#threadId, asked);
        if (this.#isOver) return;
        if (this.#isOutdated) continue;
        if (view.status?.type === 'notLoaded') {
          const isLoadedSince = this.#told !== undefined && this.#told !== 'lost';
          // Behind the answer it is told of again, and others may have gone on with it in between.
          if (isLoadedSince && !isAskedAgain) {
            isAskedAgain = true;
            this.#isOutdated = true;
            continue;
          }
          if (!isLoadedSince) this.#isHeard = false;
        }
        this.#log.begin(view);
        if (this.#log.isStale) this.#log.awaitBeginning();
      } while (this.#isOutdated || this.#log.isStale);
    } catch (error) {
      // When the session ends its readers are told, or another one follows.
      if (!this.#isOver && this.#peer.closingError === undefined) this.#log.refuse(error);
    } finally {
      this.#isReading = false;
    }
  }

  async #subscribe(subscription: ThreadSubscription): Promise<void> {
    this.#isHeard = await subscription.subscribe();
    this.#time = this.#peer.subscriptions.timeOf(this.#threadId);
    this.#subscription = undefined;
  }
}
