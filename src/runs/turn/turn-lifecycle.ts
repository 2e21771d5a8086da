/**
 * A turn that a run starts, from its place in the queue to its end at the server. Owns when it is started, and what becomes
 * of it when nobody wants it any more; how it is followed is in `followed-turn.ts`.
 *
 * The thread's queue goes on only when the turn is over at the server, because a `turn/start` before that would steer the
 * old turn.
 */

import type { TurnStartResponse } from '../../protocol/generated.js';
import type { ServerMessage } from '../../session/messages/server-message.js';
import type { Peer } from '../../session/peer.js';
import type { GatedTurn } from '../../session/turn-gate.js';
import { DEFAULT_IDLE_TIMEOUT_MS } from '../../support/defaults.js';
import { markHandled } from '../../support/deferred.js';
import { type CodexClientError, RequestTimeoutError } from '../../support/errors.js';
import { RUN_STATE } from './followed-run.js';
import { FollowedTurn } from './followed-turn.js';
import { neverSent, runTimeout } from './turn-errors.js';
import type { TurnRunOptions } from './turn-options.js';
import type { TurnQueues } from './turn-queues.js';
import type { StartedTurn, TurnStart } from './turn-start.js';

/** One turn that is ours. */
export class TurnLifecycle extends FollowedTurn implements StartedTurn, GatedTurn {
  declare protected readonly options: TurnRunOptions;
  readonly #start: TurnStart;
  /** The request that starts it was not answered in time. */
  #isUnanswered = false;
  /** The turn is to be interrupted, which is done once. */
  #isStopping = false;

  constructor(peer: Peer, threadId: string, start: TurnStart, options: TurnRunOptions) {
    super(peer, threadId, options);
    this.#start = start;
    this.limit(runTimeout);
  }

  override get wasSent(): boolean {
    return this.#start.wasSent;
  }

  /** Waits for the thread's earlier turns, then runs this one. */
  enter(queues: TurnQueues): void {
    // Its signal may have fired already.
    if (this.state === RUN_STATE.over) return;
    this.peer.turnGate.enter(this);
    const waits = (this.options.whenBusy ?? 'wait') === 'wait';
    const run = () => this.inPlace(() => markHandled(this.#begin()), { waits });
    queues.enter(this.threadId, run, this.begun);
  }

  /** No turn starts any more; one that is at the server goes on, unless the server turns it away. */
  turnedBack(error: CodexClientError): void {
    if (this.state === RUN_STATE.queued) this.settlement.giveUp(error);
    else this.#start.takeBack(error);
  }

  /** Interrupts the turn at the server; one that was not sent leaves the queue. Rejects as `turn/interrupt` does. */
  override async interrupt(): Promise<void> {
    if (this.state === RUN_STATE.queued) this.settlement.giveUp(neverSent());
    else await this.control.interrupt();
  }

  /** One that was only joined is another's. */
  protected override get goesOnUnread(): boolean {
    return super.goesOnUnread || this.record.joined;
  }

  protected override get endsWhenGivenUp(): boolean {
    return super.endsWhenGivenUp || this.record.joined;
  }

  /** Opens the turn's stream, then sends `turn/start`: no message can fall in the gap. */
  async #begin(): Promise<void> {
    this.advance(RUN_STATE.starting);
    this.budget?.begins(this.threadId);
    this.open();
    try {
      await this.#start.send(this);
    } catch (error) {
      this.refused(error);
    }
  }

  /** The answer that names the turn, before any message that follows it on the wire. */
  answered(start: TurnStartResponse, joined: boolean): void {
    const turnId = start.turn.id;
    if (this.state === RUN_STATE.over) {
      if (this.#isStopping && !joined) this.#stopLate(turnId);
      return;
    }
    const isOther = this.scope.turnId !== undefined && this.scope.turnId !== turnId;
    this.#nameTurn(turnId);
    if (isOther) this.#forget();
    this.noteStart(start, joined);
    this.stream?.lookForRequests();
    if (joined && this.stream?.isRead === false) this.stream.close();
    if (this.record.isOver) this.overAtServer();
    else if (joined && this.isSettled) this.end();
    else this.enquiry.begin(this.options.idleTimeoutMs ?? DEFAULT_IDLE_TIMEOUT_MS);
    this.heedBudget();
  }

  /** Its turn is named when it begins, which the server does not say in its answer. */
  accepted(): void {
    this.enquiry.begin(this.options.idleTimeoutMs ?? DEFAULT_IDLE_TIMEOUT_MS);
  }

  /** The record is to know how the turn began. */
  protected noteStart(start: TurnStartResponse, joined: boolean): void {
    this.record.noteStart(start, joined);
  }

  /** The server had no turn when it was asked, and has begun it all the same: nobody is there for it any more. */
  #stopLate(turnId: string): void {
    const params = { threadId: this.threadId, turnId };
    markHandled(this.peer.call('turn/interrupt', params, {}, { isBackground: true }));
  }

  /** What was taken for ours was another turn's: it goes to whoever would have got it. */
  #forget(): void {
    this.record.restart();
    this.budget?.restart();
    this.stream?.handOnOthers((message, scope) => this.scope.belongingOf(message, scope) !== 'other');
  }

  /** The turn that began is another's, and ours has no name yet, if it comes at all. */
  protected forgetOthers(): void {
    this.scope.unnamed();
    this.#forget();
  }

  #nameTurn(turnId: string): void {
    this.scope.named(turnId);
    this.advance(RUN_STATE.running);
    this.control.nameTurn(turnId);
    this.peer.follow(this, turnId);
  }

  /** The turn's name as its messages tell it. */
  protected get toldTurnId(): string | undefined {
    return this.scope.turnId;
  }

  /** The request was refused, was never sent, or was not answered in time although the turn may have begun, or may yet begin. */
  refused(error: unknown): void {
    if (!this.wasSent && this.peer.closingError === undefined) this.forgetOthers();
    if (this.settlement.reject(error)) this.stream?.stop(error);
    const mayBegin = error instanceof RequestTimeoutError && this.wasSent;
    if (!mayBegin || this.record.isOver) this.end(error);
    else {
      this.#isUnanswered = true;
      this.#nameUnanswered();
      this.stop();
      this.enquiry.expectEnd();
    }
  }

  protected override noteOwn(message: ServerMessage): void {
    this.#nameUnanswered();
    super.noteOwn(message);
  }

  protected override end(failure?: unknown): void {
    super.end(failure);
    this.peer.turnGate.leave(this);
  }

  /** The answer has the last word on the turn's name; where none will come, it is that of `turn/started`. */
  #nameUnanswered(): void {
    const { toldTurnId } = this;
    if (this.#isUnanswered && toldTurnId !== undefined) this.#nameTurn(toldTurnId);
  }

  /** Its request is taken back where that is still possible. */
  protected override stop(): void {
    if (this.#isStopping) return;
    this.#isStopping = true;
    this.#start.takeBack(neverSent());
    this.interruptUnread();
  }
}
