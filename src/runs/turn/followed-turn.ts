/**
 * One turn at the server as this client follows it: what it says is noted, whoever reads it, and comes to one stream. Owns
 * the ways in which a turn ends. How the turn came to be, and what giving it up does to it, is the subclass's. It answers
 * nothing; `TurnRun` does.
 *
 * Two ends are told apart. For the user the run is over as soon as its outcome is known; the turn is over when the server
 * has said so.
 */
import type { MessageScope, ServerMessage } from '../../session/messages/server-message.js';
import type { Peer } from '../../session/peer.js';
import { DEFAULT_IDLE_TIMEOUT_MS } from '../../support/defaults.js';
import type { AdoptOptions } from './adopt-options.js';
import { budgetExceeded } from './budget.js';
import { BudgetWatch } from './budget-watch.js';
import { FollowedRun, RUN_STATE } from './followed-run.js';
import type { BudgetExceededError } from './result-errors.js';
import { TokenMeter } from './token-meter.js';
import { TurnControl } from './turn-control.js';
import { TurnEnquiry } from './turn-enquiry.js';
import { settleTurn, unexplainedEnd } from './turn-errors.js';
import type { TurnRunOptions } from './turn-options.js';
import type { TurnEnding } from './turn-oracle.js';
import { TurnRecord } from './turn-record.js';
import type { EndedTurn } from './turn-result.js';
import { TurnScope } from './turn-scope.js';

/** The options that every followed turn has. */
export type FollowedTurnOptions = AdoptOptions &
  Pick<TurnRunOptions, 'standingAnswers' | 'budget'> & {
    /** What the turn spent where it was followed before. */
    readonly meter?: TokenMeter | undefined;
  };

/** One turn. */
export abstract class FollowedTurn extends FollowedRun<EndedTurn, FollowedTurnOptions> {
  override readonly record: TurnRecord;
  override readonly control: TurnControl;
  override readonly scope: TurnScope;
  protected readonly enquiry: TurnEnquiry;
  protected readonly budget: BudgetWatch | undefined;
  #isInterrupted = false;

  constructor(peer: Peer, threadId: string, options: FollowedTurnOptions) {
    super(peer, threadId, options);
    const { collectEvents = false, budget, meter = new TokenMeter() } = options;
    this.scope = new TurnScope(threadId);
    if (budget !== undefined) this.budget = new BudgetWatch(peer, budget, { scope: this.scope, meter });
    this.record = new TurnRecord({ collectEvents });
    this.control = new TurnControl(peer, this);
    const told = (standing: TurnEnding) => this.#stands(standing);
    this.enquiry = new TurnEnquiry({ peer, threadId, record: this.record, told });
  }

  /** The turn, once the server has named it in its answer. */
  override get turnId(): string | undefined {
    return this.state >= RUN_STATE.running ? this.scope.turnId : undefined;
  }

  /** The server may have been asked to begin it; another's turn was. */
  get wasSent(): boolean {
    return true;
  }

  /** Settles when the server has named it, or it is over: what is sent from then on comes behind it. Never rejects. */
  get begun(): Promise<unknown> {
    return Promise.race([this.control.named.catch(() => {}), this.untilOver]);
  }

  /** What the turn has spent, where it has a budget. */
  get meter(): TokenMeter | undefined {
    return this.budget?.meter;
  }

  /** Interrupts the turn at the server. Rejects as `turn/interrupt` does. */
  override async interrupt(): Promise<void> {
    await this.control.interrupt();
  }

  override learn(message: ServerMessage, scope: MessageScope): void {
    this.addThreads(this.scope.learn(message, scope));
    // Its sub-agents name it, also before the answer to `turn/start` does.
    const { turnId } = this.scope;
    if (turnId !== undefined && message.method === 'turn/started') this.peer.follow(this, turnId);
  }

  override observe(message: ServerMessage, scope: MessageScope): void {
    const belonging = this.scope.belongingOf(message, scope);
    this.budget?.note(message, belonging, scope);
    if (belonging === 'other') return;
    this.enquiry.noteMessage(message, scope);
    if (belonging === 'turn') this.noteOwn(message);
    else if (this.options.includeSubagents === true) this.record.noteSubagent(message);
    this.heedBudget();
  }

  protected override stop(): void {
    this.interruptUnread();
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
    if (budget?.isDue !== true || !record.hasStart || this.state === RUN_STATE.over) return;
    if (record.joined) this.giveUp(this.#overspent());
    else {
      budget.stop();
      this.interruptUnread();
    }
  }

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

  protected override ending(): void {
    if (this.record.isOver) this.peer.activity.ended(this.threadId, this.scope.activeTurnId);
    this.enquiry.stop();
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
