/**
 * Those who see messages as they pass, whoever gets them: a run follows its thread, a login the end of logins. Owns who
 * follows what, found by what a message is about, so that a message costs nothing to those it is not about (L21).
 * Followers take nothing.
 */
import { carriesObject, type MessageScope, type ServerMessage } from '../messages/server-message.js';

/** Somebody who follows. None of its methods may throw. */
export interface Follower {
  /**
   * A message that carries a thread, a turn or an item was read, and has not been given to a stream: what it tells may
   * decide which one gets it.
   */
  learn(message: ServerMessage, scope: MessageScope): void;
  /** A message was given to its stream. */
  observe(message: ServerMessage, scope: MessageScope): void;
  /** No message will come any more. */
  ended(): void;
}

const NONE: ReadonlySet<Follower> = new Set();

/** Finds followers by subject: the id of a thread or of a root turn, or `account/login/completed`. */
export class Followers {
  readonly #bySubject = new Map<string | undefined, Set<Follower>>();
  readonly #subjects = new Map<Follower, Set<string>>();
  /** The thread that was looked up last, and those who follow it: most messages are of the same thread as the last. */
  #latestThreadId: string | undefined;
  #ofLatest: ReadonlySet<Follower> = NONE;

  /** How many there are. */
  get size(): number {
    return this.#subjects.size;
  }

  /** Everybody who follows anything. */
  get all(): readonly Follower[] {
    return [...this.#subjects.keys()];
  }

  /** Follows one more subject. */
  add(follower: Follower, subject: string): void {
    const subjects = this.#subjects.get(follower);
    if (subjects === undefined) this.#subjects.set(follower, new Set([subject]));
    else subjects.add(subject);
    const followers = this.#bySubject.get(subject);
    if (followers === undefined) this.#bySubject.set(subject, new Set([follower]));
    else followers.add(follower);
    this.#latestThreadId = undefined;
  }

  /** Follows nothing any more. */
  remove(follower: Follower): void {
    for (const subject of this.#subjects.get(follower) ?? []) {
      const followers = this.#bySubject.get(subject);
      followers?.delete(follower);
      if (followers?.size === 0) this.#bySubject.delete(subject);
    }
    this.#subjects.delete(follower);
    this.#latestThreadId = undefined;
  }

  /** Those who follow what a message is about. */
  of(message: ServerMessage, { threadId, turnId }: MessageScope): Iterable<Follower> {
    // Most messages are part of a turn, and about nothing else.
    const isPart = turnId !== undefined && !carriesObject(message);
    const other = isPart ? undefined : otherSubjectOf(message);
    const byThread = this.#ofThread(threadId);
    const byOther = other === undefined ? undefined : this.#bySubject.get(other);
    return byOther === undefined ? byThread : new Set([...byThread, ...byOther]);
  }

  #ofThread(threadId: string | undefined): ReadonlySet<Follower> {
    if (threadId === undefined) return NONE;
    if (threadId !== this.#latestThreadId) {
      this.#ofLatest = this.#bySubject.get(threadId) ?? NONE;
      this.#latestThreadId = threadId;
    }
    return this.#ofLatest;
  }
}

/** What a message is about besides its thread: a sub-agent's beginning is about its parent, too. */
function otherSubjectOf(message: ServerMessage): string | undefined {
  if (message.method === 'thread/started') return message.params?.thread?.parentThreadId ?? undefined;
  if (message.method === 'turn/started') return message.params?.turn?.rootTurnId ?? undefined;
  return message.method === 'account/login/completed' ? message.method : undefined;
}
