/**
 * How many tokens each thread had used when the server told it last, so that a run that begins later knows what was spent
 * before it. Owns one number for each thread that told any, until the server has closed the thread.
 */
import type { ServerMessage } from './messages/server-message.js';

/** Knows the totals of threads. */
export class ThreadUsage {
  readonly #totals = new Map<string, number>();
  /** False when the server was asked to keep token usage to itself. */
  isTold = true;

  /** What the thread had used before the message that is being handed out; undefined when it was never told. */
  totalOf(threadId: string): number | undefined {
    return this.#totals.get(threadId);
  }

  /** Notes what a message of the server says, once all who follow it have seen it. */
  note(message: ServerMessage): void {
    if (message.method === 'thread/closed') this.#totals.delete(message.params?.threadId);
    if (message.method !== 'thread/tokenUsage/updated') return;
    const { threadId, tokenUsage } = message.params ?? {};
    const total = tokenUsage?.total?.totalTokens;
    if (typeof total === 'number') this.#totals.set(threadId, total);
  }
}
