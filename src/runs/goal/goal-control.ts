/**
 * Steering whichever turn of a goal runs. Owns the names of its turns, for those who wait for one: the first, or the next.
 */
import type { SentUserInput } from '../../protocol/generated.js';
import { type Deferred, deferred, markHandled } from '../../support/deferred.js';
import { goalOver } from './goal-errors.js';
import type { GoalTurn } from './goal-turn.js';

/** Controls the turns of one goal. */
export class GoalControl {
  readonly #named: Deferred<string> = deferred<string>();
  /** The turn that runs, or the next one. */
  #running: Deferred<GoalTurn> = deferred<GoalTurn>();

  constructor() {
    for (const { promise } of [this.#named, this.#running]) markHandled(promise);
  }

  /** Settles with the id of the first turn; rejects when the goal ends without one. */
  get named(): Promise<string> {
    return this.#named.promise;
  }

  /** A turn has begun. */
  begin(turn: GoalTurn): void {
    this.#named.resolve(turn.turnId);
    this.#running.resolve(turn);
  }

  /** The turn is over; another may follow. */
  turnOver(): void {
    this.#running = deferred<GoalTurn>();
    markHandled(this.#running.promise);
  }

  /** The goal is over, or never began, for this reason. */
  end(failure: unknown = goalOver()): void {
    this.#named.reject(failure);
    this.#running.reject(failure);
  }

  /** Adds input to the turn that runs, or to the next one; settles with the id of the turn that took it. */
  async steer(input: SentUserInput[]): Promise<string> {
    return (await this.#running.promise).control.steer(input);
  }
}
