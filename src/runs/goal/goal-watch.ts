/**
 * Asks how a goal stands while none of its turns runs (L15). Owns when to ask: after a silence, at once when the thread was
 * unloaded, and shortly after the goal was stopped between two turns, because the server may have been about to begin one.
 * What follows from an answer is the goal's business; how a turn stands, the turn asks.
 */
import type { ThreadGoal } from '../../protocol/generated.js';
import type { Peer } from '../../session/peer.js';
import { GOAL_GAP_MS } from '../../support/defaults.js';
import { markHandled } from '../../support/deferred.js';
import { RpcError } from '../../support/errors.js';
import { SilenceWatch } from '../turn/silence-watch.js';
import type { GoalCalls } from './goal-calls.js';

/** So many answers in a row say that nothing happens, or do not come, before they are believed. */
const ENOUGH_ANSWERS = 2;

/** How a goal stands, as far as the server says. */
export type GoalStanding =
  /** This is the thread's goal; `null` when it has none. */
  | { readonly is: 'told'; readonly goal: ThreadGoal | null }
  /** It is active, and nothing runs: the server starts no turn by itself any more. */
  | { readonly is: 'atRest' }
  /** The server does not have the thread any more, or does not answer. */
  | { readonly is: 'lost'; readonly cause: unknown };

/** Whose goal it is, and who is told. */
export interface WatchedGoal {
  readonly peer: Peer;
  readonly calls: GoalCalls;
  /** None of its turns runs. */
  readonly isQuiet: () => boolean;
  /** Hears every answer that says something; it must not throw. */
  readonly told: (standing: GoalStanding) => void;
  /** No turn is about to begin any more; it must not throw. */
  readonly noTurnBegins: () => void;
}

/** Watches one goal. */
export class GoalWatch {
  readonly #goal: WatchedGoal;
  #silence: SilenceWatch | undefined;
  #gap: NodeJS.Timeout | undefined;
  #atRest = 0;
  #unanswered = 0;
  #isStopped = false;

  constructor(goal: WatchedGoal) {
    this.#goal = goal;
  }

  /** Asks after each silence of this length, in milliseconds; `0` never asks. */
  begin(idleTimeoutMs: number): void {
    if (idleTimeoutMs > 0 && !this.#isStopped)
      this.#silence ??= new SilenceWatch(idleTimeoutMs, () => this.#askAfterSilence());
  }

  /** Something was said. */
  noteActivity(): void {
    this.#atRest = 0;
    this.#silence?.noteActivity();
  }

  /** The thread was unloaded, which is asked about at once: no turn of it begins by itself. */
  threadGone(): void {
    markHandled(this.#ask());
  }

  /** No turn is to begin; one that was about to may still do. */
  expectNoTurn(): void {
    if (!this.#isStopped) this.#gap ??= setTimeout(() => this.#lookAgain(), GOAL_GAP_MS);
  }

  /** Turns follow each other again. */
  expectTurns(): void {
    clearTimeout(this.#gap);
    this.#gap = undefined;
  }

  /** Asks no more, and tells no more. */
  stop(): void {
    this.#isStopped = true;
    this.#silence?.stop();
    this.expectTurns();
  }

  async #lookAgain(): Promise<void> {
    const gap = this.#gap;
    const isActive = await this.#isThreadActive().catch(() => false);
    if (gap !== this.#gap) return;
    this.#gap = undefined;
    if (this.#isStopped || !this.#goal.isQuiet()) return;
    if (isActive) this.expectNoTurn();
    else this.#goal.noTurnBegins();
  }

  /** While nothing is read, because enough is held, the silence is ours and not the server's. */
  async #askAfterSilence(): Promise<void> {
    if (!this.#goal.peer.isPaused && this.#goal.isQuiet()) await this.#ask();
  }

  async #ask(): Promise<void> {
    const standing = await this.#standing();
    if (standing !== undefined && !this.#isStopped && this.#goal.isQuiet()) this.#goal.told(standing);
  }

  async #standing(): Promise<GoalStanding | undefined> {
    try {
      const goal = await this.#goal.calls.get();
      const isAtRest = goal?.status === 'active' && !(await this.#isThreadActive());
      this.#unanswered = 0;
      this.#atRest = isAtRest ? this.#atRest + 1 : 0;
      return this.#atRest < ENOUGH_ANSWERS ? { is: 'told', goal } : { is: 'atRest' };
    } catch (cause) {
      this.#unanswered += 1;
      const isFinal = cause instanceof RpcError || this.#unanswered >= ENOUGH_ANSWERS;
      return isFinal ? { is: 'lost', cause } : undefined;
    }
  }

  async #isThreadActive(): Promise<boolean> {
    const { status } = await this.#goal.calls.read();
    return status?.type === 'active';
  }
}
