/**
 * One thread's queue at the server, while turns of ours wait there. Owns which turn began with which of them: it is the one
 * whose message has the id that the item was added with, which the server tells a moment after `turn/started`. Until then the
 * messages of a new turn are held, and go to the run that they are for, or to whoever would have got them (L1).
 *
 * It also sees to it that a wait ends (L15): the queue stands still after a turn that was interrupted, and others may take items
 * out of it. It looks at the server's list when there is a reason to, and never for a message.
 */
import type { Turn } from '../../protocol/generated.js';
import type { MessageScope, ServerMessage } from '../../session/messages/server-message.js';
import type { Peer } from '../../session/peer.js';
import type { Follower } from '../../session/streams/followers.js';
import type { OpenStream } from '../../session/streams/open-stream.js';
import { IDLE_STATUS_GRACE_MS } from '../../support/defaults.js';
import { markHandled } from '../../support/deferred.js';
import { RpcError } from '../../support/errors.js';
import { HeldTurn } from './held-turn.js';
import { fateOf, itemsOf } from './queued-items.js';
import { SilenceWatch } from './silence-watch.js';
import { TurnQuestions } from './turn-oracle.js';

/** A turn of ours that waits in the queue. None of its methods may throw. */
export interface WaitingTurn {
  /** The id that its message is sent with. */
  readonly key: string;
  /** The item's id in the queue, once the server has named it. */
  readonly itemId: string | undefined;
  /** The server may have it. */
  readonly wasSent: boolean;
  /** Somebody wants it to run. */
  readonly isWanted: boolean;
  /** Its turn has begun, with what was held of that. */
  began(turnId: string, held?: OpenStream): void;
  /** The server started it when it was asked to; some of it may have been held by then. */
  startedAs(turn: Turn, held?: OpenStream): void;
  /** Its turn was found in the thread. */
  foundAs(turn: Turn): void;
  /** It is not in the queue, and no turn began with it; with a cause, that is why nobody knows. */
  gone(cause?: unknown): void;
  /** It is still in the queue, although nobody wants it there. */
  takeBack(): void;
  /** No message will come any more. */
  ended(): void;
}

/** The server's words for a thread that has a turn, or is about to have one: its queue goes on by itself. */
const HAS_TURN = 'active or pending turn';

const QUEUES = new WeakMap<Peer, Map<string, ThreadQueue>>();

/** The queue of a thread at this server. */
export function threadQueueOf(peer: Peer, threadId: string): ThreadQueue {
  const ofPeer = QUEUES.get(peer) ?? new Map<string, ThreadQueue>();
  QUEUES.set(peer, ofPeer);
  const queue = ofPeer.get(threadId) ?? new ThreadQueue(peer, threadId);
  ofPeer.set(threadId, queue);
  return queue;
}

/** The queue of one thread. */
export class ThreadQueue implements Follower {
  readonly #peer: Peer;
  readonly #threadId: string;
  /** By key, in the order in which they were expected. */
  readonly #waiting = new Map<string, WaitingTurn>();
  /** Those that the last list did not have, although the server had named them before it was asked. */
  #missing = new Set<WaitingTurn>();
  readonly #held: HeldTurn;
  #silence: SilenceWatch | undefined;
  #silenceMs = Number.POSITIVE_INFINITY;
  #lookDue: NodeJS.Timeout | undefined;
  #isLooking = false;
  #looksAgain = false;
  #isOverdue = false;
  /** The server did not say what is in the queue when it was asked last. */
  #isListRefused = false;
  /** Those that the server did not start, although it has no turn. */
  readonly #refused = new WeakSet<WaitingTurn>();
  /** Those that were once neither in the list nor in the thread. */
  readonly #unfound = new WeakSet<WaitingTurn>();
  readonly #questions = new TurnQuestions();

  constructor(peer: Peer, threadId: string) {
    this.#peer = peer;
    this.#threadId = threadId;
    this.#held = new HeldTurn(peer, threadId);
  }

  /** A turn with this key waits here already. */
  has(key: string): boolean {
    return this.#waiting.has(key);
  }

  /** From now on the turn's messages are kept for it. @param idleTimeoutMs - silence after which the server is asked; 0 for never */
  expect(turn: WaitingTurn, idleTimeoutMs: number): void {
    this.#waiting.set(turn.key, turn);
    this.#peer.follow(this, this.#threadId);
    // Where nothing is told any more it has left by now.
    if (!this.#waits(turn) || idleTimeoutMs === 0 || idleTimeoutMs >= this.#silenceMs) return;
    this.#silence?.stop();
    this.#silenceMs = idleTimeoutMs;
    this.#silence = new SilenceWatch(idleTimeoutMs, () => this.#askAfterSilence());
  }

  /** The turn waits no more. */
  leave(turn: WaitingTurn): void {
    if (this.#waiting.get(turn.key) !== turn) return;
    this.#waiting.delete(turn.key);
    this.#missing.delete(turn);
    if (this.#waiting.size > 0) return;
    this.#held.release();
    this.#peer.unfollow(this);
    this.#silence?.stop();
    this.#silenceMs = Number.POSITIVE_INFINITY;
    clearTimeout(this.#lookDue);
    this.#lookDue = undefined;
    QUEUES.get(this.#peer)?.delete(this.#threadId);
  }

  /** Looks at the list, unless the thread has a turn: then the queue goes on by itself. */
  lookAtRest(): void {
    if (this.#waiting.size > 0 && !this.#peer.activity.isBusy(this.#threadId)) this.#look();
  }

  /** Looks at the list soon: what has changed mostly is that an item begins, which its turn tells at once. */
  lookSoon(): void {
    if (this.#waiting.size === 0) return;
    this.#lookDue ??= setTimeout(() => {
      this.#lookDue = undefined;
      this.#look();
    }, IDLE_STATUS_GRACE_MS);
  }

  learn(message: ServerMessage, { threadId, turnId }: MessageScope): void {
    if (threadId !== this.#threadId || turnId === undefined) return;
    if (message.method === 'turn/started') this.#hold(turnId);
    else if (message.method === 'item/started' || message.method === 'item/completed')
      this.#heed(message.params.item, turnId);
    else if (message.method === 'turn/completed' && turnId === this.#held.turnId) {
      this.#held.release();
      this.lookSoon();
    }
  }

  observe(message: ServerMessage, { threadId }: MessageScope): void {
    if (threadId !== this.#threadId) return;
    this.#silence?.noteActivity();
    if (message.method === 'thread/queue/changed') this.lookSoon();
    else if (message.method === 'turn/completed') {
      if (this.#missing.size > 0) this.lookSoon();
      if (message.params.turn?.status === 'interrupted') this.lookAtRest();
    }
  }

  ended(): void {
    this.#held.release();
    for (const turn of [...this.#waiting.values()]) turn.ended();
  }

  /** A new turn may be one of ours, as long as the server may have one. */
  #hold(turnId: string): void {
    this.#held.release();
    if ([...this.#waiting.values()].some(({ wasSent }) => wasSent)) this.#held.hold(turnId);
  }

  /** A compaction may come before the message that a turn begins with; whatever else does is another's. */
  #heed(item: { readonly type: string; readonly clientId?: string | null } | undefined, turnId: string) {
    const key = item?.type === 'userMessage' ? item.clientId : undefined;
    const turn = typeof key === 'string' ? this.#waiting.get(key) : undefined;
    if (turn !== undefined) this.#begin(turn, turnId);
    else if (item?.type !== 'contextCompaction') this.#release(turnId);
  }

  #begin(turn: WaitingTurn, turnId: string): void {
    // It follows the thread before this one does so no more: what is being handed out reaches it, too.
    turn.began(turnId, this.#held.streamOf(turnId));
    this.#release(turnId);
    this.leave(turn);
  }

  /** What is held of this turn goes to whoever would have got it. */
  #release(turnId: string): void {
    if (turnId === this.#held.turnId) this.#held.release();
  }

  /** @param isOverdue - nothing happens on the thread: what stands before ours is not waited for */
  #look(isOverdue = false): void {
    this.#isOverdue ||= isOverdue;
    if (this.#isLooking) this.#looksAgain = true;
    else markHandled(this.#lookNow());
  }

  async #lookNow(): Promise<void> {
    this.#isLooking = true;
    do {
      this.#looksAgain = false;
      await this.#lookOnce().catch((error: unknown) => this.#lookFailed(error));
    } while (this.#looksAgain && this.#waiting.size > 0);
    this.#isLooking = false;
  }

  /** A thread that was archived or deleted refuses it again and again. Not answered: the silence that follows is looked at. */
  #lookFailed(error: unknown): void {
    if (!(error instanceof RpcError)) return;
    if (this.#isListRefused)
      for (const turn of this.#named) {
        this.leave(turn);
        turn.gone(error);
      }
    this.#isListRefused = true;
    this.lookSoon();
  }

  /** Those whose items the server has named. */
  get #named(): WaitingTurn[] {
    return [...this.#waiting.values()].filter(({ itemId }) => itemId !== undefined);
  }

  async #lookOnce(): Promise<void> {
    const named = this.#named;
    const isOverdue = this.#isOverdue;
    this.#isOverdue = false;
    const listed: unknown[] = (await itemsOf(this.#peer, this.#threadId)).map(({ id }) => id);
    this.#isListRefused = false;
    const due = isOverdue ? listed : listed.slice(0, 1);
    this.#startOne(named.filter((turn) => due.includes(turn.itemId)));
    for (const turn of named) if (!turn.isWanted && listed.includes(turn.itemId)) turn.takeBack();
    const missing = named.filter((turn) => this.#waits(turn) && !listed.includes(turn.itemId));
    for (const turn of missing) if (this.#missing.has(turn)) await this.#lookFor(turn);
    this.#missing = new Set(missing.filter((turn) => this.#waits(turn)));
    if (this.#missing.size > 0) this.lookSoon();
  }

  /** It was not in the list, twice. */
  async #lookFor(turn: WaitingTurn): Promise<void> {
    const fate = await fateOf(this.#peer, this.#threadId, turn.key);
    if (!this.#waits(turn) || fate.is === 'open' || this.#held.turnId !== undefined) return;
    // A server under load says for a while neither that its item waits nor that its turn begins.
    if (fate.is === 'none' && !this.#unfound.has(turn)) {
      this.#unfound.add(turn);
      return;
    }
    this.leave(turn);
    if (fate.is === 'kept') turn.foundAs(fate.turn);
    else turn.gone();
  }

  #waits(turn: WaitingTurn): boolean {
    return this.#waiting.get(turn.key) === turn;
  }

  /** The queue stands still: the first of these that is wanted is started. Of a queue that goes on the server refuses that. */
  #startOne(turns: readonly WaitingTurn[]): void {
    const turn = turns.find((one) => one.isWanted && this.#waits(one));
    if (turn?.itemId === undefined || this.#peer.activity.isBusy(this.#threadId)) return;
    const params = { threadId: this.#threadId, queuedSubmissionId: turn.itemId };
    const onResult = ({ turn: started }: { readonly turn: Turn }) => {
      if (!this.#waits(turn) || typeof started?.id !== 'string') return;
      turn.startedAs(started, this.#held.streamOf(started.id));
      this.#release(started.id);
      this.leave(turn);
    };
    const onRefused = (error: Error) => this.#startRefused(turn, error);
    const internal = { isBackground: true, onResult, onRefused };
    const answer = this.#peer.call('thread/queue/start', params, {}, internal);
    this.#peer.readUntil(answer);
    markHandled(answer);
  }

  /** A thread that cannot be used any more refuses it again and again. */
  #startRefused(turn: WaitingTurn, error: Error): void {
    if (error.message.includes(HAS_TURN) || !this.#waits(turn)) return;
    if (this.#refused.has(turn)) {
      this.leave(turn);
      turn.gone(error);
    } else this.#refused.add(turn);
  }

  /** The end of a turn may never have been told, and what others left in the queue holds up ours for ever. */
  async #askAfterSilence(): Promise<void> {
    if (this.#peer.isPaused) return;
    const ending = await this.#questions.ask(this.#peer, this.#threadId, undefined);
    if (ending === undefined) return;
    if (ending.is === 'unanswered')
      for (const turn of [...this.#waiting.values()]) {
        this.leave(turn);
        turn.gone(ending.cause);
      }
    else {
      this.#peer.activity.ended(this.#threadId, undefined);
      this.#look(true);
    }
  }
}
