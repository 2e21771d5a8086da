/**
 * A thread that is followed for as long as a supervisor is there: one log, fed by one life after another. Owns that the
 * thread is made ready in each life and never resumed where that would spend, and when the log ends.
 *
 * Between two lives the log is broken off, so that readers wait, and are told by a gap that something may be missing.
 */
import type { EntryLog } from '../runs/follow/entry-log.js';
import { ThreadFeed } from '../runs/follow/thread-feed.js';
import {
  checkFollowOptions,
  type FollowOptions,
  LiveThreadLog,
  type LogSource,
  newLog,
  type ThreadLog,
} from '../runs/follow/thread-log.js';
import { ResumeWouldSpendError } from '../support/thread-errors.js';
import type { Life, Lives } from './life.js';
import type { ThreadReadiness } from './thread-readiness.js';

/**
 * Follows a thread over the lives of a supervisor. It ends with `shutdown()`, and fails with what {@link Lives.current}
 * rejects with once there are no more lives.
 * @throws InvalidArgumentError when an option is bad
 * @internal
 */
export function followSupervised(lives: Lives, threadId: string, options: FollowOptions): ThreadLog {
  checkFollowOptions(options);
  const log = newLog(options);
  return new LiveThreadLog(threadId, log, new FeedsOfLives(lives, threadId, log, options.answers === true));
}

/** Feeds a log from each life. */
class FeedsOfLives implements LogSource {
  readonly #lives: Lives;
  readonly #threadId: string;
  readonly #log: EntryLog;
  readonly #answers: boolean;
  #feed: ThreadFeed | undefined;
  #isDetached = false;

  constructor(lives: Lives, threadId: string, log: EntryLog, answers: boolean) {
    this.#lives = lives;
    this.#threadId = threadId;
    this.#log = log;
    this.#answers = answers;
    void this.#followAll();
  }

  begin(): void {
    this.#feed?.begin();
  }

  detach(): void {
    this.#isDetached = true;
    this.#feed?.detach();
  }

  /** Ends the log with the last life. Never rejects. */
  async #followAll(): Promise<void> {
    try {
      while (!this.#isDetached) await this.#follow(await this.#lives.current());
    } catch (error) {
      this.#log.end(this.#lives.isShutDown ? undefined : error);
    }
  }

  async #follow(life: Life): Promise<void> {
    if (this.#isDetached) return;
    const subscription = { subscribe: () => this.#isReady(life.threads) };
    const feed = new ThreadFeed(life.peer, this.#threadId, this.#log, {
      answers: this.#answers,
      subscription,
    });
    this.#feed = feed;
    await feed.over;
    feed.detach();
  }

  /** The thread is ready, or, where making it ready would spend, is not; rejects with any other reason why it is not. */
  async #isReady(threads: ThreadReadiness): Promise<boolean> {
    try {
      return await threads.readyToRead(this.#threadId, () => !this.#isDetached);
    } catch (error) {
      if (error instanceof ResumeWouldSpendError) return false;
      throw error;
    }
  }
}
