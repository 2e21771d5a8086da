/**
 * A goal in the user's hands: an async iterable of the messages of all its turns, with its result and its controls. Owns what
 * users see of it; who reads it is the live run's business, and when it is over is the lifecycle's.
 */
import type { ThreadGoal } from '../../protocol/generated.js';
import type { ServerMessage } from '../../session/messages/server-message.js';
import type { Peer } from '../../session/peer.js';
import type { PulledStream } from '../../support/pull-stream.js';
import { pointToResult } from '../result-hints.js';
import { checkUsageTold } from '../turn/budget.js';
import { LiveRun } from '../turn/live-run.js';
import type { RunSnapshots } from '../turn/run-snapshots.js';
import type { TurnInput } from '../turn/turn-input.js';
import type { TurnQueues } from '../turn/turn-queues.js';
import type { TurnText } from '../turn/turn-text.js';
import { GoalLifecycle } from './goal-lifecycle.js';
import {
  checkGoalOptions,
  checkGoalParams,
  type FollowedGoalOptions,
  type GoalRunOptions,
  type GoalRunParams,
} from './goal-options.js';
import { GOAL_RESULT_ONLY, type GoalResult, type GoalTurnResult } from './goal-result.js';

/**
 * A goal: the server starts one turn after another by itself until it is reached, or cannot be. The run waits for the earlier
 * turns of its thread, then sets the goal; the messages of all its turns, server requests and `thread/goal/updated` included,
 * come to this iterator and to no other stream, each once. Later runs of the thread wait until the goal is over. An objective
 * that is edited while the goal runs (`thread/goal/set` of any client) goes on as the same goal.
 *
 * Leaving the loop early pauses the goal, so that nothing more is spent, and then interrupts its turn; with `detach` it goes
 * on. The iterator throws what `result()` rejects with, a turn that failed included; one that begins when `result()` or `text()`
 * has read the messages throws `AlreadyReadError`. One that lags past `maxHeldBytes` while others wait is cut as that of a
 * turn run is.
 */
export interface GoalRun extends PulledStream<ServerMessage> {
  /** The id of the thread it runs on. */
  readonly threadId: string;

  /** The turn that runs now; undefined between two turns, before the first and after the last. */
  readonly turnId: string | undefined;

  /** The goal as the server told it last, with its status and what it has used; undefined until it is set. */
  readonly goal: ThreadGoal | undefined;

  /** What each turn came to so far, in order; also when the run ended with an error. */
  readonly turns: readonly GoalTurnResult[];

  /**
   * Settles as soon as its first turn has begun, with the turn that runs.
   *
   * @throws what {@link GoalRun.result} does, when the run ends before that, or an `AbortError` when it ended without a turn
   */
  started(): Promise<{ readonly threadId: string; readonly turnId: string }>;

  /**
   * What the goal came to, when it is over and its last turn is; works after, instead of, or beside iteration. While nobody
   * iterates it reads the messages itself, and server requests that neither a standing answer nor another open stream takes
   * are denied. While the goal is paused it waits, for `resume()`, `clear()` or `interrupt()`, without a limit but `timeoutMs`.
   *
   * @throws TurnFailedError when the last turn failed (the server calls the goal `blocked` then), or nobody is logged in
   * @throws BudgetExceededError when more than `budget` was spent; the goal is paused
   * @throws TurnOutcomeUnknownError when a turn is over and the server cannot say how it ended
   * @throws ThreadBusyError when the thread has an active goal already
   * @throws RpcError when the server refused the goal, for one when there is none that could go on
   * @throws RequestTimeoutError after `timeoutMs` or `startTimeoutMs`, or when the server went silent
   * @throws ServerClosedError when the server went before the goal was over; `result` is what its turn came to, `turns` has all
   * @throws BackpressureError when unread messages of other streams fill `buffer.maxBytes`; the goal goes on
   */
  result(): Promise<GoalResult>;

  /** The text that the agent writes in all turns, piece by piece as it comes; see `Run.text`. @throws what {@link GoalRun.result} does */
  text(): TurnText;

  /** The newest state of the thread, whenever it has changed; see `Run.snapshots`. @throws what {@link GoalRun.result} does */
  snapshots(): RunSnapshots;

  /**
   * Adds input to the turn that runs, between two turns to the next one. Settles with the id of the turn that took it.
   *
   * @throws InvalidArgumentError when the input is bad
   * @throws RpcError when the turn is not active any more
   */
  steer(input: TurnInput): Promise<{ readonly turnId: string }>;

  /**
   * Pauses the goal: the turn that runs goes on to its end, and none follows. One that the server is just about to begin, or has
   * begun and not told of, still runs. Waits until the goal is set, and until what was asked for before (`pause()`, `resume()`,
   * `clear()`) was answered; settles when the server has taken it. A goal that is over stays as it is.
   *
   * @throws RpcError when the server refuses it, and the other errors of `AsyncClient.request`
   */
  pause(): Promise<void>;

  /** Lets a paused goal go on; any other stays as it is. @throws what {@link GoalRun.pause} does, or `ServerClosedError` while the client lets running turns end */
  resume(): Promise<void>;

  /** Takes the goal away: the turn that runs goes on to its end, and the run ends with status `cleared`. @throws what {@link GoalRun.pause} does */
  clear(): Promise<void>;

  /**
   * Pauses the goal and interrupts its turn; the run ends with status `interrupted`, and `goalRun({ threadId })` lets the goal go
   * on. One that still waits for an earlier turn is never set, and `result()` rejects with an `AbortError`. Settles when the
   * server has taken both.
   *
   * @throws RpcError when the server refuses the interruption, and the other errors of `AsyncClient.request`
   */
  interrupt(): Promise<void>;
}

/** A goal at a server. @internal */
export class LiveGoalRun extends LiveRun<GoalResult> implements GoalRun {
  readonly #goal: GoalLifecycle;

  static {
    pointToResult(LiveGoalRun.prototype, GOAL_RESULT_ONLY);
  }

  /** @internal */
  constructor(goal: GoalLifecycle) {
    super(goal);
    this.#goal = goal;
  }

  /** The goal as it is followed, whoever reads. @internal */
  get lifecycle(): GoalLifecycle {
    return this.#goal;
  }

  get goal(): ThreadGoal | undefined {
    return this.#goal.record.goal;
  }

  get turns(): readonly GoalTurnResult[] {
    // A status that is one of several is each of them in turn.
    return this.#goal.record.turns as readonly GoalTurnResult[];
  }

  async result(): Promise<GoalResult> {
    return this.outcome();
  }

  async pause(): Promise<void> {
    await this.whileReading(this.#goal.pause());
  }

  async resume(): Promise<void> {
    await this.whileReading(this.#goal.resume());
  }

  async clear(): Promise<void> {
    await this.whileReading(this.#goal.clear());
  }
}

/**
 * Starts a goal run.
 * @param argument - what the params are called where the caller wrote them
 * @throws InvalidArgumentError when params or options are bad; nothing was sent
 * @internal
 */
export function startGoalRun(
  peer: Peer,
  queues: TurnQueues,
  params: GoalRunParams,
  options: GoalRunOptions = {},
  argument?: string,
): GoalRun {
  checkGoalParams(params, argument);
  checkGoalOptions(options, peer.serverVersion);
  peer.checkHeldOptions(options);
  return runGoal(peer, queues, params, options);
}

/** Runs a goal whose params and options were checked. @internal */
export function runGoal(
  peer: Peer,
  queues: TurnQueues,
  params: GoalRunParams,
  options: FollowedGoalOptions,
): LiveGoalRun {
  checkUsageTold(peer, options.budget);
  const goal = new GoalLifecycle(peer, params, options);
  const run = new LiveGoalRun(goal);
  goal.enter(queues);
  return run;
}
