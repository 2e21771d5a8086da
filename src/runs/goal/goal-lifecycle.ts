/**
 * A goal that a run sets, from its place in the thread's line to its end at the server. Owns how it is set, paused and cleared,
 * and what becomes of it when nobody wants it any more; how it is followed is in `followed-goal.ts`.
 *
 * Whoever stops it pauses the goal first and interrupts its turn then, because an interrupted turn of an active goal could be
 * followed by another. The thread's line goes on only when no turn of the goal runs.
 */
import type { Peer } from '../../session/peer.js';
import type { GatedTurn } from '../../session/turn-gate.js';
import { DEFAULT_IDLE_TIMEOUT_MS } from '../../support/defaults.js';
import { deferred, markHandled } from '../../support/deferred.js';
import { type CodexClientError, RequestTimeoutError } from '../../support/errors.js';
import { RUN_STATE } from '../turn/followed-run.js';
import { neverSent } from '../turn/turn-errors.js';
import type { TurnQueues } from '../turn/turn-queues.js';
import { FollowedGoal } from './followed-goal.js';
import { goalActive, goalDrained, goalOver, goalTimeout } from './goal-errors.js';
import type { FollowedGoalOptions, GoalRunParams } from './goal-options.js';
import type { GoalTurn } from './goal-turn.js';

/** One goal that is ours. */
export class GoalLifecycle extends FollowedGoal implements GatedTurn {
  readonly #params: GoalRunParams;
  /** Settles when the goal is set; rejects when it never will be. */
  readonly #set = deferred<void>();
  /** The requests that set it; they have settled when it is stopped. */
  #setting: Promise<void> | undefined;
  /** The server may have the goal: the request that sets it was handed to the pipe. */
  #wasSent = false;
  #wasSet = false;
  /** Its turn, and one that still begins, is to be interrupted. */
  #interrupts = false;
  #stopping: Promise<void> | undefined;
  /** The request that pauses it was sent, where one was needed. */
  #isPausing = false;
  /** It was answered. */
  #hasStopped = false;
  /** Settles when the last of `pause()`, `resume()` and `clear()` was answered: each looks at what the one before it did. */
  #controlled: Promise<unknown> = Promise.resolve();
  /** The goal was asked to go on, and the server has not answered. */
  #isResuming = false;
  /** Why no further turn may begin: the client is being shut down. */
  #drained: CodexClientError | undefined;

  constructor(peer: Peer, params: GoalRunParams, options: FollowedGoalOptions) {
    super(peer, params.threadId, options);
    this.#params = params;
    markHandled(this.#set.promise);
    this.limit(goalTimeout);
  }

  /** The server may have the goal: the request that sets it was handed to the pipe. */
  get wasSent(): boolean {
    return this.#wasSent;
  }

  /** The server has set it, or let it go on. */
  get wasSet(): boolean {
    return this.#wasSet;
  }

  /** It was paused because its client is being shut down. */
  get isDrained(): boolean {
    return this.#drained !== undefined;
  }

  /** Waits for the thread's earlier turns, then sets the goal. */
  enter(queues: TurnQueues): void {
    // Its signal may have fired already.
    if (this.state === RUN_STATE.over) return;
    this.peer.turnGate.enter(this);
    queues.enter(this.threadId, () => this.inPlace(() => this.#begin()));
  }

  /** No turn starts any more: the goal is paused, and the turn that runs goes on to its end. */
  turnedBack(error: CodexClientError): void {
    this.#drained = error;
    if (this.state === RUN_STATE.queued) this.settlement.giveUp(error);
    else void this.#stop();
  }

  /** Lets the turn that runs go on to its end, and none follow. A goal that is not active stays as it is. */
  pause(): Promise<void> {
    return this.#inOrder(async () => {
      if (this.record.isActive) await this.#setStatus('paused');
    });
  }

  /** Lets a paused goal go on; any other stays as it is. */
  resume(): Promise<void> {
    return this.#inOrder(async () => {
      if (this.peer.turnGate.refusal !== undefined) throw this.peer.turnGate.refusal;
      if (!this.record.isPaused || this.#stopping !== undefined) return;
      this.#isResuming = true;
      await this.#setStatus('active').finally(() => {
        this.#isResuming = false;
      });
    });
  }

  /** Takes the goal away; the turn that runs goes on to its end. One that is over stays as it is. */
  clear(): Promise<void> {
    return this.#inOrder(async () => {
      if (this.record.end !== undefined) return;
      const onResult = () => {
        this.record.noteEnd('cleared');
        // What tells of it follows the answer, and a turn may as well.
        this.isTurnDue = this.turn === undefined;
        this.look();
      };
      await this.calls.clear({ onResult });
    });
  }

  /** Stops the goal; one that was not set leaves the line. Rejects as `turn/interrupt` does. */
  override async interrupt(): Promise<void> {
    if (this.state === RUN_STATE.queued) this.settlement.giveUp(neverSent());
    if (this.state === RUN_STATE.over) return;
    await this.#stop({ interrupts: true });
    await this.turn?.interrupt();
  }

  protected override get isStopped(): boolean {
    return this.#hasStopped;
  }

  protected override stop(): void {
    void this.#stop({ interrupts: true });
  }

  protected override overspent(): void {
    if (this.#interrupts) return;
    this.budget.stop();
    this.stop();
  }

  protected override cameToRest(): void {
    this.isTurnDue = false;
    void this.#stop();
  }

  protected override turnBegan(turn: GoalTurn): void {
    super.turnBegan(turn);
    this.#interruptTurn();
  }

  protected override failure(): unknown {
    const drained = this.record.end === undefined ? this.#drained : undefined;
    return super.failure() ?? (drained && goalDrained(drained, this.record.result()));
  }

  protected override end(failure?: unknown): void {
    super.end(failure);
    this.#set.reject(failure ?? goalOver());
    this.peer.turnGate.leave(this);
  }

  /** Opens the goal's stream, then sets it: no message can fall in the gap. */
  #begin(): void {
    this.advance(RUN_STATE.starting);
    this.open();
    this.#setting = this.#send().catch((error: unknown) => this.#refused(error));
    this.peer.readUntil(this.#setting);
  }

  async #send(): Promise<void> {
    const { objective } = this.#params;
    const { startTimeoutMs } = this.options;
    if (objective !== undefined) {
      const before = await this.calls.get(startTimeoutMs);
      if (before?.status === 'active') throw goalActive(this.threadId);
      // An objective given to the goal that is there would go on with its status and with what it has used.
      if (before !== null && this.#stopping === undefined) await this.#clearOther(startTimeoutMs);
    }
    if (this.#stopping !== undefined) throw this.#drained ?? neverSent();
    await this.calls.begin(this.#params, this.options, {
      onSent: () => {
        this.#wasSent = true;
        this.isTurnDue = true;
      },
      onResult: ({ goal }) => {
        this.advance(RUN_STATE.running);
        this.#wasSet = true;
        this.noteGoal(goal);
        this.watch.begin(this.options.idleTimeoutMs ?? DEFAULT_IDLE_TIMEOUT_MS);
        this.#set.resolve();
        this.look();
      },
    });
  }

  async #clearOther(timeoutMs: number | undefined): Promise<void> {
    this.record.expectClear(true);
    const { cleared } = await this.calls.clear({}, timeoutMs);
    if (!cleared) this.record.expectClear(false);
  }

  /** The goal was refused, or was not answered in time although it may have been set. */
  #refused(error: unknown): void {
    if (this.settlement.reject(error)) this.stream?.stop(error);
    if (!this.#wasSent || !(error instanceof RequestTimeoutError)) this.end(error);
    else {
      this.advance(RUN_STATE.running);
      this.stop();
    }
  }

  /** Controls the goal when it is set, and when what was asked for before was answered. */
  #inOrder(control: () => Promise<void>): Promise<void> {
    const isNext = this.#controlled.catch(() => {});
    const controlled = isNext.then(() => this.#set.promise).then(control);
    this.#controlled = controlled;
    return controlled;
  }

  async #setStatus(status: 'active' | 'paused'): Promise<void> {
    await this.calls.setStatus(status, ({ goal }) => {
      this.noteGoal(goal);
      this.look();
    });
  }

  /** Nobody wants the goal any more: it is paused, and then its turn is interrupted where that is asked for. Never rejects. */
  async #stop({ interrupts = false } = {}): Promise<void> {
    this.#interrupts ||= interrupts;
    const idleTimeoutMs = this.options.idleTimeoutMs || DEFAULT_IDLE_TIMEOUT_MS;
    this.watch.begin(idleTimeoutMs);
    this.turn?.enquiry.begin(idleTimeoutMs);
    this.peer.readUntil(this.over.promise);
    if (this.#stopping === undefined) {
      this.#stopping = this.#pauseForGood();
      this.peer.turnGate.holdUp(this.#stopping);
    }
    this.#interruptTurn();
    await this.#stopping;
    this.#hasStopped = true;
    this.look();
  }

  /**
   * Never rejects: where a goal cannot be paused, its turn is interrupted all the same. The interruption follows the pause on the
   * wire and does not wait for its answer, in which time the turn would spend on.
   */
  async #pauseForGood(): Promise<void> {
    // At once where it can be: whoever aborts may shut the client down in the same breath.
    if (this.record.goal === undefined) await this.#setting;
    const isBeingSet = this.#wasSent && this.record.goal === undefined;
    const mayBeActive = this.record.isActive || this.#isResuming || isBeingSet;
    const isToPause = mayBeActive && this.state !== RUN_STATE.over;
    const pausing = isToPause ? this.#setStatus('paused').catch(() => {}) : undefined;
    this.#isPausing = true;
    this.#interruptTurn();
    await pausing;
  }

  #interruptTurn(): void {
    if (this.#isPausing && this.#interrupts && this.turn !== undefined) markHandled(this.turn.interrupt());
  }
}
