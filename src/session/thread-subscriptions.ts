/**
 * Which threads this connection has: those that it started, resumed or forked, whoever made the call, and whose messages the
 * server therefore sends here. Owns, too, which of them the server would still have after a crash: one that was started is
 * kept from the first message of its user on, an ephemeral one never.
 */
import { memberOf } from '../support/argument-checks.js';
import type { ServerMessage } from './messages/server-message.js';

/** The methods whose answer gives this connection a thread. */
const GIVING: ReadonlySet<string> = new Set(['thread/start', 'thread/resume', 'thread/fork']);
/** The methods whose answer takes one from it. */
const TAKING: ReadonlySet<string> = new Set(['thread/unsubscribe', 'thread/archive', 'thread/delete']);

/** Knows the threads of a connection. */
export class ThreadSubscriptions {
  /** Each with the number of the time for which the connection has it. */
  readonly #threadIds = new Map<string, number>();
  #times = 0;
  /** Those of them that a crash would lose, with whether they are ephemeral. */
  readonly #unkept = new Map<string, { readonly isEphemeral: boolean }>();

  /** The connection has the thread. */
  has(threadId: string): boolean {
    return this.#threadIds.has(threadId);
  }

  /** The threads that it has. */
  get all(): ReadonlySet<string> {
    return new Set(this.#threadIds.keys());
  }

  /**
   * For how long it has the thread, as a number: another one since the thread was taken and given once more. What others did in
   * between it was not told.
   */
  timeOf(threadId: string): number | undefined {
    return this.#threadIds.get(threadId);
  }

  /** The threads that a crash would lose, as far as this connection can tell. */
  get unkept(): readonly string[] {
    return [...this.#unkept.keys()];
  }

  /** The connection has started the thread, to be kept, and has not seen a message of its user. */
  isNew(threadId: string): boolean {
    return this.#unkept.get(threadId)?.isEphemeral === false;
  }

  /** The answers to calls of the method are to be noted. */
  concerns(method: string): boolean {
    return GIVING.has(method) || TAKING.has(method);
  }

  /** A call of a method that {@link ThreadSubscriptions.concerns} these was answered. */
  noteAnswer(method: string, params: unknown, result: unknown): void {
    if (TAKING.has(method)) this.#gone(memberOf(params, 'threadId'));
    else this.#given(method, memberOf(result, 'thread'));
  }

  /** Notes what a message of the server says. */
  note(message: ServerMessage): void {
    if (message.method === 'thread/closed') this.#gone(message.params?.threadId);
    else if (this.#unkept.size > 0 && message.method === 'item/completed')
      this.#itemCompleted(message.params?.threadId, message.params?.item?.type);
  }

  #given(method: string, thread: unknown): void {
    const threadId = memberOf(thread, 'id');
    if (typeof threadId !== 'string') return;
    const isEphemeral = memberOf(thread, 'ephemeral') === true;
    if (!this.#threadIds.has(threadId)) {
      this.#times += 1;
      this.#threadIds.set(threadId, this.#times);
    }
    if (isEphemeral || method === 'thread/start') this.#unkept.set(threadId, { isEphemeral });
  }

  #gone(threadId: unknown): void {
    if (typeof threadId !== 'string') return;
    this.#threadIds.delete(threadId);
    this.#unkept.delete(threadId);
  }

  #itemCompleted(threadId: string | undefined, type: string | undefined): void {
    if (threadId !== undefined && type === 'userMessage' && this.#unkept.get(threadId)?.isEphemeral === false)
      this.#unkept.delete(threadId);
  }
}
