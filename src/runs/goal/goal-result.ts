/** What a goal came to: types, and how a result is put together. */
import type { ThreadGoal, Turn } from '../../protocol/generated.js';
import type { ServerMessage } from '../../session/messages/server-message.js';
import type { AgentMessage, TurnFacts, TurnResult } from '../turn/turn-result.js';

/** One turn of a goal, as far as it has come. A turn that failed is among them when the goal went on after it. */
export type GoalTurnResult = TurnResult<undefined, Turn['status']>;

/**
 * How a goal run ended: as the server says (`complete`, `blocked`, `usageLimited`, `budgetLimited`), or because the goal was
 * cleared, by this client or another, or its turn was interrupted: then the goal is paused.
 */
export type GoalOutcome =
  | 'complete'
  | 'blocked'
  | 'usageLimited'
  | 'budgetLimited'
  | 'cleared'
  | 'interrupted';

/** What is known of a goal when its run is over. */
export interface GoalResult {
  /** How it ended. */
  readonly status: GoalOutcome;
  /** The goal as the server told it last: its objective, its budget, the tokens and the seconds that it used. */
  readonly goal: ThreadGoal;
  /** The goal's turns, in order; empty when it ended before one began. */
  readonly turns: readonly GoalTurnResult[];
  /** The final message of the last turn that has one; see `TurnResult.finalMessage`. */
  readonly finalMessage: string | undefined;
  /** The agent's messages in all turns, in the order in which they began. */
  readonly agentMessages: readonly AgentMessage[];
  /**
   * The tokens of all model calls of the goal, its sub-agents' included, as this client was told of them; `0` when it opted out
   * of `thread/tokenUsage/updated`. What the server counts for itself is `goal.tokensUsed`.
   */
  readonly spentTokens: number;
  /** Every message of the goal, when `collectEvents` was set; those of its turns are not in `turns` again. */
  readonly events: readonly ServerMessage[] | undefined;
}

/** What a result is made of. @internal */
export interface GoalFacts {
  readonly goal: ThreadGoal;
  readonly turns: readonly TurnFacts[];
  readonly spentTokens: number;
  readonly events: readonly ServerMessage[] | undefined;
}

/** The result of a goal that ended so. @internal */
export function goalResult(status: GoalOutcome, facts: GoalFacts): GoalResult {
  const { turns } = facts;
  return {
    status,
    ...facts,
    finalMessage: turns.findLast(({ finalMessage }) => finalMessage !== undefined)?.finalMessage,
    agentMessages: turns.flatMap(({ agentMessages }) => agentMessages),
  };
}

/** What a result has and a run has not. @internal */
export const GOAL_RESULT_ONLY = [
  'finalMessage',
  'agentMessages',
  'status',
  'spentTokens',
] as const satisfies readonly (keyof GoalResult)[];
