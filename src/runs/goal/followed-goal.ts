/**
 * One goal at the server as this client follows it: its turns are told apart, what they say is noted, whoever reads it, and
 * comes to one stream. Owns which turn runs, and when the goal is over. How it is set and stopped is the subclass's.
 *
 * A goal is over when no turn of it runs and none is to begin: its status says so, it was cleared, or it was stopped here.
 */
import type { ThreadGoal } from '../../protocol/generated.js';
import type { MessageScope, ServerMessage } from '../../session/messages/server-message.js';
import type { Peer } from '../../session/peer.js';
import { DEFAULT_IDLE_TIMEOUT_MS } from '../../support/defaults.js';
import { markHandled } from '../../support/deferred.js';
import type { BudgetWatch } from '../turn/budget-watch.js';
import { FollowedRun, RUN_STATE } from '../turn/followed-run.js';
import { unexplainedEnd } from '../turn/turn-errors.js';
import type { TurnEnding } from '../turn/turn-oracle.js';
import { GoalCalls } from './goal-calls.js';
import { GoalControl } from './goal-control.js';
import { goalFailure } from './goal-errors.js';
import type { FollowedGoalOptions } from './goal-options.js';
import { GoalRecord } from './goal-record.js';
import type { GoalResult } from './goal-result.js';
import { GoalScope } from './goal-scope.js';
import { goalSpending } from './goal-spending.js';
import { GoalTurn } from './goal-turn.js';
import { type GoalStanding, GoalWatch } from './goal-watch.js';

/** One goal. */
export abstract class FollowedGoal extends FollowedRun<GoalResult, FollowedGoalOptions> {
  override readonly scope: GoalScope;
  override readonly record: GoalRecord;
  override readonly control = new GoalControl();
  protected readonly calls: GoalCalls;
  protected readonly watch: GoalWatch;
  readonly budget: BudgetWatch;
  /** The turn that runs. */
  protected turn: GoalTurn | undefined;
  /** None runs, and the server begins one by itself, as far as is known. */
  protected isTurnDue = false;

  constructor(peer: Peer, threadId: string, options: FollowedGoalOptions) {
    super(peer, threadId, options);
    this.calls = new GoalCalls(peer, threadId);
    this.record = new GoalRecord({ collectEvents: options.collectEvents ?? false });
    this.scope = new GoalScope(threadId);
    this.budget = goalSpending(peer, this.scope, options);
    this.watch = new GoalWatch({
      peer,
      calls: this.calls,
      isQuiet: () => this.state === RUN_STATE.running && this.turn === undefined,
      told: (standing) => this.#stands(standing),
      noTurnBegins: () => this.#noTurnBegins(),
    });
  }

  /** The turn that runs now. */
  override get turnId(): string | undefined {
    return this.turn?.turnId;
  }

  override learn(message: ServerMessage, of: MessageScope): void {
    const turnId = this.isTurnDue ? this.scope.newTurnIn(message, of) : undefined;
    if (turnId !== undefined) this.#begin(turnId);
    this.addThreads(this.record.lastTurn?.scope.learn(message, of) ?? []);
  }

  override observe(message: ServerMessage, of: MessageScope): void {
    const belonging = this.scope.belongingOf(message, of);
    this.budget.note(message, belonging, of);
    if (belonging === 'other') return;
    this.watch.noteActivity();
    if (belonging === 'turn' || this.options.includeSubagents === true) this.record.noteEvent(message);
    this.turn?.heard(message, of);
    if (belonging === 'turn') this.#noteOwn(message, of);
    if (this.budget.isExceeded && this.state !== RUN_STATE.over) this.overspent();
  }

  /** The server told the goal. */
  protected noteGoal(goal: ThreadGoal): void {
    this.record.noteGoal(goal);
    if (this.record.isReplaced) this.isTurnDue = false;
    if (!this.record.isActive || this.turn !== undefined) return;
    this.isTurnDue = true;
    this.watch.expectTurns();
  }

  /** Whether it is over, and ends it then. */
  protected look(): void {
    if (this.turn !== undefined || this.state !== RUN_STATE.running) return;
    const isToGoOn = this.record.isActive && !this.isStopped;
    if (this.isTurnDue && !isToGoOn) this.watch.expectNoTurn();
    else if (this.record.end !== undefined || this.isStopped) this.finish();
  }

  /** Nothing of it runs or begins: the run ends with what it came to. */
  protected finish(): void {
    const failure = this.failure();
    const result = this.record.resultAs(this.record.end ?? 'interrupted', this.budget.meter.spentTokens);
    const isNews = failure !== undefined && this.settlement.reject(failure);
    if (result !== undefined) this.settlement.resolve(result);
    this.end(isNews ? failure : undefined);
  }

  /** The error of a goal that is over; undefined when that is an answer. */
  protected failure(): unknown {
    return goalFailure(this.record.result(), this.budget);
  }

  /** The goal was stopped here, and the server knows. */
  protected abstract get isStopped(): boolean;

  /** It has spent more than it may. */
  protected abstract overspent(): void;

  /** Its turn was interrupted, or the server was, so that none follows although it is active. */
  protected abstract cameToRest(): void;

  /** A turn has begun. */
  protected turnBegan(turn: GoalTurn): void {
    turn.enquiry.begin(this.options.idleTimeoutMs ?? DEFAULT_IDLE_TIMEOUT_MS);
  }

  protected override ending(failure: unknown): void {
    this.record.isOver = true;
    this.turn?.end(failure);
    this.turn = undefined;
    this.watch.stop();
  }

  #begin(turnId: string): void {
    const { peer, threadId } = this;
    const { subagents } = this.scope;
    const told = (standing: TurnEnding) => this.#turnStands(turn, standing);
    const turn = new GoalTurn({ peer, threadId, turnId, subagents, told });
    this.isTurnDue = false;
    this.turn = turn;
    this.scope.addTurn(turnId);
    this.record.begin(turn);
    this.control.begin(turn);
    // Its sub-agents name it.
    peer.follow(this, turnId);
    this.turnBegan(turn);
  }

  #noteOwn(message: ServerMessage, { turnId }: MessageScope): void {
    // What is told before the goal is set is about the one that was there before.
    const isSet = this.record.goal !== undefined;
    if (message.method === 'thread/goal/updated' && isSet) {
      this.scope.announce(message.params.turnId);
      this.noteGoal(message.params.goal);
    } else if (message.method === 'thread/goal/cleared') this.record.noteCleared();
    else if (message.method === 'thread/closed' && this.turn === undefined) this.watch.threadGone();
    const { turn } = this;
    if (turn !== undefined && (turnId === undefined || turnId === turn.turnId)) turn.note(message);
    if (turn?.isOver === true) this.#turnOver(turn);
    else this.look();
  }

  #turnOver(turn: GoalTurn): void {
    const { status } = turn.facts;
    turn.end();
    this.turn = undefined;
    this.control.turnOver();
    const { isTurnAnnounced } = this.scope;
    const isAtRest = status === 'interrupted' && this.record.isActive && !isTurnAnnounced;
    // Who stopped it was answered at once, and of turns the server tells a little later: it may have been a turn ahead.
    this.isTurnDue = isTurnAnnounced || (status !== 'interrupted' && this.record.mayGoOn);
    if (isAtRest) this.cameToRest();
    // A paused goal waits for whoever lets it go on, and a failure is not to wait with it.
    if (status === 'failed' && this.record.isPaused) this.finish();
    else this.look();
  }

  /** The server was asked, and the turn does not go on. */
  #turnStands(turn: GoalTurn, standing: TurnEnding): void {
    if (turn.isOver || turn !== this.turn) return;
    if (standing.is === 'over') {
      turn.record.noteRecovered(standing.turn);
      this.#turnOver(turn);
    } else this.#lost(unexplainedEnd(standing, turn.facts));
  }

  /** The server was asked while no turn runs. */
  #stands(standing: GoalStanding): void {
    if (standing.is === 'lost') this.#lost(standing.cause);
    else if (standing.is === 'atRest') this.cameToRest();
    else this.#told(standing.goal);
  }

  #told(goal: ThreadGoal | null): void {
    if (goal === null || goal.createdAt !== this.record.goal?.createdAt) this.record.noteEnd('cleared');
    else this.noteGoal(goal);
    if (!this.record.isActive) this.isTurnDue = false;
    this.look();
  }

  #noTurnBegins(): void {
    if (this.record.isActive && !this.isStopped) return;
    this.isTurnDue = false;
    this.look();
  }

  /** Nobody here follows it any more, so it is not to go on by itself. */
  #lost(error: unknown): void {
    if (this.record.isActive) markHandled(this.calls.setStatus('paused', () => {}));
    this.settlement.reject(error);
    this.end(error);
  }
}
