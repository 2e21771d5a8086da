/**
 * Which threads have a turn now, as far as this connection was told: by the server's messages, and by the answers to
 * `turn/start` that were made here. Owns an entry for each thread that is busy and for no other. It is best effort by
 * nature: a turn that somebody else starts is known when the server says so.
 */
import { type Deferred, deferred } from '../support/deferred.js';
import { type MessageScope, type ServerMessage, scopeOf } from './messages/server-message.js';
import type { LeftTurn } from './session-remains.js';

/** A thread that has a turn, or is about to. */
interface Busy {
  readonly threadId: string;
  /** The turn, once the server has named it. */
  turnId: string | undefined;
  /** The turn whose work that is: a review runs as a turn of its own, and ends under the name of the review. */
  rootTurnId: string | undefined;
  /** The server said that the thread is active, with or without its turn, and has not said that it is at rest since. */
  isActive: boolean;
  /** `turn/start` requests that are on their way. */
  starting: number;
  /** Turns that ended while a start was on its way: the answer to it may be handled after the end of its turn. */
  readonly endedTurnIds: Set<string | undefined>;
  readonly idle: Deferred<void>;
}

/** Knows the busy threads. */
export class ThreadActivity {
  readonly #busy = new Map<string | undefined, Busy>();
  #isOver = false;

  /** Notes what a message of the server says. */
  note(message: ServerMessage): void {
    if (message.method === 'turn/started')
      this.#runs(scopeOf(message), message.params?.turn?.rootTurnId ?? undefined);
    else if (message.method === 'turn/completed') {
      const { threadId, turnId } = scopeOf(message);
      const busy = this.#busy.get(threadId);
      const isWithin = busy !== undefined && turnId !== undefined && turnId === busy.rootTurnId;
      this.ended(threadId, isWithin ? busy.turnId : turnId);
    } else if (message.method === 'thread/closed') this.ended(message.params?.threadId, undefined);
    else if (message.method === 'thread/status/changed')
      this.#statusChanged(scopeOf(message), message.params?.status?.type);
  }

  /** A thread has a turn, or a start of one is on its way. */
  isBusy(threadId: string): boolean {
    return this.#busy.has(threadId);
  }

  /** The turn that runs on the thread, where it is known. */
  turnOf(threadId: string): string | undefined {
    return this.#busy.get(threadId)?.turnId;
  }

  /** Another turn than this one is known to run on the thread. */
  isOthers(threadId: string, turnId: string): boolean {
    const busy = this.#busy.get(threadId);
    return busy?.turnId !== undefined && !isOf(busy, turnId);
  }

  /** The threads that are busy, with their turns where they are known. */
  get turns(): LeftTurn[] {
    return [...this.#busy.values()].map(({ threadId, turnId }) => ({ threadId, turnId }));
  }

  /** Settles when no thread has a turn any more. Never rejects. */
  async untilAllIdle(): Promise<void> {
    for (const { idle } of this.#busy.values()) await idle.promise;
  }

  /** Settles when the thread has no turn any more. Never rejects. */
  async untilIdle(threadId: string): Promise<void> {
    await this.#busy.get(threadId)?.idle.promise;
  }

  /** The thread was resumed, and has a turn, whose messages come from now on. */
  foundActive(threadId: string): void {
    this.#runs({ threadId, turnId: undefined });
  }

  /** The thread was resumed, and has no turn; one that was named is known by its own end. */
  foundIdle(threadId: string): void {
    if (this.turnOf(threadId) === undefined) this.ended(threadId, undefined);
  }

  /** The messages of the thread come here no more: that its turn is over is known by the thread's status alone. */
  unheard(threadId: string): void {
    const busy = this.#busy.get(threadId);
    if (busy === undefined) return;
    busy.turnId = undefined;
    busy.rootTurnId = undefined;
    this.#forgetIdle(busy);
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
    this.#forgetIdle(busy);
  }

  /** The server calls a turn over, or, without a turn, all of the thread. */
  ended(threadId: string | undefined, turnId: string | undefined): void {
    const busy = this.#busy.get(threadId);
    if (busy === undefined) return;
    if (turnId !== undefined && busy.turnId !== undefined && turnId !== busy.turnId) return;
    busy.endedTurnIds.add(turnId ?? busy.turnId).add(busy.rootTurnId);
    busy.turnId = undefined;
    busy.rootTurnId = undefined;
    busy.isActive = false;
    this.#forgetIdle(busy);
  }

  /** At rest, the turn's own end follows, which counts where the turn is known; unloaded, nothing follows. */
  #statusChanged(scope: MessageScope, status: string | undefined): void {
    const { threadId } = scope;
    const busy = this.#busy.get(threadId);
    if (status === 'active') this.#runs(scope);
    else if (status === 'notLoaded' || busy?.turnId === undefined) this.ended(threadId, undefined);
    else busy.isActive = false;
  }

  /** The session is over: no thread has a turn any more. */
  end(): void {
    this.#isOver = true;
    for (const { idle } of this.#busy.values()) idle.resolve();
    this.#busy.clear();
  }

  #runs({ threadId, turnId }: MessageScope, rootTurnId?: string): void {
    if (threadId === undefined) return;
    const busy = this.#entry(threadId);
    busy.isActive = true;
    busy.turnId = turnId ?? busy.turnId;
    busy.rootTurnId = turnId === undefined ? busy.rootTurnId : rootTurnId;
  }

  #entry(threadId: string): Busy {
    const known = this.#busy.get(threadId);
    if (known !== undefined) return known;
    const busy: Busy = {
      threadId,
      turnId: undefined,
      rootTurnId: undefined,
      isActive: false,
      starting: 0,
      endedTurnIds: new Set(),
      idle: deferred(),
    };
    if (!this.#isOver) this.#busy.set(threadId, busy);
    return busy;
  }

  #forgetIdle(busy: Busy): void {
    if (busy.starting > 0 || busy.isActive || busy.turnId !== undefined) return;
    this.#busy.delete(busy.threadId);
    busy.idle.resolve();
  }
}

function isOf({ turnId, rootTurnId }: Busy, id: string): boolean {
  return id === turnId || id === rootTurnId;
}
