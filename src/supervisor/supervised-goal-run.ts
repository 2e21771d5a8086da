/** A supervised goal in the user's hands: a run over lives, with the turns of all of them. */
import type { ThreadGoal } from '../protocol/generated.js';
import { type GoalResult, type GoalTurnResult, goalResult } from '../runs/goal/goal-result.js';
import type { GoalRun, LiveGoalRun } from '../runs/goal/goal-run.js';
import { DeferredRun } from '../runs/turn/deferred-run.js';
import type { SupervisedGoal } from './supervised-goal.js';

/** A goal over lives. */
export class SupervisedGoalRun extends DeferredRun<GoalResult, LiveGoalRun> implements GoalRun {
  readonly #source: SupervisedGoal;

  constructor(source: SupervisedGoal) {
    super(source);
    this.#source = source;
  }

  get threadId(): string {
    return this.#source.threadId;
  }

  get turnId(): string | undefined {
    return this.#source.current?.turnId;
  }

  get goal(): ThreadGoal | undefined {
    return this.#source.goal;
  }

  get turns(): readonly GoalTurnResult[] {
    return this.#source.turns;
  }

  override async result(): Promise<GoalResult> {
    const result = await super.result();
    const { earlierTurns } = this.#source;
    return goalResult(result.status, { ...result, turns: [...earlierTurns, ...result.turns] });
  }

  async pause(): Promise<void> {
    await (await this.#source.following()).pause();
  }

  async resume(): Promise<void> {
    await (await this.#source.following()).resume();
  }

  async clear(): Promise<void> {
    await (await this.#source.following()).clear();
  }

  override async interrupt(): Promise<void> {
    if (this.#source.withdraw()) return;
    await super.interrupt().catch((error: unknown) => {
      if (!this.#source.isStopped) throw error;
    });
  }

  protected override left(): void {
    this.#source.left();
  }
}
