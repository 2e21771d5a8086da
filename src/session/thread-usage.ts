/**
 * How many tokens each thread had used when the server told it last, so that a run that begins later knows what was spent
 * before it. Owns one number for each thread that told any, until the server has unloaded the thread: it tells again what was
 * used when the thread is resumed.
 */
import type { ServerMessage } from './messages/server-message.js';

/** What is spent, and the turns of sub-agents, which may be whose work it is. */
export const USAGE_MESSAGES = ['thread/tokenUsage/updated', 'turn/started'] as const;

/** Knows the totals of threads. */
export class ThreadUsage {
  readonly #totals = new Map<string, number>();
  /** Of the messages that tell what is spent, and by whom, the one that the server was asked to keep to itself. */
  untold: (typeof USAGE_MESSAGES)[number] | undefined;

  /** What the thread had used before the message that is being handed out; undefined when it was never told. */
  totalOf(threadId: string): number | undefined {
    return this.#totals.get(threadId);
  }

  /** Notes what a message of the server says, once all who follow it have seen it. */
  note(message: ServerMessage): void {
    if (isUnloaded(message)) this.#totals.delete(message.params.threadId);
    if (message.method !== 'thread/tokenUsage/updated') return;
    const { threadId, tokenUsage } = message.params ?? {};
    const total = tokenUsage?.total?.totalTokens;
    if (typeof total === 'number') this.#totals.set(threadId, total);
  }
}

/** One that is archived, or that another client closes, is said to be so only by its status. */
function isUnloaded(message: ServerMessage): message is UnloadedMessage {
  if (message.method === 'thread/closed') return message.params !== undefined;
  return message.method === 'thread/status/changed' && message.params?.status?.type === 'notLoaded';
}
type UnloadedMessage = Extract<ServerMessage, { method: 'thread/closed' | 'thread/status/changed' }>;
