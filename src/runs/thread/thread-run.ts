/**
 * A thread and its first turn in one. Owns the step from the one to the other; the turn itself is a `TurnRun`.
 */

import type { ThreadStartParams, ThreadStartResponse } from '../../protocol/generated.js';
import type { OutputSchema } from '../../schemas/output-schema.js';
import type { Peer } from '../../session/peer.js';
import { checkKnownKeys, isPlainObject, rejectArgument } from '../../support/argument-checks.js';
import { CodexClientError } from '../../support/errors.js';
import { firstTurnFailed } from '../../support/thread-errors.js';
import { type Tools, toolSetOf } from '../../tools/tools.js';
import { checkUsageTold } from '../turn/budget.js';
import { DeferredRun } from '../turn/deferred-run.js';
import { checkQueuedRun } from '../turn/queued-params.js';
import type { Run } from '../turn/run.js';
import { RunSequence } from '../turn/run-sequence.js';
import type { TurnInput } from '../turn/turn-input.js';
import {
  checkTurnRunOptions,
  type PreparedTurn,
  preparedTurn,
  type TurnRunOptions,
  type TurnRunParams,
} from '../turn/turn-options.js';
import type { TurnQueues } from '../turn/turn-queues.js';
import type { TurnResult } from '../turn/turn-result.js';
import { type LiveTurnRun, runPrepared } from '../turn/turn-run.js';
import { startThread, type ThreadStartHearer } from './thread-start.js';

/**
 * The first turn of a thread: its input, or the params of `turn/start` without `threadId`. With a `Schema` of its own it is
 * the params that have one.
 */
export type FirstTurn<Schema extends OutputSchema = OutputSchema> =
  | (OutputSchema extends Schema ? TurnInput : never)
  | Omit<TurnRunParams<Schema>, 'threadId'>;

/** The params of `thread/start`, with tools in the place of their specs. */
export interface NewThread extends ThreadStartParams {
  /**
   * The tools that the model may call: what `defineTools` made, in the place of `dynamicTools`. The client has to be started with
   * `experimentalApi: true`. Read their calls with `AsyncClient.toolCalls`, opened before or beside the run.
   * @defaultValue none
   */
  readonly tools?: Pick<Tools, 'specs'> | undefined;
}

/** What a thread run is started with. */
export interface ThreadRunParams<Schema extends OutputSchema = OutputSchema> {
  /** The params of `thread/start`. @defaultValue `{}` */
  readonly thread?: NewThread | undefined;
  /** The first turn: its input, or the params of `turn/start` without the thread. */
  readonly turn: FirstTurn<Schema>;
}

/** What a thread run came to. */
export type ThreadRunResult<Output = unknown> = TurnResult<Output> & StartedThread;

/** The thread of a thread run. */
export interface StartedThread {
  /** The whole answer to `thread/start`: the thread, which can be used on, and the settings that it has. */
  readonly thread: ThreadStartResponse;
  /** The thread's id. */
  readonly threadId: string;
}

/** How a thread run is begun. */
interface ThreadBeginning<Output> {
  /** @param hearer - gets the answer, also one that nobody waits for any more */
  start(hearer: ThreadStartHearer): Promise<ThreadStartResponse>;
  run(threadId: string): LiveTurnRun<Output>;
}

/** A thread and its first turn: iterated and controlled like a `TurnRun`. */
export interface ThreadRun<Output = unknown> extends Run<Output> {
  /**
   * The whole answer to `thread/start`; undefined until it came. It may also come after the run was aborted or left, and
   * then names a thread that has no turn of this run.
   */
  readonly thread: ThreadStartResponse | undefined;

  /**
   * What the turn came to, with the thread; see {@link Run.result}.
   *
   * @throws ThreadRunError when the thread was started and the turn did not succeed; `cause` says why
   * @throws RpcError when the server refused `thread/start`
   */
  result(): Promise<ThreadRunResult<Output>>;

  /** Adds input to the running turn; see {@link Run.steer}. @throws what that does, or the error of `thread/start` */
  steer(input: TurnInput): Promise<{ readonly turnId: string }>;

  /** Interrupts the turn; see {@link Run.interrupt}. @throws what that does, or the error of `thread/start` */
  interrupt(): Promise<void>;
}

/** A thread and its first turn at a server. @internal */
export class LiveThreadRun<Output>
  extends DeferredRun<TurnResult<Output>, LiveTurnRun<Output>>
  implements ThreadRun<Output>, ThreadStartHearer
{
  readonly #turns: RunSequence<LiveTurnRun<Output>>;
  readonly #outcome: Promise<void>;
  #thread: ThreadStartResponse | undefined;
  #isLeft = false;
  #wasSent = false;

  /** @internal */
  constructor(beginning: ThreadBeginning<Output>) {
    const turns = new RunSequence<LiveTurnRun<Output>>();
    super(turns);
    this.#turns = turns;
    this.#outcome = this.#begin(beginning);
    this.#outcome.catch((error: unknown) => turns.end(error));
  }

  /** Settles when its turn has ended, or rejects with what ended the run, whoever reads. @internal */
  get outcome(): Promise<void> {
    return this.#outcome;
  }

  /** The server may have been asked for the thread; false says for sure that it was not. @internal */
  get wasSent(): boolean {
    return this.#wasSent;
  }

  get thread(): ThreadStartResponse | undefined {
    return this.#thread;
  }

  get threadId(): string | undefined {
    return this.#thread?.thread.id;
  }

  get turnId(): string | undefined {
    return this.#turns.current?.turnId;
  }

  override async result(): Promise<ThreadRunResult<Output>> {
    const result = await super.result();
    // The thread was there before the turn.
    const thread = this.#thread as ThreadStartResponse;
    return { ...result, thread, threadId: thread.thread.id };
  }

  /** @internal */
  heard(answer: ThreadStartResponse): void {
    this.#thread = answer;
  }

  /** @internal */
  sent(isSent: boolean): void {
    this.#wasSent = isSent;
  }

  /** @internal */
  protected override left(): void {
    this.#isLeft = true;
  }

  /** What fails now fails after the thread was started, which its error says. @internal */
  protected override explained(cause: unknown): unknown {
    const answer = this.#thread;
    if (answer === undefined || !(cause instanceof CodexClientError)) return cause;
    return firstTurnFailed(answer, cause);
  }

  /** Rejects with what ended the run. */
  async #begin({ start, run }: ThreadBeginning<Output>): Promise<void> {
    const { thread } = await start(this);
    if (this.#isLeft) throw new DOMException('the run was left before its turn was started', 'AbortError');
    const turn = run(thread.id);
    this.#turns.begin(turn);
    await turn.turn.outcome;
  }
}

/** A thread run as it was asked for, checked. @internal */
export interface CheckedThreadRun<Output> {
  readonly thread: ThreadStartParams;
  /** The first turn; its thread has no name yet. */
  readonly first: PreparedTurn<Output>;
  readonly options: TurnRunOptions;
}

/**
 * Starts a thread and its first turn.
 * @throws InvalidArgumentError when params or options are bad; nothing was sent
 * @internal
 */
export function startThreadRun<Output>(
  peer: Peer,
  queues: TurnQueues,
  params: ThreadRunParams,
  options: TurnRunOptions = {},
): ThreadRun<Output> {
  return beginThreadRun(peer, queues, checkedThreadRun<Output>(peer, params, options));
}

/**
 * Checks what a thread run is asked for.
 * @param peer - the server; while it is not known, what depends on it is checked when it is sent
 * @throws InvalidArgumentError when params or options are bad
 * @internal
 */
export function checkedThreadRun<Output>(
  peer: Peer | undefined,
  params: ThreadRunParams,
  options: TurnRunOptions,
): CheckedThreadRun<Output> {
  checkKnownKeys('params', params, ['thread', 'turn']);
  const thread = newThreadOf(params.thread ?? {});
  checkTurnRunOptions(options, peer?.serverVersion);
  peer?.checkHeldOptions(options);
  const turn = { ...turnParamsOf(params.turn), threadId: 'not known yet' };
  const first = preparedTurn<Output>(turn, peer?.serverVersion, 'params.turn');
  // The thread is new: its turn follows at once, so nothing that it needs can come into being before it.
  peer?.checkParams('turn/start', first.params, { argument: 'params.turn' });
  checkQueuedRun(peer, first.params, options, 'params.turn');
  const givenAs = params.thread?.tools === undefined ? {} : { dynamicTools: 'tools' };
  peer?.checkParams('thread/start', thread, { argument: 'params.thread', more: ['tools'], givenAs });
  return { thread, first, options };
}

/** The params of `thread/start`. @throws InvalidArgumentError */
function newThreadOf(asked: NewThread): ThreadStartParams {
  if (!isPlainObject(asked)) rejectArgument('params.thread', asked, 'an object: the params of thread/start');
  const { tools, ...thread }: NewThread = asked;
  if (tools === undefined) return thread;
  const { specs } = toolSetOf('params.thread.tools', tools);
  if (thread.dynamicTools === undefined) return { ...thread, dynamicTools: specs };
  return rejectArgument('params.thread.dynamicTools', thread.dynamicTools, 'none beside params.thread.tools');
}

/**
 * Starts a thread and its first turn as they were checked.
 * @throws InvalidArgumentError when the server was asked not to tell what the budget needs; nothing was sent
 * @internal
 */
export function beginThreadRun<Output>(
  peer: Peer,
  queues: TurnQueues,
  { thread, first, options }: CheckedThreadRun<Output>,
): LiveThreadRun<Output> {
  checkUsageTold(peer, options.budget);
  const { signal, timeoutMs = 0, startTimeoutMs } = options;
  const deadline = performance.now() + timeoutMs;
  return new LiveThreadRun({
    start: (hearer) => startThread(peer, thread, { signal, timeoutMs, startTimeoutMs }, hearer),
    run: (threadId) => {
      // The limit is the whole run's: the turn gets what is left of it.
      const leftMs = timeoutMs === 0 ? 0 : Math.max(1, Math.ceil(deadline - performance.now()));
      const prepared = { ...first, params: { ...first.params, threadId } };
      return runPrepared(peer, queues, prepared, { ...options, timeoutMs: leftMs });
    },
  });
}

/** The first turn as params, whichever way it was given. @internal */
export function turnParamsOf(turn: FirstTurn): Omit<TurnRunParams, 'threadId'> {
  // An object with an input is params; one without is neither, and is told what it lacks.
  return isPlainObject(turn) ? (turn as Omit<TurnRunParams, 'threadId'>) : { input: turn as TurnInput };
}
