/**
 * The budget of one turn, looked at when the server tells what was spent, whoever reads. Owns which turns of sub-agents are
 * the turn's work, because each is counted, and interrupted, by itself: they run on when the turn is interrupted. What the
 * turn's own end is to be, `FollowedTurn` decides.
 */
import type { TokenUsageBreakdown } from '../../protocol/generated.js';
import type { MessageScope, ServerMessage } from '../../session/messages/server-message.js';
import type { Peer } from '../../session/peer.js';
import type { Budget } from './budget.js';
import type { TokenMeter } from './token-meter.js';
import type { Belonging, TurnScope } from './turn-scope.js';

/** The turn of a sub-agent. */
interface SubagentTurn {
  readonly turnId: string;
  /** It was asked to stop, and has not answered. */
  isAsked: boolean;
}

/** What is watched. */
export interface MeteredWork {
  /** Knows the work's own turns, which those of its sub-agents name. */
  readonly scope: Pick<TurnScope, 'isRoot'>;
  readonly meter: TokenMeter;
}

/** Watches what a turn spends. */
export class BudgetWatch {
  readonly budget: Budget;
  /** Goes on counting where a turn is followed once more, on another connection. */
  readonly meter: TokenMeter;
  readonly #peer: Peer;
  readonly #scope: Pick<TurnScope, 'isRoot'>;
  /** The turns of sub-agents that run, each by its thread, and are the turn's work. */
  readonly #subagentTurns = new Map<string, SubagentTurn>();
  /** What was spent when everything was stopped last; 0 as long as nothing was. */
  #stoppedAtTokens = 0;

  constructor(peer: Peer, budget: Budget, { scope, meter }: MeteredWork) {
    this.#peer = peer;
    this.budget = budget;
    this.#scope = scope;
    this.meter = meter;
  }

  /** More was spent than may be. */
  get isExceeded(): boolean {
    return this.meter.spentTokens > this.budget.totalTokens;
  }

  /** More was spent than may be, and more than when everything was stopped last: that was refused, or is not heeded yet. */
  get isDue(): boolean {
    return this.isExceeded && this.meter.spentTokens > this.#stoppedAtTokens;
  }

  /** The turn is about to be sent: what its thread has used is not its work, whatever connection tells what it spends. */
  begins(threadId: string): void {
    const { usage, subscriptions } = this.#peer;
    const before = usage.totalOf(threadId) ?? (subscriptions.isNew(threadId) ? 0 : undefined);
    if (before !== undefined) this.meter.passed(threadId, before);
  }

  /** Notes what a message of a thread of the turn tells. */
  note(message: ServerMessage, belonging: Belonging, { threadId, turnId }: MessageScope): void {
    if (threadId === undefined) return;
    if (message.method === 'thread/tokenUsage/updated') {
      const { tokenUsage } = message.params;
      if (!isTold(tokenUsage?.total) || !isTold(tokenUsage.last)) return;
      const isOurs = belonging === 'turn' || this.#subagentTurns.get(threadId)?.turnId === turnId;
      if (isOurs) this.meter.spent(threadId, tokenUsage, this.#peer.usage.totalOf(threadId));
      else this.meter.passed(threadId, tokenUsage.total.totalTokens);
    } else if (belonging === 'subagent') this.#noteTurn(message, threadId, turnId);
  }

  /** Interrupts the sub-agents that run, and those that begin from now on. The turn itself is its run's to interrupt. */
  stop(): void {
    this.#stoppedAtTokens = this.meter.spentTokens;
    for (const [threadId, turn] of this.#subagentTurns) this.#interrupt(threadId, turn);
  }

  /** What was taken for the turn's was another's. */
  restart(): void {
    this.meter.restart();
    this.#subagentTurns.clear();
  }

  #noteTurn({ method, params }: ServerMessage, threadId: string, turnId: string | undefined): void {
    if (method === 'turn/completed') this.#subagentTurns.delete(threadId);
    if (method !== 'turn/started' || turnId === undefined) return;
    // A sub-agent of an earlier turn may still be at that one's work.
    if (!this.#scope.isRoot(params.turn?.rootTurnId)) return;
    const turn = { turnId, isAsked: false };
    this.#subagentTurns.set(threadId, turn);
    if (this.#stoppedAtTokens > 0) this.#interrupt(threadId, turn);
  }

  #interrupt(threadId: string, turn: SubagentTurn): void {
    if (turn.isAsked) return;
    turn.isAsked = true;
    const { turnId } = turn;
    this.#peer.part('turn/interrupt', { threadId, turnId }).then(() => {
      turn.isAsked = false;
    });
  }
}

function isTold(usage: TokenUsageBreakdown | undefined): boolean {
  return Number.isFinite(usage?.totalTokens);
}
