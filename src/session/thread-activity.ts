/**
 * Which threads have a turn now, as far as this connection was told: by the server's messages, and by the answers to
 * `turn/start` that were made here. Owns an entry for each thread that is busy and for no other. It is best effort by
 * nature: a turn that somebody else starts is known when the server says so.
 */
import { type Deferred, deferred } from '../support/deferred.js';
import { type MessageScope, type ServerMessage, scopeOf } from './messages/server-message.js';

/** A thread that has a turn, or is about to. */
interface Busy {
  /** The turn, once the server has named it. */
  turnId: string | undefined;
  /** The server said that the thread is active, with or without its turn. */
  isActive: boolean;
  /** `turn/start` requests that are on their way. */
  starting: number;
  /** Turns that ended while a start was on its way: the answer to it may be handled after the end of its turn. */
  readonly endedTurnIds: Set<string>;
  readonly idle: Deferred<void>;
}

/** Knows the busy threads. */
export class ThreadActivity {
  readonly #busy = new Map<string, Busy>();
  #isOver = false;

  /** Notes what a message of the server says. */
  note(message: ServerMessage): void {
    switch (message.method) {
      case 'turn/started':
        this.#runs(scopeOf(message));
        break;
      case 'turn/completed': {
        const { threadId, turnId } = scopeOf(message);
        this.ended(threadId, turnId);
        break;
      }
      case 'thread/closed':
        this.ended(message.params?.threadId, undefined);
        break;
      case 'thread/status/changed':
        this.#statusChanged(scopeOf(message), message.params?.status?.type);
        break;
    }
  }

  /** A thread has a turn, or a start of one is on its way. */
  isBusy(threadId: string): boolean {
    return this.#busy.has(threadId);
  }

  /** The turn that runs on the thread, where it is known. */
  turnOf(threadId: string): string | undefined {
    return this.#busy.get(threadId)?.turnId;
  }

  /** Settles when the thread has no turn any more. Never rejects. */
  async untilIdle(threadId: string): Promise<void> {
    await this.#busy.get(threadId)?.idle.promise;
  }

  /** A `turn/start` goes out. {@link ThreadActivity.startSettled} follows. */
  startSent(threadId: string): void {
    this.#entry(threadId).starting += 1;
  }

  /** A `turn/start` was answered with a turn, or came to nothing. */
  startSettled(threadId: string, turnId: string | undefined): void {
    const busy = this.#busy.get(threadId);
    if (busy === undefined) return;
    busy.starting -= 1;
    if (turnId !== undefined && !busy.endedTurnIds.has(turnId)) busy.turnId = turnId;
    this.#forgetIdle(threadId, busy);
  }

  /** The server calls a turn over, or, without a turn, all of the thread. */
  ended(threadId: string | undefined, turnId: string | undefined): void {
    const busy = threadId === undefined ? undefined : this.#busy.get(threadId);
    if (threadId === undefined || busy === undefined) return;
    if (turnId !== undefined && busy.turnId !== undefined && turnId !== busy.turnId) return;
    const endedTurnId = turnId ?? busy.turnId;
    if (busy.starting > 0 && endedTurnId !== undefined) busy.endedTurnIds.add(endedTurnId);
    busy.turnId = undefined;
    busy.isActive = false;
    this.#forgetIdle(threadId, busy);
  }

  /** At rest, the turn's own end follows, which counts where the turn is known; unloaded, nothing follows. */
  #statusChanged(scope: MessageScope, status: string | undefined): void {
    const { threadId } = scope;
    if (status === 'active') this.#runs(scope);
    else if (threadId !== undefined && (status === 'notLoaded' || this.turnOf(threadId) === undefined))
      this.ended(threadId, undefined);
  }

  /** The session is over: no thread has a turn any more. */
  end(): void {
    this.#isOver = true;
    for (const { idle } of this.#busy.values()) idle.resolve();
    this.#busy.clear();
  }

  #runs({ threadId, turnId }: MessageScope): void {
    if (threadId === undefined) return;
    const busy = this.#entry(threadId);
    busy.isActive = true;
    busy.turnId = turnId ?? busy.turnId;
  }

  #entry(threadId: string): Busy {
    const known = this.#busy.get(threadId);
    if (known !== undefined) return known;
    const busy: Busy = {
      turnId: undefined,
      isActive: false,
      starting: 0,
      endedTurnIds: new Set(),
      idle: deferred(),
    };
    if (!this.#isOver) this.#busy.set(threadId, busy);
    return busy;
  }

  #forgetIdle(threadId: string, busy: Busy): void {
    if (busy.starting > 0 || busy.isActive || busy.turnId !== undefined) return;
    this.#busy.delete(threadId);
    busy.idle.resolve();
  }
}
