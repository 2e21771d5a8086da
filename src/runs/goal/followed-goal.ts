/**
 * One goal at the server as this client follows it: its turns are told apart, what they say is noted, whoever reads it, and
 * comes to one stream. Owns the state (queued, starting, running, over; only ever moving right), the outcome with its time
 * limit, the stream, which turn runs, and when the goal is over. How it is set and stopped is the subclass's.
 *
 * A goal is over when no turn of it runs and none is to begin: its status says so, it was cleared, or it was stopped here.
 */
import type { ThreadGoal } from '../../protocol/generated.js';
import type { MessageScope, ServerMessage } from '../../session/messages/server-message.js';
import type { Peer } from '../../session/peer.js';
import type { Follower } from '../../session/streams/followers.js';
import type { OpenStream } from '../../session/streams/open-stream.js';
import { DEFAULT_IDLE_TIMEOUT_MS } from '../../support/defaults.js';
import { type Deferred, deferred, markHandled } from '../../support/deferred.js';
import { Settlement } from '../../support/settlement.js';
import type { BudgetWatch } from '../turn/budget-watch.js';
import type { FollowedWork } from '../turn/live-run.js';
import { TurnAnswers } from '../turn/turn-answers.js';
import { cutShort, unexplainedEnd } from '../turn/turn-errors.js';
import type { TurnEnding } from '../turn/turn-oracle.js';
import { openTurnStream } from '../turn/turn-stream.js';
import { GoalCalls } from './goal-calls.js';
import { GoalControl } from './goal-control.js';
import { goalFailure } from './goal-errors.js';
import type { FollowedGoalOptions } from './goal-options.js';
import { GoalRecord } from './goal-record.js';
import type { GoalResult } from './goal-result.js';
import { GoalScope } from './goal-scope.js';
import { goalSpending } from './goal-spending.js';
import { GOAL_STATE } from './goal-state.js';
import { GoalTurn } from './goal-turn.js';
import { type GoalStanding, GoalWatch } from './goal-watch.js';

/** One goal. */
export abstract class FollowedGoal implements FollowedWork<GoalResult>, Follower {
  readonly peer: Peer;
  readonly threadId: string;
  readonly record: GoalRecord;
  readonly control = new GoalControl();
  /** It is followed from its start, or from where it goes on. */
  readonly isResumed = false;
  readonly found = undefined;
  protected readonly options: FollowedGoalOptions;
  protected readonly calls: GoalCalls;
  protected readonly watch: GoalWatch;
  readonly budget: BudgetWatch;
  protected readonly settlement = new Settlement<GoalResult>((reason) => this.gaveUp(reason));
  protected readonly over: Deferred<void> = deferred<void>();
  protected stream: OpenStream | undefined;
  protected state: number = GOAL_STATE.queued;
  /** The turn that runs. */
  protected turn: GoalTurn | undefined;
  /** None runs, and the server begins one by itself, as far as is known. */
  protected isTurnDue = false;
  readonly #opened: Deferred<OpenStream> = deferred<OpenStream>();
  readonly #scope: GoalScope;
  readonly #answers: TurnAnswers;

  constructor(peer: Peer, threadId: string, options: FollowedGoalOptions) {
    this.peer = peer;
    this.threadId = threadId;
    this.options = options;
    this.calls = new GoalCalls(peer, threadId);
    this.record = new GoalRecord({ collectEvents: options.collectEvents ?? false });
    this.#scope = new GoalScope(threadId);
    this.budget = goalSpending(peer, this.#scope, options);
    this.#answers = new TurnAnswers(peer, options.standingAnswers, {
      scope: this.#scope,
      record: this.record,
    });
    this.watch = new GoalWatch({
      peer,
      calls: this.calls,
      isQuiet: () => this.state === GOAL_STATE.running && this.turn === undefined,
      told: (standing) => this.#stands(standing),
      noTurnBegins: () => this.#noTurnBegins(),
    });
    for (const { promise } of [this.#opened, this.settlement]) markHandled(promise);
  }

  /** Settles with the stream when the goal is about to be set; rejects when the run ended before that. */
  get opened(): Promise<OpenStream> {
    return this.#opened.promise;
  }

  get outcome(): Promise<GoalResult> {
    return this.settlement.promise;
  }

  get isSettled(): boolean {
    return this.settlement.isSettled;
  }

  /** The turn that runs now. */
  get turnId(): string | undefined {
    return this.turn?.turnId;
  }

  /** Settles when it is over, or will never be set, or the server is gone. Never rejects. */
  get untilOver(): Promise<void> {
    return this.over.promise;
  }

  /** Ends the run with a reason, unless it is over. */
  giveUp(reason: unknown): void {
    this.settlement.giveUp(reason);
  }

  abstract interrupt(): Promise<void>;

  abstract leave(): void;

  learn(message: ServerMessage, of: MessageScope): void {
    const turnId = this.isTurnDue ? this.#scope.newTurnIn(message, of) : undefined;
    if (turnId !== undefined) this.#begin(turnId);
    for (const threadId of this.record.lastTurn?.scope.learn(message, of) ?? []) {
      this.stream?.addThread(threadId);
      this.peer.follow(this, threadId);
      this.#answers.enter(threadId);
    }
  }

  observe(message: ServerMessage, of: MessageScope): void {
    const belonging = this.#scope.belongingOf(message, of);
    this.budget.note(message, belonging, of);
    if (belonging === 'other') return;
    this.watch.noteActivity();
    if (belonging === 'turn' || this.options.includeSubagents === true) this.record.noteEvent(message);
    this.turn?.heard(message, of);
    if (belonging === 'turn') this.#noteOwn(message, of);
    if (this.budget.isExceeded && this.state !== GOAL_STATE.over) this.overspent();
  }

  ended(): void {
    const error = cutShort(this.peer.closingError, this.record.result());
    this.settlement.reject(error);
    this.end(error);
  }

  /** Opens the goal's stream, and follows its thread. */
  protected open(): void {
    const { threadId, record } = this;
    const { includeSubagents = false, maxHeldBytes, coalesce } = this.options;
    const of = { threadId, scope: this.#scope, record, includeSubagents };
    this.stream = openTurnStream(this.peer, of, { maxHeldBytes, coalesce });
    this.peer.follow(this, threadId);
    this.#answers.enter(threadId);
    this.#opened.resolve(this.stream);
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
    if (this.turn !== undefined || this.state !== GOAL_STATE.running) return;
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

  /** The run has been given up: by its time limit, its signal, or while it waited. */
  protected abstract gaveUp(reason: unknown): void;

  /** It has spent more than it may. */
  protected abstract overspent(): void;

  /** Its turn was interrupted, or the server was, so that none follows although it is active. */
  protected abstract cameToRest(): void;

  /** A turn has begun. */
  protected turnBegan(turn: GoalTurn): void {
    turn.enquiry.begin(this.options.idleTimeoutMs ?? DEFAULT_IDLE_TIMEOUT_MS);
  }

  /** Nothing of it is to come: its stream takes no more. */
  protected end(failure?: unknown): void {
    if (this.state === GOAL_STATE.over) return;
    this.advance(GOAL_STATE.over);
    this.record.isOver = true;
    this.turn?.end(failure);
    this.turn = undefined;
    this.watch.stop();
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

  #begin(turnId: string): void {
    const { peer, threadId } = this;
    const { subagents } = this.#scope;
    const told = (standing: TurnEnding) => this.#turnStands(turn, standing);
    const turn = new GoalTurn({ peer, threadId, turnId, subagents, told });
    this.isTurnDue = false;
    this.turn = turn;
    this.#scope.addTurn(turnId);
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
      this.#scope.announce(message.params.turnId);
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
    const { isTurnAnnounced } = this.#scope;
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
