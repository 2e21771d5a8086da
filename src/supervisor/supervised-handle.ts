/** One thread of a supervisor, by its id. It owns nothing: the lives, the runs and the logs do the work. */
import type {
  ThreadGoal,
  ThreadReadParams,
  ThreadReadResponse,
  ThreadResumeParams,
  ThreadResumeResponse,
} from '../protocol/generated.js';
import type { FollowOptions, ThreadLog } from '../runs/follow/thread-log.js';
import type { GoalRunOptions } from '../runs/goal/goal-options.js';
import type { GoalRun } from '../runs/goal/goal-run.js';
import type { ThreadGoalParams } from '../runs/thread/thread-handle.js';
import { type FirstTurn, turnParamsOf } from '../runs/thread/thread-run.js';
import type { CompactOptions } from '../runs/turn/compact-turn.js';
import type { TurnRun } from '../runs/turn/run.js';
import type { TurnResult } from '../runs/turn/turn-result.js';
import type { StandardJsonSchema } from '../schemas/output-schema.js';
import type { RequestOptions } from '../session/requests/request-options.js';
import { isPlainObject } from '../support/argument-checks.js';
import type { Lives } from './life.js';
import { followSupervised } from './supervised-log.js';
import type { SupervisedRunOptions, SupervisedRuns } from './supervised-runs.js';

/** A thread, whichever server has it. Everything else can be done with `(await supervisor.client()).thread(id)`. */
export interface SupervisedThreadHandle {
  /** The thread's id. */
  readonly id: string;

  /** Runs one turn on the thread: its input, or the params of `turn/start` without the thread; see `Supervisor.turnRun`. */
  run<Output>(turn: FirstTurn<StandardJsonSchema<Output>>, options?: SupervisedRunOptions): TurnRun<Output>;
  run(turn: FirstTurn, options?: SupervisedRunOptions): TurnRun;

  /**
   * Runs a goal on the thread, without an objective the thread's own; see `Supervisor.goalRun`.
   *
   * @throws InvalidArgumentError when an argument is bad; nothing was sent
   */
  goalRun(goal?: ThreadGoalParams, options?: GoalRunOptions): GoalRun;

  /**
   * Compacts the thread's history, after its earlier turns, on the server that lives then; see `ThreadHandle.compact`. When
   * that server goes it is not begun again.
   *
   * @throws what that does, and what `Supervisor.client` does
   */
  compact(options?: CompactOptions): Promise<TurnResult>;

  /**
   * The thread's goal, or `null` (`thread/goal/get`); the thread need not be resumed for that.
   *
   * @throws what `AsyncClient.request` does, and what `Supervisor.client` does
   */
  goal(options?: RequestOptions): Promise<ThreadGoal | null>;

  /**
   * Reads the thread (`thread/read`); it need not be resumed for that.
   *
   * @throws what `AsyncClient.request` does, and what `Supervisor.client` does
   */
  read(params?: Omit<ThreadReadParams, 'threadId'>, options?: RequestOptions): Promise<ThreadReadResponse>;

  /**
   * Resumes the thread, also where that spends; see `Supervisor.resume`.
   *
   * @throws what that does
   */
  resume(
    params?: Omit<ThreadResumeParams, 'threadId'>,
    options?: RequestOptions,
  ): Promise<ThreadResumeResponse>;

  /**
   * Follows the thread for many readers, from one server to the next; see `ThreadHandle.follow`. With each next server readers
   * get a gap (`missed: null`: what the last one had to say is not known) and a new snapshot, in which what was being written
   * is as far as the server kept it; between two servers they wait. The thread is resumed by each server, unless that would
   * spend: then the log has what `thread/read` says, and goes on when somebody resumes the thread.
   *
   * It ends with the supervisor's `shutdown()` and by `close()`; its readers reject with what `Supervisor.client` rejects with
   * when the supervisor gave up.
   *
   * @throws InvalidArgumentError when an option is bad
   */
  follow(options?: FollowOptions): ThreadLog;
}

/** What a handle stands on. @internal */
export interface HandleParts {
  readonly lives: Lives;
  readonly runs: SupervisedRuns;
  resume(
    threadId: string,
    params: object,
    options: RequestOptions | undefined,
  ): Promise<ThreadResumeResponse>;
}

/** A handle. @internal */
export class LiveSupervisedHandle implements SupervisedThreadHandle {
  readonly id: string;
  readonly #parts: HandleParts;

  constructor(id: string, parts: HandleParts) {
    this.id = id;
    this.#parts = parts;
  }

  run<Output>(turn: FirstTurn<StandardJsonSchema<Output>>, options?: SupervisedRunOptions): TurnRun<Output>;
  run(turn: FirstTurn, options?: SupervisedRunOptions): TurnRun;
  run(turn: FirstTurn, options?: SupervisedRunOptions): TurnRun {
    return this.#parts.runs.turnRun({ ...turnParamsOf(turn), threadId: this.id }, options, 'turn');
  }

  goalRun(goal: ThreadGoalParams = {}, options?: GoalRunOptions): GoalRun {
    const params = isPlainObject(goal) ? { ...goal, threadId: this.id } : goal;
    return this.#parts.runs.goalRun(params, options, 'goal');
  }

  async compact(options: CompactOptions = {}): Promise<TurnResult> {
    return this.#parts.runs.compact(this.id, options);
  }

  async goal(options?: RequestOptions): Promise<ThreadGoal | null> {
    const { peer } = await this.#parts.lives.current();
    return (await peer.call('thread/goal/get', { threadId: this.id }, options)).goal;
  }

  async read(
    params: Omit<ThreadReadParams, 'threadId'> = {},
    options?: RequestOptions,
  ): Promise<ThreadReadResponse> {
    const { peer } = await this.#parts.lives.current();
    return peer.callTyped('thread/read', { ...params, threadId: this.id }, options);
  }

  resume(
    params: Omit<ThreadResumeParams, 'threadId'> = {},
    options?: RequestOptions,
  ): Promise<ThreadResumeResponse> {
    return this.#parts.resume(this.id, params, options);
  }

  follow(options: FollowOptions = {}): ThreadLog {
    return followSupervised(this.#parts.lives, this.id, options);
  }
}
