/**
 * What a run follows at the server, a turn or a goal of many turns, from its place in the thread's line to its end. Owns the
 * state (queued, starting, running, over; only ever moving right), the outcome with its time limit, the stream, the threads
 * that are followed and answered for, and what is done when nobody wants it any more. What the messages mean, which of them is
 * the end, and how it is stopped at the server, is the subclass's. It hands messages to nobody; a live run does.
 */
import type { Thread } from '../../protocol/generated.js';
import type { StandingAnswers } from '../../session/answers/standing-answers.js';
import type { MessageScope, ServerMessage } from '../../session/messages/server-message.js';
import type { Peer } from '../../session/peer.js';
import type { Follower } from '../../session/streams/followers.js';
import type { HeldOptions } from '../../session/streams/held-options.js';
import type { OpenStream } from '../../session/streams/open-stream.js';
import type { StreamOpening } from '../../session/streams/streams.js';
import { type Deferred, deferred, markHandled } from '../../support/deferred.js';
import { Settlement, type WaitLimits } from '../../support/settlement.js';
import type { FollowedWork } from './live-run.js';
import { untilThreadFree } from './thread-wait.js';
import { TurnAnswers } from './turn-answers.js';
import { cutShort, neverSent } from './turn-errors.js';
import { openTurnStream, type TurnOfStream } from './turn-stream.js';

/** How far a run is. */
export const RUN_STATE = {
  /** Waits for its turn in the thread's queue; nothing was sent. */
  queued: 0,
  /** The request that begins or finds it was sent and not answered. */
  starting: 1,
  /** The server has named the turn, or set the goal. */
  running: 2,
  /** Over at the server, or never sent. */
  over: 3,
} as const;

/** The options that all of them have. */
interface FollowedOptions extends HeldOptions {
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly includeSubagents?: boolean | undefined;
  readonly idleTimeoutMs?: number | undefined;
  readonly detach?: boolean | undefined;
  readonly standingAnswers?: StandingAnswers | undefined;
}

/** One turn, or one goal. */
export abstract class FollowedRun<Ended, Options extends FollowedOptions>
  implements FollowedWork<Ended>, Follower
{
  readonly peer: Peer;
  readonly threadId: string;
  abstract readonly scope: TurnOfStream['scope'];
  abstract readonly record: FollowedWork<Ended>['record'] &
    TurnOfStream['record'] & { readonly isOver: boolean };
  abstract readonly control: FollowedWork<Ended>['control'] & {
    /** It is over, or never began, for this reason. */
    end(failure: unknown): void;
  };
  protected readonly options: Options;
  protected readonly settlement = new Settlement<Ended>((reason) => this.gaveUp(reason));
  protected readonly over: Deferred<void> = deferred<void>();
  protected stream: OpenStream | undefined;
  protected state: number = RUN_STATE.queued;
  readonly #opened: Deferred<OpenStream> = deferred<OpenStream>();
  readonly #answers: TurnAnswers;

  constructor(peer: Peer, threadId: string, options: Options) {
    this.peer = peer;
    this.threadId = threadId;
    this.options = options;
    this.#answers = new TurnAnswers(peer, options.standingAnswers, this);
    for (const { promise } of [this.#opened, this.settlement]) markHandled(promise);
  }

  /** The turn that runs, once the server has named it. */
  abstract get turnId(): string | undefined;

  /** Settles with the stream when it is about to begin; rejects when the run ended before that. */
  get opened(): Promise<OpenStream> {
    return this.#opened.promise;
  }

  /** Settles with the result, or rejects with what ended the run. */
  get outcome(): Promise<Ended> {
    return this.settlement.promise;
  }

  /** The outcome is known. */
  get isSettled(): boolean {
    return this.settlement.isSettled;
  }

  /** Settles when it is over at the server, or will never be sent, or the server is gone. Never rejects. */
  get untilOver(): Promise<void> {
    return this.over.promise;
  }

  /** It is ours and had begun before: who reads its text gets it from the beginning. */
  get isResumed(): boolean {
    return false;
  }

  /** The thread as the server had it when it was found; undefined for what is followed from its start. */
  get found(): Promise<Thread | undefined> | undefined {
    return undefined;
  }

  /** Ends the run with a reason, unless it is over. */
  giveUp(reason: unknown): void {
    this.settlement.giveUp(reason);
  }

  abstract interrupt(): Promise<void>;

  /** The reader has left. What was not sent leaves the line; what is at the server is stopped there, unless it goes on. */
  leave(): void {
    if (this.state === RUN_STATE.queued) this.settlement.giveUp(neverSent());
    else if (this.state === RUN_STATE.over || this.goesOnUnread) this.stream?.close();
    else {
      this.stream?.leave();
      this.stop();
    }
  }

  abstract learn(message: ServerMessage, scope: MessageScope): void;

  abstract observe(message: ServerMessage, scope: MessageScope): void;

  ended(): void {
    const error = cutShort(this.peer.closingError, this.record.result());
    this.settlement.reject(error);
    this.end(error);
  }

  /** Starts the clock and watches the signal. Once, when the run can be given up. */
  protected limit(timeoutError: WaitLimits['timeoutError']): void {
    const { timeoutMs, signal } = this.options;
    this.settlement.limit({ timeoutMs, signal, timeoutError });
  }

  /** Opens the stream, and follows the thread. */
  protected open(opening?: StreamOpening): void {
    const { peer, threadId, scope, record } = this;
    const { includeSubagents = false, maxHeldBytes, coalesce } = this.options;
    const heard = { threadId, scope, record, includeSubagents };
    this.stream = openTurnStream(peer, heard, { maxHeldBytes, coalesce }, opening);
    this.#enter(threadId);
    this.#opened.resolve(this.stream);
  }

  /** Its sub-agents run on these threads, too. */
  protected addThreads(threadIds: readonly string[]): void {
    for (const threadId of threadIds) {
      this.stream?.addThread(threadId);
      this.#enter(threadId);
    }
  }

  /** The run has been given up: by its time limit, its signal, or while it waited. */
  protected gaveUp(reason: unknown): void {
    if (this.endsWhenGivenUp) this.end(reason);
    else {
      this.stream?.stop(reason);
      this.stop();
    }
  }

  /** Nobody wants it any more, and the server may have it: it is stopped there, once. */
  protected abstract stop(): void;

  /** It goes on at the server when its reader has left. */
  protected get goesOnUnread(): boolean {
    return this.options.detach === true;
  }

  /** There is nothing to stop at the server when the run is given up. */
  protected get endsWhenGivenUp(): boolean {
    return this.state === RUN_STATE.queued || this.record.isOver;
  }

  /**
   * Its place in the line has come: begins, unless it was given up, once the thread has no turn that is not ours. Settles when
   * it is over. Never rejects.
   */
  protected async inPlace(begin: () => void, { waits = true } = {}): Promise<void> {
    const { peer, threadId } = this;
    if (waits && this.state === RUN_STATE.queued && peer.activity.isBusy(threadId)) {
      const { idleTimeoutMs } = this.options;
      const wait = { threadId, idleTimeoutMs, givenUp: this.over.promise };
      await untilThreadFree(peer, wait).catch((error: unknown) => this.settlement.giveUp(error));
    }
    if (this.state !== RUN_STATE.queued) return;
    if (peer.closingError === undefined) begin();
    else this.ended();
    await this.over.promise;
  }

  /** It is over; nobody was told yet. */
  protected abstract ending(failure: unknown): void;

  /** It is over at the server, or never began: its stream takes no more. */
  protected end(failure?: unknown): void {
    if (this.state === RUN_STATE.over) return;
    this.advance(RUN_STATE.over);
    this.ending(failure);
    this.peer.unfollow(this);
    this.#answers.leave();
    this.#opened.reject(failure);
    this.control.end(failure);
    this.stream?.finish(failure);
    this.over.resolve();
  }

  /** States only move right. */
  protected advance(state: number): void {
    this.state = Math.max(this.state, state);
  }

  #enter(threadId: string): void {
    this.peer.follow(this, threadId);
    this.#answers.enter(threadId);
  }
}
