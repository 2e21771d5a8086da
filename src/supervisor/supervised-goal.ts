/**
 * One goal over lives. Owns what is asked of each server: the first one is given the goal; the next one pauses it before it
 * resumes the thread, so that nothing is spent unseen, and lets it go on then, because the run is the consent. A goal that
 * another has changed meanwhile is left as it is, and so is one that was paused on purpose.
 */
import type { ThreadGoal } from '../protocol/generated.js';
import { goalTimeout } from '../runs/goal/goal-errors.js';
import type { GoalRunOptions, GoalRunParams } from '../runs/goal/goal-options.js';
import type { GoalTurnResult } from '../runs/goal/goal-result.js';
import { type LiveGoalRun, runGoal } from '../runs/goal/goal-run.js';
import type { TokenMeter } from '../runs/turn/token-meter.js';
import type { TurnQueues } from '../runs/turn/turn-queues.js';
import type { Peer } from '../session/peer.js';
import { CodexClientError } from '../support/errors.js';
import type { Life, Lives } from './life.js';
import { failureOf, SupervisedWork } from './supervised-work.js';
import { untilReady } from './turn-search.js';

/** One goal. */
export class SupervisedGoal extends SupervisedWork<LiveGoalRun> {
  readonly #params: GoalRunParams;
  /** What the turns of earlier lives came to. */
  readonly #turns: GoalTurnResult[] = [];
  #goal: ThreadGoal | undefined;
  #meter: TokenMeter | undefined;
  /** The last server was shut down by itself, so that the run paused its goal. */
  #isDrained = false;
  /** It was paused to take it up, and no server has let it go on since: the pause is ours. */
  #isHeld = false;
  #isStopped = false;

  constructor(lives: Lives, params: GoalRunParams, options: GoalRunOptions) {
    super(lives, options);
    this.#params = params;
    this.limit(goalTimeout);
  }

  get threadId(): string {
    return this.#params.threadId;
  }

  /** The goal as it was told last, by whichever server. */
  get goal(): ThreadGoal | undefined {
    return this.current?.goal ?? this.#goal;
  }

  /** What the turns of all lives came to. */
  get turns(): readonly GoalTurnResult[] {
    return [...this.#turns, ...(this.current?.turns ?? [])];
  }

  /** What the turns before the life that is now came to. */
  get earlierTurns(): readonly GoalTurnResult[] {
    return this.#turns;
  }

  /** A server has paused it, and it does not go on, because nobody wants it to. */
  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** No server comes any more: one that was never sent does not wait for those before it in the line. */
  refuse(reason: unknown): void {
    if (this.isWaiting) this.limits.giveUp(reason);
  }

  /** Takes its place in the thread's line; settles when it is over. Never rejects. */
  enter(line: TurnQueues): Promise<void> {
    return new Promise((resolve) => {
      line.enter(this.threadId, async () => {
        await this.live();
        resolve();
      });
    });
  }

  protected override peerOf({ lifecycle }: LiveGoalRun): Peer {
    return lifecycle.peer;
  }

  protected override gaveUp(): void {
    this.isUnwanted = true;
    // A goal that a server has is paused there, if another server comes.
    if (this.isWaiting) this.release();
  }

  /** There is a goal to set, to let go on, or to pause. */
  protected override goesOn(): boolean {
    return !this.isOver && (this.isSent || !this.limits.isSettled);
  }

  protected override async workIn(life: Life): Promise<void> {
    const { threadId } = this;
    if (this.#goal !== undefined && !(await this.#isTakenUp(life.peer, this.#goal))) return;
    await untilReady(life, { threadId, mayBeUnderWay: false, givenUp: this.released });
    if (this.limits.isSettled) this.noteOver();
    else if (this.isUnwanted && this.isSent) this.#stopped();
    else await this.#follow(this.#begin(life), life);
  }

  /** Pauses the goal that the last server had; false when it does not go on. */
  async #isTakenUp(peer: Peer, known: ThreadGoal): Promise<boolean> {
    const { threadId } = this;
    const { goal } = await peer.call('thread/goal/get', { threadId });
    const isOurs = goal !== null && goal.createdAt === known.createdAt;
    if (isOurs) this.#goal = goal;
    const isPaused = goal?.status === 'paused' && (this.#isDrained || this.#isHeld);
    if (isOurs && (goal?.status === 'active' || isPaused)) {
      this.#isHeld = true;
      this.#goal = (await peer.call('thread/goal/set', { threadId, status: 'paused' })).goal;
      if (!this.isUnwanted) return true;
      this.#stopped();
    } else this.fail(this.cut);
    return false;
  }

  #stopped(): void {
    this.#isStopped = true;
    this.fail(this.cut);
  }

  #begin({ peer, queues }: Life): LiveGoalRun {
    const { threadId } = this;
    const options = { ...this.runOptions, meter: this.#meter };
    peer.checkHeldOptions(options);
    const params = this.#goal === undefined ? this.#params : { threadId };
    const run = runGoal(peer, queues, params, options);
    this.begin(run);
    return run;
  }

  /** Waits for the run's end, or for that of its life. */
  async #follow(run: LiveGoalRun, life: Life): Promise<void> {
    const { lifecycle } = run;
    const error = await failureOf(lifecycle);
    this.#isDrained = lifecycle.isDrained;
    const isEnding = life.isOver || this.#isDrained;
    if (!(error instanceof CodexClientError && this.isCut(run, error) && isEnding)) {
      this.noteOver();
      return;
    }
    this.#turns.push(...run.turns);
    this.#meter = lifecycle.budget.meter;
    this.#goal = run.goal ?? this.#goal;
    if (lifecycle.wasSet) this.#isHeld = false;
    if (this.#goal !== undefined) this.noteSent();
    this.cutOff(run);
    if (lifecycle.wasSent) this.cut = error;
    // Else whether it was set nobody knows, or it was paused: on purpose, or because no server is to follow.
    const isOn = this.#isHeld || this.#goal?.status === 'active';
    const isToGoOn = this.#isDrained ? !this.lives.isShutDown : isOn;
    if (lifecycle.wasSent && !isToGoOn) this.fail(error);
  }
}
