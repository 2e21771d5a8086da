/**
 * One turn at the server as this client follows it: what it says is noted, whoever reads it, and comes to one stream. Owns
 * the state (queued, starting, running, over; only ever moving right), the outcome with its time limit, the stream, and the
 * ways in which a turn ends. How the turn came to be, and what giving it up does to it, is the subclass's. It hands messages
 * to nobody and answers nothing; `TurnRun` does.
 *
 * Two ends are told apart. For the user the run is over as soon as its outcome is known; the turn is over when the server
 * has said so.
 */
import type { Thread } from '../../protocol/generated.js';
import type { MessageScope, ServerMessage } from '../../session/messages/server-message.js';
import type { Peer } from '../../session/peer.js';
import type { Follower } from '../../session/streams/followers.js';
import type { OpenStream } from '../../session/streams/open-stream.js';
import type { StreamOpening } from '../../session/streams/streams.js';
import { DEFAULT_IDLE_TIMEOUT_MS } from '../../support/defaults.js';
import { type Deferred, deferred, markHandled } from '../../support/deferred.js';
import { Settlement, type WaitLimits } from '../../support/settlement.js';
import type { AdoptOptions } from './adopt-options.js';
import { budgetExceeded } from './budget.js';
import { BudgetWatch } from './budget-watch.js';
import type { BudgetExceededError } from './result-errors.js';
import { TokenMeter } from './token-meter.js';
import { TurnAnswers } from './turn-answers.js';
import { TurnControl } from './turn-control.js';
import { TurnEnquiry } from './turn-enquiry.js';
import { cutShort, settleTurn, unexplainedEnd } from './turn-errors.js';
import type { TurnRunOptions } from './turn-options.js';
import type { TurnEnding } from './turn-oracle.js';
import { TurnRecord } from './turn-record.js';
import type { EndedTurn } from './turn-result.js';
import { TurnScope } from './turn-scope.js';
import { openTurnStream } from './turn-stream.js';

/** How far a turn is. */
export const TURN_STATE = {
  /** Waits for its turn in the thread's queue; nothing was sent. */
  queued: 0,
  /** The request that begins or finds it was sent and not answered. */
  starting: 1,
  /** The server has named the turn. */
  running: 2,
  /** Over at the server, or never sent. */
  over: 3,
} as const;

/** The options that every followed turn has. */
export type FollowedTurnOptions = AdoptOptions &
  Pick<TurnRunOptions, 'standingAnswers' | 'budget'> & {
    /** What the turn spent where it was followed before. */
    readonly meter?: TokenMeter | undefined;
  };

/** One turn. */
export abstract class FollowedTurn implements Follower {
  readonly peer: Peer;
  readonly threadId: string;
  readonly record: TurnRecord;
  readonly control: TurnControl;
  protected readonly options: FollowedTurnOptions;
  readonly scope: TurnScope;
  protected readonly enquiry: TurnEnquiry;
  protected readonly budget: BudgetWatch | undefined;
  protected readonly settlement = new Settlement<EndedTurn>((reason) => this.gaveUp(reason));
  protected readonly over: Deferred<void> = deferred<void>();
  protected stream: OpenStream | undefined;
  protected state: number = TURN_STATE.queued;
  readonly #opened: Deferred<OpenStream> = deferred<OpenStream>();
  readonly #answers: TurnAnswers;
  #isInterrupted = false;

  constructor(peer: Peer, threadId: string, options: FollowedTurnOptions) {
    this.peer = peer;
    this.threadId = threadId;
    this.options = options;
    const { collectEvents = false, standingAnswers, budget, meter = new TokenMeter() } = options;
    this.scope = new TurnScope(threadId);
    if (budget !== undefined) this.budget = new BudgetWatch(peer, budget, { scope: this.scope, meter });
    this.record = new TurnRecord({ collectEvents });
    this.control = new TurnControl(peer, this);
    const told = (standing: TurnEnding) => this.#stands(standing);
    this.enquiry = new TurnEnquiry({ peer, threadId, record: this.record, told });
    this.#answers = new TurnAnswers(peer, standingAnswers, { scope: this.scope, record: this.record });
    for (const { promise } of [this.#opened, this.settlement]) markHandled(promise);
  }

  /** Settles with the stream when the turn is about to be started; rejects when the run ended before that. */
  get opened(): Promise<OpenStream> {
    return this.#opened.promise;
  }

  /** Settles with the result, or rejects with what ended the run. */
  get outcome(): Promise<EndedTurn> {
    return this.settlement.promise;
  }

  /** The turn, once the server has named it in its answer. */
  get turnId(): string | undefined {
    return this.state >= TURN_STATE.running ? this.scope.turnId : undefined;
  }

  /** It is ours and had begun before: who reads its text gets it from the beginning. */
  get isResumed(): boolean {
    return false;
  }

  /** The server may have been asked to begin it; another's turn was. */
  get wasSent(): boolean {
    return true;
  }

  /** Settles when the turn is over at the server, or will never be sent, or the server is gone. Never rejects. */
  get untilOver(): Promise<void> {
    return this.over.promise;
  }

  /** Settles when the server has named it, or it is over: what is sent from then on comes behind it. Never rejects. */
  get begun(): Promise<unknown> {
    return Promise.race([this.control.named.catch(() => {}), this.untilOver]);
  }

  /** The outcome is known. */
  get isSettled(): boolean {
    return this.settlement.isSettled;
  }

  /** The thread as the server had it when the turn was found; undefined for a turn that is followed from its start. */
  get found(): Promise<Thread | undefined> | undefined {
    return undefined;
  }

  /** What the turn has spent, where it has a budget. */
  get meter(): TokenMeter | undefined {
    return this.budget?.meter;
  }

  /** Ends the run with a reason, unless it is over. */
  giveUp(reason: unknown): void {
    this.settlement.giveUp(reason);
  }

  /** Interrupts the turn at the server. Rejects as `turn/interrupt` does. */
  async interrupt(): Promise<void> {
    await this.control.interrupt();
  }

  /** The reader has left. */
  abstract leave(): void;

  learn(message: ServerMessage, scope: MessageScope): void {
    for (const threadId of this.scope.learn(message, scope)) {
      this.stream?.addThread(threadId);
      this.peer.follow(this, threadId);
      this.#answers.enter(threadId);
    }
    // Its sub-agents name it, also before the answer to `turn/start` does.
    const { turnId } = this.scope;
    if (turnId !== undefined && message.method === 'turn/started') this.peer.follow(this, turnId);
  }

  observe(message: ServerMessage, scope: MessageScope): void {
    const belonging = this.scope.belongingOf(message, scope);
    this.budget?.note(message, belonging, scope);
    if (belonging === 'other') return;
    this.enquiry.noteMessage(message, scope);
    if (belonging === 'turn') this.noteOwn(message);
    else if (this.options.includeSubagents === true) this.record.noteSubagent(message);
    this.heedBudget();
  }

  ended(): void {
    const error = cutShort(this.peer.closingError, this.record.result());
    this.settlement.reject(error);
    this.end(error);
  }

  /** Starts the clock and watches the signal. Once, when the turn can be given up. */
  protected limit(timeoutError: WaitLimits['timeoutError']): void {
    const { timeoutMs, signal } = this.options;
    this.settlement.limit({ timeoutMs, signal, timeoutError });
  }

  /** Opens the turn's stream, and follows its thread. */
  protected open(opening?: StreamOpening): void {
    const { threadId } = this;
    const { includeSubagents = false, maxHeldBytes, coalesce } = this.options;
    const turn = { threadId, scope: this.scope, record: this.record, includeSubagents };
    this.stream = openTurnStream(this.peer, turn, { maxHeldBytes, coalesce }, opening);
    this.peer.follow(this, threadId);
    this.#answers.enter(threadId);
    this.#opened.resolve(this.stream);
  }

  /** A message of the turn itself. */
  protected noteOwn(message: ServerMessage): void {
    this.record.note(message);
    this.control.updated();
    if (this.record.isOver) this.overAtServer();
  }

  /** The turn is over at the server. Before it was found, or its start answered, that answer is waited for. */
  protected overAtServer(): void {
    const result = this.record.result();
    if (result === undefined || !this.record.isOver || !(this.record.hasStart || this.isSettled)) return;
    const overspent = this.#overspent();
    const isNews = overspent !== undefined && this.settlement.reject(overspent);
    settleTurn(this.settlement, result);
    this.control.nameTurn(result.raw.turn.id);
    // A failed turn ends its stream like any other.
    this.end(isNews ? overspent : undefined);
  }

  /**
   * Stops a turn that has spent more than it may; the run ends with the turn. One that is another's goes on, and the run
   * ends at once. Whose it is, its start's answer says.
   */
  protected heedBudget(): void {
    const { budget, record } = this;
    if (budget?.isDue !== true || !record.hasStart || this.state === TURN_STATE.over) return;
    if (record.joined) this.giveUp(this.#overspent());
    else {
      budget.stop();
      this.interruptUnread();
    }
  }

  /** The run has been given up: by its time limit, its signal, or while it waited. */
  protected abstract gaveUp(reason: unknown): void;

  /**
   * Whether anybody reads or not, the turn is interrupted, once, and until it is over its messages are read all the same, and
   * asked for, because the thread's queue waits for its end. One that turns out to be another's runs on. What the server
   * refused may be asked for again.
   */
  protected interruptUnread(): void {
    if (this.#isInterrupted) return;
    this.#isInterrupted = true;
    this.peer.readUntil(this.over.promise);
    this.enquiry.begin(this.options.idleTimeoutMs || DEFAULT_IDLE_TIMEOUT_MS);
    this.#interruptNamed().catch(() => {
      this.#isInterrupted = false;
    });
  }

  async #interruptNamed(): Promise<void> {
    await this.control.named;
    if (!this.record.joined) await this.control.interrupt();
  }

  /** The error of a turn that does not go on, and of which the server does not say how it ended. */
  protected unexplained(standing: Exclude<TurnEnding, { is: 'over' }>): unknown {
    return unexplainedEnd(standing, this.record.result());
  }

  /** The turn is over at the server, or never began: its stream takes no more. */
  protected end(failure?: unknown): void {
    if (this.state === TURN_STATE.over) return;
    this.advance(TURN_STATE.over);
    if (this.record.isOver) this.peer.activity.ended(this.threadId, this.scope.activeTurnId);
    this.enquiry.stop();
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

  /** The error of a turn that has spent more than it may. */
  #overspent(): BudgetExceededError | undefined {
    const { budget } = this;
    const result = budget?.isExceeded === true ? this.record.result() : undefined;
    return result && budget && budgetExceeded(budget.budget, budget.meter.spentTokens, result);
  }

  /** The server was asked, and the turn does not go on. */
  #stands(standing: TurnEnding): void {
    if (this.record.isOver) return;
    if (standing.is === 'lost') this.peer.activity.ended(this.threadId, this.scope.activeTurnId);
    if (standing.is === 'over') {
      this.record.noteRecovered(standing.turn);
      this.overAtServer();
      return;
    }
    const error = this.unexplained(standing);
    this.settlement.reject(error);
    this.end(error);
  }
}
