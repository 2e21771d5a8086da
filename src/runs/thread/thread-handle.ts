/** A small handle for scripts that stay on one thread: the thread's id with the calls that take it. */

import type {
  ThreadArchiveResponse,
  ThreadForkParams,
  ThreadGoal,
  ThreadReadParams,
  ThreadReadResponse,
  ThreadResumeParams,
  ThreadResumeResponse,
  ThreadSetNameResponse,
  ThreadUnarchiveResponse,
} from '../../protocol/generated.js';
import type { StandardJsonSchema } from '../../schemas/output-schema.js';
import { type StandingAnswers, StandingAnswerTable } from '../../session/answers/standing-answers.js';
import type { Peer } from '../../session/peer.js';
import type { RequestOptions } from '../../session/requests/request-options.js';
import type { EventFilter, Filtered } from '../../session/streams/event-filter.js';
import type { EventOptions, EventStream } from '../../session/streams/event-stream.js';
import { checkKnownKeys, isPlainObject, memberOf, rejectArgument } from '../../support/argument-checks.js';
import { type FollowOptions, followThread, type ThreadLog } from '../follow/thread-log.js';
import type { GoalRunOptions, GoalRunParams } from '../goal/goal-options.js';
import { type GoalRun, startGoalRun } from '../goal/goal-run.js';
import { type CompactOptions, compactThread } from '../turn/compact-turn.js';
import type { TurnRun } from '../turn/run.js';
import type { TurnRunOptions } from '../turn/turn-options.js';
import type { TurnQueues } from '../turn/turn-queues.js';
import type { TurnResult } from '../turn/turn-result.js';
import { startTurnRun } from '../turn/turn-run.js';
import { type FirstTurn, turnParamsOf } from './thread-run.js';

/**
 * What names a thread: its id, the thread, the answer to `thread/start`, `thread/resume` or `thread/fork`, or the result
 * of a thread run.
 */
export type ThreadReference =
  | string
  | { readonly id: string }
  | { readonly thread: { readonly id: string } | { readonly thread: { readonly id: string } } };

/** Calls on one thread. It holds no state of the thread's; any number of handles can stand for one thread. */
export interface ThreadHandle {
  /** The thread's id. */
  readonly id: string;

  /**
   * Runs a turn on the thread, after its earlier ones, as `AsyncClient.turnRun` does; the output has the type of its schema.
   * @throws InvalidArgumentError when an argument is bad; nothing was sent
   */
  run<Output>(turn: FirstTurn<StandardJsonSchema<Output>>, options?: TurnRunOptions): TurnRun<Output>;
  /**
   * Runs a turn on the thread, after its earlier ones, as `AsyncClient.turnRun` does; the output is `unknown`.
   * @throws InvalidArgumentError when an argument is bad; nothing was sent
   */
  run(turn: FirstTurn, options?: TurnRunOptions): TurnRun;

  /**
   * Runs a goal on the thread, after its earlier turns, as `AsyncClient.goalRun` does; without an objective the thread's own
   * goal goes on.
   * @throws InvalidArgumentError when an argument is bad; nothing was sent
   */
  goalRun(goal?: ThreadGoalParams, options?: GoalRunOptions): GoalRun;

  /**
   * Compacts the thread's history, after its earlier turns; later turns wait for it. Settles when that is over, with what its
   * turn came to; one that was interrupted elsewhere has that status. Its messages go to no stream.
   *
   * @throws InvalidArgumentError when an option is bad; nothing was sent
   * @throws TurnFailedError when it failed; its `result` has why
   * @throws ThreadBusyError when the thread is busy with an active goal
   * @throws RpcError when the server refused it, for example because it does not have the thread
   * @throws RequestTimeoutError after `timeoutMs`, or when the server did not answer
   * @throws ProtocolError when the server took it, and it never began
   * @throws ServerClosedError when the server went before it was over
   */
  compact(options?: CompactOptions): Promise<TurnResult>;

  /** The thread's goal, or `null`: sends `thread/goal/get`. @throws what `AsyncClient.request` does */
  goal(options?: RequestOptions): Promise<ThreadGoal | null>;

  /** Sends `thread/read`. @throws what `AsyncClient.request` does */
  read(params?: Omit<ThreadReadParams, 'threadId'>, options?: RequestOptions): Promise<ThreadReadResponse>;

  /**
   * Sends `thread/resume`: loads the thread into the server, for example after a restart.
   * @throws what `AsyncClient.request` does
   */
  resume(
    params?: Omit<ThreadResumeParams, 'threadId'>,
    options?: RequestOptions,
  ): Promise<ThreadResumeResponse>;

  /** Sends `thread/fork` and settles with a handle on the new thread. @throws what `AsyncClient.request` does */
  fork(params?: Omit<ThreadForkParams, 'threadId'>, options?: RequestOptions): Promise<ThreadHandle>;

  /** Sends `thread/archive`. @throws what `AsyncClient.request` does */
  archive(options?: RequestOptions): Promise<ThreadArchiveResponse>;

  /** Sends `thread/unarchive`. @throws what `AsyncClient.request` does */
  unarchive(options?: RequestOptions): Promise<ThreadUnarchiveResponse>;

  /** Sends `thread/name/set`. @throws what `AsyncClient.request` does */
  setName(name: string, options?: RequestOptions): Promise<ThreadSetNameResponse>;

  /**
   * The thread's messages, for as long as no run takes them; with a filter those that it lets through. See
   * `AsyncClient.events`.
   *
   * @throws InvalidArgumentError when an argument is bad
   */
  events(): EventStream;
  events<const F extends ThreadFilter>(filter: F, options?: EventOptions): EventStream<Filtered<F>>;

  /**
   * Follows the thread for many readers, such as pages that come, go and come back: they get a snapshot of the thread, and
   * then every message of it, from any place that is still held. It is fed by copies, so it takes nothing from runs and
   * streams; with `answers` it gets what is asked on the thread. Each call makes a log of its own: follow a thread once, and read
   * it many times. It ends with its client, or by `close()`.
   *
   * The server tells a client of threads that it started or resumed, so start or resume it first. It reads the thread
   * (`thread/read`) as soon as it is called, so follow a thread before its turn begins: what the agent has said of a message
   * that is still being written is nowhere on the server. Of an ephemeral thread, and of one without a turn, there is
   * nothing to read, and the log has what comes from then on. When the server does not know the thread reading rejects, and
   * the next read asks once more. When the server has let go of the thread and tells of it again, it is read anew, and readers
   * get a gap and a new snapshot: others may have gone on with it meanwhile.
   *
   * As long as it is open the server's output is read, whoever else reads, so that no reader slows the turn: other
   * streams whose readers lag are cut at their `maxHeldBytes` instead of holding the server back, and when a loop over the
   * main stream lags by `buffer.maxBytes`, calls fail with `BackpressureError` until it has read some.
   *
   * @throws InvalidArgumentError when an option is bad
   */
  follow(options?: FollowOptions): ThreadLog;
}

/** A handle on a thread of a server. */
class LiveThreadHandle implements ThreadHandle {
  readonly id: string;
  readonly #peer: Peer;
  readonly #queues: TurnQueues;

  /** @internal */
  constructor(peer: Peer, queues: TurnQueues, id: string) {
    this.#peer = peer;
    this.#queues = queues;
    this.id = id;
  }

  run<Output>(turn: FirstTurn<StandardJsonSchema<Output>>, options?: TurnRunOptions): TurnRun<Output>;
  run(turn: FirstTurn, options?: TurnRunOptions): TurnRun;
  run(turn: FirstTurn, options?: TurnRunOptions): TurnRun {
    const params = { ...turnParamsOf(turn), threadId: this.id };
    return startTurnRun(this.#peer, this.#queues, params, options, 'turn');
  }

  goalRun(goal: ThreadGoalParams = {}, options?: GoalRunOptions): GoalRun {
    const params = isPlainObject(goal) ? { ...goal, threadId: this.id } : goal;
    return startGoalRun(this.#peer, this.#queues, params, options, 'goal');
  }

  async compact(options: CompactOptions = {}): Promise<TurnResult> {
    return compactThread(this.#peer, this.#queues, this.id, options);
  }

  async goal(options?: RequestOptions): Promise<ThreadGoal | null> {
    return (await this.#peer.call('thread/goal/get', { threadId: this.id }, options)).goal;
  }

  read(
    params: Omit<ThreadReadParams, 'threadId'> = {},
    options?: RequestOptions,
  ): Promise<ThreadReadResponse> {
    return this.#peer.callTyped('thread/read', { ...params, threadId: this.id }, options);
  }

  resume(
    params: Omit<ThreadResumeParams, 'threadId'> = {},
    options?: RequestOptions,
  ): Promise<ThreadResumeResponse> {
    return this.#peer.callTyped('thread/resume', { ...params, threadId: this.id }, options);
  }

  async fork(
    params: Omit<ThreadForkParams, 'threadId'> = {},
    options?: RequestOptions,
  ): Promise<ThreadHandle> {
    const { thread } = await this.#peer.callTyped('thread/fork', { ...params, threadId: this.id }, options);
    return new LiveThreadHandle(this.#peer, this.#queues, thread.id);
  }

  archive(options?: RequestOptions): Promise<ThreadArchiveResponse> {
    return this.#peer.call('thread/archive', { threadId: this.id }, options);
  }

  unarchive(options?: RequestOptions): Promise<ThreadUnarchiveResponse> {
    return this.#peer.call('thread/unarchive', { threadId: this.id }, options);
  }

  setName(name: string, options?: RequestOptions): Promise<ThreadSetNameResponse> {
    return this.#peer.call('thread/name/set', { threadId: this.id, name }, options);
  }

  events(): EventStream;
  events<const F extends ThreadFilter>(filter: F, options?: EventOptions): EventStream<Filtered<F>>;
  events(filter: ThreadFilter = {}, options: EventOptions = {}): EventStream {
    checkKnownKeys('filter', filter, ['kind', 'methods', 'turnId']);
    return this.#peer.events({ ...filter, threadId: this.id }, options);
  }

  follow(options: FollowOptions = {}): ThreadLog {
    return followThread(this.#peer, this.id, options);
  }
}

/** A goal of the thread: its objective and its budget. */
export type ThreadGoalParams = Omit<GoalRunParams, 'threadId'>;

/** What a stream of a thread's messages lets through; all members have to match. */
export type ThreadFilter = Omit<EventFilter, 'threadId'>;

/** Options of `AsyncClient.thread`. */
export interface ThreadOptions {
  /**
   * Answers that are given beforehand to what is asked on the thread; they win over those of the client.
   * @defaultValue those that the thread has
   */
  readonly standingAnswers?: StandingAnswers | undefined;
}

/**
 * Makes a handle.
 * @throws InvalidArgumentError when it names no thread, or an option is bad
 * @internal
 */
export function threadHandle(
  peer: Peer,
  queues: TurnQueues,
  thread: ThreadReference,
  options: ThreadOptions,
): ThreadHandle {
  const threadId = threadIdOf(thread);
  checkKnownKeys('options', options, ['standingAnswers']);
  const { standingAnswers } = options;
  if (standingAnswers !== undefined)
    peer.answers.setThread(threadId, new StandingAnswerTable(standingAnswers, peer.serverVersion));
  return new LiveThreadHandle(peer, queues, threadId);
}

/** @throws InvalidArgumentError when it names no thread @internal */
export function threadIdOf(thread: ThreadReference): string {
  const answer = memberOf(thread, 'thread') ?? thread;
  const named = memberOf(answer, 'thread') ?? answer;
  const id = memberOf(named, 'id') ?? named;
  if (typeof id === 'string' && id !== '') return id;
  rejectArgument('thread', thread, 'the id of a thread, a thread, or an answer or a result that holds one');
}
