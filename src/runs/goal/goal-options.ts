/** What a goal run takes: its params, its options, and their checks. */
import type { ServerVersion } from '../../protocol/checks/known-names.js';
import {
  checkKnownKeys,
  checkRequiredText,
  checkWholeNumber,
  isPlainObject,
  rejectArgument,
} from '../../support/argument-checks.js';
import { OBJECTIVE_MAX_LENGTH } from '../../support/defaults.js';
import { InvalidArgumentError } from '../../support/errors.js';
import type { TokenMeter } from '../turn/token-meter.js';
import { checkTurnRunOptions, type TurnRunOptions } from '../turn/turn-options.js';

/** What a goal run is started with. */
export interface GoalRunParams {
  /** The thread. It has one goal at a time. */
  readonly threadId: string;
  /**
   * What is to be reached, in words, 4,000 characters at the most. A goal that the thread had and that is not active is cleared first. Left out, the
   * thread's own goal goes on: one that was paused, interrupted or blocked, or that used up its budget.
   * @defaultValue the goal that the thread has
   */
  readonly objective?: string | undefined;
  /**
   * The server's own limit, in tokens as it counts them (`goal.tokensUsed`). The turn in which it is reached goes on to its
   * end, and the run ends with status `budgetLimited`.
   * @defaultValue none for a new objective; what it was for a goal that goes on
   */
  readonly tokenBudget?: number | undefined;
}

/** Options of a goal run. */
export interface GoalRunOptions
  extends Omit<
    TurnRunOptions,
    | 'whenBusy'
    | 'signal'
    | 'timeoutMs'
    | 'startTimeoutMs'
    | 'trace'
    | 'idleTimeoutMs'
    | 'detach'
    | 'budget'
    | 'collectEvents'
  > {
  /** Aborting pauses the goal and interrupts its turn; the stream and `result()` fail with `signal.reason`. */
  readonly signal?: AbortSignal | undefined;
  /**
   * How long the whole run may take, in milliseconds from the call, waiting for earlier turns and pauses included; `0` for no
   * limit. After that the goal is paused, its turn is interrupted, and the stream and `result()` fail with
   * `RequestTimeoutError`.
   * @defaultValue 0
   */
  readonly timeoutMs?: number | undefined;
  /** The time limit of each request that sets the goal, in milliseconds. @defaultValue the client's `requestTimeoutMs` */
  readonly startTimeoutMs?: number | undefined;
  /**
   * What the goal may spend, its sub-agents included, from the call on, besides the server's own `tokenBudget`; looked at whenever
   * the server tells what was spent, whoever reads. At the first usage past it the goal is paused and its turn interrupted, so
   * it can be overshot by the model calls that are under way then; when the turn is over the stream and `result()` fail with
   * `BudgetExceededError`, whose `result` is that of the last turn.
   * @defaultValue none: it may spend what it likes
   */
  readonly budget?: TurnRunOptions['budget'];
  /** W3C trace context of the `thread/goal/set` request. */
  readonly trace?: TurnRunOptions['trace'];
  /**
   * Silence after which the server is asked how the turn that runs, or the goal between two turns, stands, in milliseconds;
   * `0` never asks.
   * @defaultValue 30,000
   */
  readonly idleTimeoutMs?: number | undefined;
  /**
   * Leaving the run early lets the goal go on, turn after turn, instead of pausing it and interrupting its turn.
   * @defaultValue false
   */
  readonly detach?: boolean | undefined;
  /** Keeps every message of the goal for `result().events`. @defaultValue false */
  readonly collectEvents?: boolean | undefined;
}

/** The options of a goal as it is followed. @internal */
export interface FollowedGoalOptions extends GoalRunOptions {
  /** What the goal spent where it was followed before. */
  readonly meter?: TokenMeter | undefined;
}

const PARAM_NAMES = [
  'threadId',
  'objective',
  'tokenBudget',
] as const satisfies readonly (keyof GoalRunParams)[];

/**
 * @param argument - what the params are called where the caller wrote them
 * @throws InvalidArgumentError when they cannot make a goal
 * @internal
 */
export function checkGoalParams(params: GoalRunParams, argument = 'params'): void {
  if (!isPlainObject(params)) rejectArgument(argument, params, 'an object with threadId and objective');
  checkKnownKeys(argument, params, PARAM_NAMES);
  checkRequiredText(`${argument}.threadId`, params.threadId);
  if (params.objective !== undefined) checkObjective(`${argument}.objective`, params.objective);
  if (params.tokenBudget !== undefined)
    checkWholeNumber(`${argument}.tokenBudget`, params.tokenBudget, { min: 1, unit: 'tokens' });
}

/** An objective that the server refuses would cost the thread its old goal, which is cleared first. */
function checkObjective(argument: string, objective: string): void {
  checkRequiredText(argument, objective);
  if (objective.trim() === '') rejectArgument(argument, objective, 'a string that is not blank');
  const length = [...objective].length;
  if (length <= OBJECTIVE_MAX_LENGTH) return;
  const message = `${argument}: expected ${OBJECTIVE_MAX_LENGTH} characters at the most, got ${length}; put what is longer into a file, and name that`;
  throw new InvalidArgumentError(argument, message);
}

/** @throws InvalidArgumentError when an option is unknown, makes no sense here, or has a value that cannot work @internal */
export function checkGoalOptions(options: GoalRunOptions, server?: ServerVersion): void {
  if (isPlainObject(options) && 'whenBusy' in options) throw noWhenBusy();
  checkTurnRunOptions(options, server);
}

function noWhenBusy(): InvalidArgumentError {
  const message =
    'options.whenBusy: a goal takes no such option: its turns are added to no other, and it waits for the thread to be free';
  return new InvalidArgumentError('options.whenBusy', message);
}
