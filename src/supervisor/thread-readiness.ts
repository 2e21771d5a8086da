/**
 * Which threads of one life can be used. Owns that a thread which this connection does not have is resumed first, once for
 * all who ask, that one whose resume would start turns by itself is not, without consent (a queued turn of a run of ours has
 * it), and that those who only read leave the server to those who send.
 */
import PQueue from 'p-queue';
import type {
  QueuedSubmission,
  ThreadGoal,
  ThreadResumeParams,
  ThreadResumeResponse,
} from '../protocol/generated.js';
import { itemsOf } from '../runs/turn/queued-items.js';
import type { Peer } from '../session/peer.js';
import type { RequestOptions } from '../session/requests/request-options.js';
import { RpcError } from '../support/errors.js';
import { resumeWouldSpend, threadBusyElsewhere } from '../support/thread-errors.js';
import type { QueuedKeys } from './queued-keys.js';

/** The threads of one life. */
export interface ThreadReadiness {
  /**
   * Settles when this connection has the thread: at once when it started, resumed or forked it, otherwise when it was resumed.
   * Rejects with `ResumeWouldSpendError`, `ThreadBusyElsewhereError`, and what `request` rejects with.
   */
  ready(threadId: string): Promise<void>;
  /**
   * As {@link ready}, for who only reads. Few of these are under way at once: when a life begins, a turn would otherwise wait
   * until the threads of all open pages are resumed. False, and nothing was asked, when it is not wanted once its place has come.
   */
  readyToRead(threadId: string, isWanted: () => boolean): Promise<boolean>;
  /** The thread was resumed here with turns in its queue: the first of them is nowhere for a moment before it begins. */
  mayHaveBegun(threadId: string): boolean;
  /** Resumes the thread, whatever that starts. Rejects with `ThreadBusyElsewhereError`, and what `request` rejects with. */
  resume(params: ThreadResumeParams, options?: RequestOptions): Promise<ThreadResumeResponse>;
}

/** Enough to keep a server busy, which takes some 60 ms to resume a thread (codex 0.169.0, two cores). */
const READERS_AT_ONCE = 8;

/** How the server says that another process has the thread; it has no code of its own for that. */
const HAS_WRITER = /already has an active writer/;

/** "Not supported", and "not for this thread". */
const NOT_HERE_CODES: readonly number[] = [-32601, -32600];

/** The queue of a thread that was never kept is refused as an internal error. */
const HAS_NO_ROLLOUT = /no rollout found/;

/** The threads of one connection. */
export class LiveThreadReadiness implements ThreadReadiness {
  readonly #peer: Peer;
  readonly #ownKeys: QueuedKeys;
  readonly #readers = new PQueue({ concurrency: READERS_AT_ONCE });
  /** Threads that are being made ready. */
  readonly #resuming = new Map<string, Promise<void>>();
  /** The last resumes with consent that are on their way. */
  readonly #consented = new Map<string, Promise<unknown>>();
  /** Threads that were resumed with something in their queue, or without a look at it. */
  readonly #begun = new Set<string>();

  constructor(peer: Peer, ownKeys: QueuedKeys) {
    this.#peer = peer;
    this.#ownKeys = ownKeys;
  }

  async ready(threadId: string): Promise<void> {
    if (this.#peer.subscriptions.has(threadId)) return;
    const resuming = this.#resuming.get(threadId) ?? this.#resumeUnlessItSpends(threadId);
    this.#resuming.set(threadId, resuming);
    try {
      await resuming;
    } finally {
      this.#resuming.delete(threadId);
    }
  }

  readyToRead(threadId: string, isWanted: () => boolean): Promise<boolean> {
    return this.#readers.add(async () => {
      if (!isWanted()) return false;
      await this.ready(threadId);
      return true;
    });
  }

  mayHaveBegun(threadId: string): boolean {
    return this.#begun.has(threadId);
  }

  async resume(params: ThreadResumeParams, options?: RequestOptions): Promise<ThreadResumeResponse> {
    const { threadId } = params;
    this.#begun.add(threadId);
    const resumed = this.#resume(params, options);
    this.#consented.set(threadId, resumed);
    try {
      return await resumed;
    } finally {
      if (this.#consented.get(threadId) === resumed) this.#consented.delete(threadId);
    }
  }

  async #resume(params: ThreadResumeParams, options?: RequestOptions): Promise<ThreadResumeResponse> {
    try {
      return await this.#peer.callTyped('thread/resume', params, options);
    } catch (error) {
      if (error instanceof RpcError && HAS_WRITER.test(error.message))
        throw threadBusyElsewhere(params.threadId, error);
      throw error;
    }
  }

  async #resumeUnlessItSpends(threadId: string): Promise<void> {
    const [goal, { queued, areOwn }] = await Promise.all([
      this.#activeGoal(threadId),
      this.#queuedFor(threadId),
    ]);
    // Somebody may have consented meanwhile.
    await this.#consented.get(threadId)?.catch(() => {});
    if (this.#peer.subscriptions.has(threadId)) return;
    if (goal !== null || !areOwn) throw resumeWouldSpend({ threadId, goal, queued });
    if (queued.length > 0) this.#begun.add(threadId);
    // What the thread was nobody asks for here.
    await this.#resume({ threadId, excludeTurns: true });
  }

  async #activeGoal(threadId: string): Promise<ThreadGoal | null> {
    const answer = await unlessRefused(this.#peer.call('thread/goal/get', { threadId }));
    return answer?.goal?.status === 'active' ? answer.goal : null;
  }

  /** What waits there, and whether all of it is of runs of ours. One that a run took out while the list was on its way is no reason. */
  async #queuedFor(threadId: string): Promise<{ queued: readonly QueuedSubmission[]; areOwn: boolean }> {
    for (;;) {
      const asked = this.#ownKeys.of(threadId);
      const queued = await this.#queued(threadId);
      const own = this.#ownKeys.of(threadId);
      const others = queued.map((item) => item.clientUserMessageId).filter((key) => !own.has(key));
      if (!others.some((key) => asked.has(key))) return { queued, areOwn: others.length === 0 };
    }
  }

  async #queued(threadId: string): Promise<readonly QueuedSubmission[]> {
    return (await unlessRefused(itemsOf(this.#peer, threadId))) ?? [];
  }
}

/**
 * A server that does not know the question has nothing of that kind; one that does not know the thread says so later. One that
 * fails to say may have something all the same.
 */
async function unlessRefused<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof RpcError && isOfNoUse(error)) return undefined;
    throw error;
  }
}

/** The question cannot be asked there, or not of this thread. */
function isOfNoUse({ rpcCode, message }: RpcError): boolean {
  return NOT_HERE_CODES.includes(rpcCode) || HAS_NO_ROLLOUT.test(message);
}
