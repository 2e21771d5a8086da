/**
 * Which threads of one life can be used. Owns that a thread which this server has not seen is resumed first, once for all
 * who ask, and that one whose resume would start turns by itself is not, without consent.
 */
import type { ThreadResumeParams, ThreadResumeResponse } from '../protocol/generated.js';
import type { RequestOptions } from '../session/requests/request-options.js';

/** The threads of one life. */
export interface ThreadReadiness {
  /**
   * Settles when this connection has the thread: at once when it started, resumed or forked it, otherwise when it was resumed.
   * Rejects with `ResumeWouldSpendError`, `ThreadBusyElsewhereError`, and what `request` rejects with.
   */
  ready(threadId: string): Promise<void>;
  /** Resumes the thread, whatever that starts. Rejects with `ThreadBusyElsewhereError`, and what `request` rejects with. */
  resume(params: ThreadResumeParams, options?: RequestOptions): Promise<ThreadResumeResponse>;
  /** This connection has the thread. */
  isReady(threadId: string): boolean;
}
