/**
 * A supervisor in the user's hands: the client that lives, runs and logs that outlive it, and what a restart lost. It puts the
 * parts together and leaves the work to them.
 */
import type { AsyncClient } from '../client/async-client.js';
import type { ShutdownOptions } from '../client/conversation-types.js';
import type { ThreadResumeParams, ThreadResumeResponse } from '../protocol/generated.js';
import type { GoalRunOptions, GoalRunParams } from '../runs/goal/goal-options.js';
import type { GoalRun } from '../runs/goal/goal-run.js';
import { type ThreadOptions, type ThreadReference, threadIdOf } from '../runs/thread/thread-handle.js';
import type { ThreadRun, ThreadRunParams } from '../runs/thread/thread-run.js';
import type { TurnRun } from '../runs/turn/run.js';
import type { TurnRunOptions, TurnRunParams } from '../runs/turn/turn-options.js';
import type { StandardJsonSchema } from '../schemas/output-schema.js';
import type { RequestOptions } from '../session/requests/request-options.js';
import { checkKnownKeys, checkRequiredText, checkTimeLimit } from '../support/argument-checks.js';
import type { ToolCall } from '../tools/tool-call.js';
import type { ToolCallOptions, ToolCalls } from '../tools/tool-calls.js';
import type { Tools } from '../tools/tools.js';
import type { HealthTimes } from './health-watch.js';
import type { Opened } from './life.js';
import { Lifeline } from './lifeline.js';
import { QueuedKeys } from './queued-keys.js';
import { RequestKeys } from './request-keys.js';
import { type RestartLimits, RestartWindow } from './restart-window.js';
import { RestartLog, type Restarts } from './restarts.js';
import { LiveSupervisedHandle, type SupervisedThreadHandle } from './supervised-handle.js';
import { type SupervisedRunOptions, SupervisedRuns } from './supervised-runs.js';
import { supervisedToolCalls } from './supervised-tool-calls.js';
import type { SupervisorStats } from './supervisor-stats.js';
import { ThreadAnswers } from './thread-answers.js';

/** How servers come to be, and how long that is tried. @internal */
export interface SupervisorParts {
  open(signal: AbortSignal): Promise<Opened>;
  readonly areConnections: boolean;
  readonly restart: RestartLimits;
  readonly healthCheck: HealthTimes | undefined;
}

/**
 * A client that outlives its server: when that ends, however it does, the next one is started, or connected to, and work goes
 * on there. Make one with `AsyncClient.supervise`.
 */
export class Supervisor implements AsyncDisposable {
  readonly #restarts = new RestartLog();
  readonly #lives: Lifeline;
  readonly #keys = new RequestKeys();
  readonly #answers = new ThreadAnswers();
  readonly #queuedKeys = new QueuedKeys();
  readonly #runs: SupervisedRuns;

  /** @internal */
  constructor({ open, areConnections, restart, healthCheck }: SupervisorParts) {
    this.#lives = new Lifeline({
      open,
      areConnections,
      healthCheck,
      window: new RestartWindow(restart),
      restarts: this.#restarts,
      keys: this.#keys,
      answers: this.#answers,
      queuedKeys: this.#queuedKeys,
    });
    this.#runs = new SupervisedRuns(this.#lives, this.#queuedKeys);
  }

  /**
   * The client that lives; waits for the next one while there is none. It is one server's: its streams, its standing answers
   * and its requests end with that, so ask for it again when they have. Its `shutdown()` ends that server, and the next one
   * is started.
   *
   * @throws ServerClosedError when the supervisor has given up, with the last failure as its `cause`, or was shut down
   * @throws SpawnError when the first server could not be started: codex was not found
   * @throws UnsupportedServerError when the first server is too old
   * @throws InvalidArgumentError when the first server could not be started for an option, such as a folder that is gone by now
   * @throws ConnectionError when the first connection was refused for its token (401, 403)
   */
  async client(): Promise<AsyncClient> {
    return (await this.#lives.current()).client;
  }

  /**
   * Runs one turn on whichever server lives, in the line of its thread; see `AsyncClient.turnRun`. The thread is resumed first
   * where the server has not seen it, unless that would spend. A run that was not sent when its server ended goes on with the
   * next one. One that was sent rejects with `ServerClosedError`, whose `result` is what had come (with `ProtocolError` where
   * the server wrote what is no message); it is not sent again. With
   * an `idempotencyKey` it settles with its turn instead, whatever became of it.
   *
   * Who reads a run with a key and was handed something when its server ended gets that error in place, because what comes then
   * does not join on; `result()` is not affected, and another loop or `snapshots()` has what comes from then on, another `text()`
   * all of the text that is known. Who was handed nothing yet just goes on.
   *
   * What the run rejects with besides: `ResumeWouldSpendError`, `ThreadBusyElsewhereError`, and what {@link Supervisor.client}
   * rejects with.
   *
   * @throws InvalidArgumentError when params or options are bad; nothing was sent
   */
  turnRun<Output>(
    params: TurnRunParams<StandardJsonSchema<Output>>,
    options?: SupervisedRunOptions,
  ): TurnRun<Output>;
  /**
   * Runs one turn, without a schema, with a JSON Schema, or with a schema that may be missing: the output of its result is
   * `unknown`.
   *
   * @throws InvalidArgumentError when params or options are bad; nothing was sent
   */
  turnRun(params: TurnRunParams, options?: SupervisedRunOptions): TurnRun;
  turnRun(params: TurnRunParams, options?: SupervisedRunOptions): TurnRun {
    return this.#runs.turnRun(params, options);
  }

  /**
   * Starts a thread on whichever server lives, and runs its first turn; see `AsyncClient.threadRun`. It waits for a server; one
   * that ends after `thread/start` was sent rejects the run. It takes no key: there is no thread to look through.
   *
   * @throws InvalidArgumentError when params or options are bad; nothing was sent
   */
  threadRun<Output>(
    params: ThreadRunParams<StandardJsonSchema<Output>>,
    options?: TurnRunOptions,
  ): ThreadRun<Output>;
  /**
   * Starts a thread and runs its first turn, without a schema, with a JSON Schema, or with a schema that may be missing: the
   * output is `unknown`.
   *
   * @throws InvalidArgumentError when params or options are bad; nothing was sent
   */
  threadRun(params: ThreadRunParams, options?: TurnRunOptions): ThreadRun;
  threadRun(params: ThreadRunParams, options?: TurnRunOptions): ThreadRun {
    return this.#runs.threadRun(params, options);
  }

  /**
   * Runs a goal on whichever server lives, in the line of its thread; see `AsyncClient.goalRun`. When its server ends while the
   * goal is active, the run is the consent to go on: the next server pauses the goal, resumes the thread, and lets the goal go
   * on, as the same run. The turn that the end cut off is among `turns` with status `inProgress`; `events` are those of the last
   * server. Who was handed something when the server ended gets a `ServerClosedError` in place, and another loop has what comes
   * from then on; `result()` is not affected.
   *
   * It rejects with that error where the goal does not go on: it was paused, is over by then, or was changed by another; or
   * whether it was set is not known. What it rejects with besides: `ResumeWouldSpendError` (for what waits in the thread's
   * queue), `ThreadBusyElsewhereError`, and what {@link Supervisor.client} rejects with.
   *
   * @throws InvalidArgumentError when params or options are bad; nothing was sent
   */
  goalRun(params: GoalRunParams, options?: GoalRunOptions): GoalRun {
    return this.#runs.goalRun(params, options);
  }

  /**
   * A handle on a thread, whichever server has it. Sends nothing.
   *
   * `options.standingAnswers` are for whatever is asked on the thread from now on, on this server and on those that follow;
   * without the option nothing changes.
   *
   * @throws InvalidArgumentError when it names no thread, or an option is bad
   */
  thread(thread: ThreadReference, options: ThreadOptions = {}): SupervisedThreadHandle {
    const threadId = threadIdOf(thread);
    checkKnownKeys('options', options, ['standingAnswers']);
    const { standingAnswers } = options;
    if (standingAnswers !== undefined) this.#answers.set(threadId, standingAnswers, this.#lives.living?.peer);
    return new LiveSupervisedHandle(threadId, {
      lives: this.#lives,
      runs: this.#runs,
      resume: (id, params, request) => this.resume(id, params, request),
    });
  }

  /**
   * The calls of tools that `defineTools` made, by whichever server lives; see `AsyncClient.toolCalls`. The loop goes on with the
   * next server. The signal of a call whose server has ended fires, and nobody waits for its answer. It ends with `shutdown()`,
   * and throws what {@link Supervisor.client} rejects with once there are no more servers.
   *
   * @throws InvalidArgumentError when the tools are none of `defineTools`, or an option is bad
   */
  toolCalls<Call extends ToolCall>(tools: Tools<Call>, options?: ToolCallOptions): ToolCalls<Call> {
    return supervisedToolCalls(this.#lives, tools, options);
  }

  /**
   * Resumes a thread on the server that lives, also one that then starts turns by itself: the consent to what an active goal
   * or queued turns will spend. It holds for this server; after a restart it is asked for anew.
   *
   * @param params - more params of `thread/resume`
   * @throws InvalidArgumentError when an argument is bad; nothing was sent
   * @throws ThreadBusyElsewhereError when another server process has the thread
   * @throws RpcError when the server refused, as it does for a thread that it does not know
   * @throws ServerClosedError when the server went meanwhile, or none comes any more
   */
  async resume(
    threadId: string,
    params: Omit<ThreadResumeParams, 'threadId'> = {},
    options?: RequestOptions,
  ): Promise<ThreadResumeResponse> {
    checkRequiredText('threadId', threadId);
    const { threads } = await this.#lives.current();
    return threads.resume({ ...params, threadId }, options);
  }

  /**
   * Answers a server request by its key, as `ThreadView.requests` has it: of a follower's snapshot, or of a page that was
   * loaded before the last restart. A key of an earlier connection is good as long as the same server asks the same again;
   * otherwise it is stale, whatever else has its id now.
   *
   * @throws StaleRequestError when the request waits for no answer: it was settled, or its server is gone
   * @throws AlreadyRespondedError when it was answered before
   * @throws InvalidArgumentError when the key is none, or the result cannot be JSON; the request can still be answered
   * @throws ServerClosedError when the server went before the answer was written
   */
  async respondByKey(key: string, result: unknown): Promise<void> {
    await this.#keys.respond(this.#lives, key, result);
  }

  /**
   * The restarts, from the first one on (of more than 100 the last 100), in order, each when the next server has begun, of a
   * connection when that has said what it still has: why the last one ended, and what went with it. Read it once for a log; each call reads from the beginning.
   */
  restarts(): Restarts {
    return this.#restarts.read();
  }

  /** Counters: how far the supervisor is, and those of the client that lives. */
  stats(): SupervisorStats {
    const { state, restarts, living } = this.#lives;
    return { state, restarts, client: living?.client.stats() };
  }

  /**
   * Ends the server that lives, of a connection the connection alone, and starts none any more; settles when it is gone.
   * With `drainMs` running turns may end first. Calls reject with `ServerClosedError` from now on, `restarts()` and followed
   * threads end. Idempotent; a later call without `drainMs` ends the wait.
   *
   * @throws InvalidArgumentError when an option is bad; nothing was ended
   */
  async shutdown(options: ShutdownOptions = {}): Promise<void> {
    checkKnownKeys('options', options, ['drainMs']);
    checkTimeLimit('options.drainMs', options.drainMs);
    const ended = this.#lives.shutdown(options.drainMs ?? 0);
    await this.#lives.current().catch((reason: unknown) => this.#runs.refuseWaiting(reason));
    await ended;
  }

  /** {@link Supervisor.shutdown}, for `await using`; never rejects. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown();
  }
}
