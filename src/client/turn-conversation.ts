/**
 * A conversation in which turns are run. Owns the line of turns that each thread has; the turns themselves are the runs'.
 */
import type { ReviewStartParams } from '../protocol/generated.js';
import type { GoalRunOptions, GoalRunParams } from '../runs/goal/goal-options.js';
import { type GoalRun, startGoalRun } from '../runs/goal/goal-run.js';
import {
  type ThreadHandle,
  type ThreadOptions,
  type ThreadReference,
  threadHandle,
} from '../runs/thread/thread-handle.js';
import { startThreadRun, type ThreadRun, type ThreadRunParams } from '../runs/thread/thread-run.js';
import type { AdoptOptions, TurnReference } from '../runs/turn/adopt-options.js';
import { adoptTurn } from '../runs/turn/adopted-turn.js';
import { type ReviewRunOptions, startReviewRun } from '../runs/turn/review-run.js';
import type { TurnRun } from '../runs/turn/run.js';
import type { TurnRunOptions, TurnRunParams } from '../runs/turn/turn-options.js';
import { TurnQueues } from '../runs/turn/turn-queues.js';
import { startTurnRun } from '../runs/turn/turn-run.js';
import type { StandardJsonSchema } from '../schemas/output-schema.js';
import { Conversation } from './conversation.js';

/** What a client does with threads and turns. */
export class TurnConversation extends Conversation {
  /** @internal */
  protected readonly turnQueues = new TurnQueues();

  /**
   * Runs one turn: waits for the thread's earlier turn runs, starts it, and gives its messages to this run alone. Await its
   * `result()`, or iterate it or its `text()`; leaving a loop early interrupts the turn. With an `outputSchema` of zod,
   * ArkType or Valibot the output of its result has the schema's type, and was checked.
   *
   * @throws InvalidArgumentError when params or options are bad; nothing was sent
   */
  turnRun<Output>(
    params: TurnRunParams<StandardJsonSchema<Output>>,
    options?: TurnRunOptions,
  ): TurnRun<Output>;
  /**
   * Runs one turn, without a schema, with a JSON Schema, or with a schema that may be missing: the output of its result is
   * `unknown`. It waits for the thread's earlier turn runs, and is read as any run: by `result()`, `text()` or a loop.
   *
   * @throws InvalidArgumentError when params or options are bad; nothing was sent
   */
  turnRun(params: TurnRunParams, options?: TurnRunOptions): TurnRun;
  turnRun(params: TurnRunParams, options?: TurnRunOptions): TurnRun {
    return startTurnRun(this.peer, this.turnQueues, params, options);
  }

  /**
   * Starts a thread and runs its first turn; the run is read as one of {@link turnRun}, and has the whole answer
   * to `thread/start` in `thread`. With an `outputSchema` of a library the output has the schema's type, and was checked.
   *
   * @throws InvalidArgumentError when params or options are bad; nothing was sent
   */
  threadRun<Output>(
    params: ThreadRunParams<StandardJsonSchema<Output>>,
    options?: TurnRunOptions,
  ): ThreadRun<Output>;
  /**
   * Starts a thread and runs its first turn, without a schema, with a JSON Schema, or with a schema that may be missing: the
   * output is `unknown`. See {@link turnRun}.
   *
   * @throws InvalidArgumentError when params or options are bad; nothing was sent
   */
  threadRun(params: ThreadRunParams, options?: TurnRunOptions): ThreadRun;
  threadRun(params: ThreadRunParams, options?: TurnRunOptions): ThreadRun {
    return startThreadRun(this.peer, this.turnQueues, params, options);
  }

  /**
   * A handle on a thread, by its id or by the answer to `threadStart`, `threadResume` or `threadFork`. Sends nothing.
   *
   * `options.standingAnswers` are for whatever is asked on the thread from now on, in place of those it had, until the
   * client ends or they are given anew (`{}` takes them away); without the option nothing changes.
   *
   * @throws InvalidArgumentError when it names no thread, or an option is bad
   */
  thread(thread: ThreadReference, options: ThreadOptions = {}): ThreadHandle {
    return threadHandle(this.peer, this.turnQueues, thread, options);
  }

  /**
   * Adopts a turn that is running already and that no run of this client started: another client's, a goal's, one of
   * `turnStart`, or one that was running before a reconnect. The run has the rest of the turn, what of it is still unread on
   * the main stream included, and its `result()` begins with the items that the server has. It is read like any other,
   * and `steer()` and `interrupt()` act on the turn; leaving it never interrupts the turn, and what the turn asks is refused by
   * nobody here. The server tells a client of threads that it started or resumed: resume the thread first.
   *
   * A turn that is over gives its result all the same, `recovered` from what the server has. Of a message that was
   * being written at the call, `text()` has the rest; the whole of it is in `item/completed` and in the result. What came
   * before is asked for once, by `thread/read` with its turns.
   *
   * @throws InvalidArgumentError when it names no turn, or an option is bad; nothing was sent
   */
  turn(turn: TurnReference, options?: AdoptOptions): TurnRun {
    return adoptTurn(this.peer, turn, options);
  }

  /**
   * Runs a review (`review/start`) on a thread, after its earlier turns; the `finalMessage` of its result is the review. It is
   * a turn of this client's own: leaving it early interrupts it, and it is read as any run. A review cannot be steered.
   *
   * @throws InvalidArgumentError when params or options are bad; nothing was sent
   */
  reviewRun(params: ReviewStartParams, options?: ReviewRunOptions): TurnRun {
    return startReviewRun(this.peer, this.turnQueues, params, options);
  }

  /**
   * Runs a goal: sets it (`thread/goal/set`) after the thread's earlier turns, and follows all the turns that the server then
   * starts by itself, until the goal is complete or cannot go on. Leaving it early pauses the goal and interrupts its turn.
   * With an objective it is a new goal; without one the thread's own goes on. Later runs of the thread wait until it is over.
   *
   * @throws InvalidArgumentError when params or options are bad; nothing was sent
   */
  goalRun(params: GoalRunParams, options?: GoalRunOptions): GoalRun {
    return startGoalRun(this.peer, this.turnQueues, params, options);
  }
}
