/**
 * A thread and its first turn in one. Owns the step from the one to the other; the turn itself is a `TurnRun`.
 */

import type { ThreadStartParams, ThreadStartResponse } from '../../protocol/generated.js';
import type { OutputSchema } from '../../schemas/output-schema.js';
import type { ServerMessage, ServerRequest } from '../../session/messages/server-message.js';
import type { Peer } from '../../session/peer.js';
import { checkKnownKeys, isPlainObject, rejectArgument } from '../../support/argument-checks.js';
import { deferred, markHandled } from '../../support/deferred.js';
import { CodexClientError } from '../../support/errors.js';
import { PullStream } from '../../support/pull-stream.js';
import { ThreadRunError } from '../../support/thread-errors.js';
import { pointToResult } from '../result-hints.js';
import type { Run } from '../turn/run.js';
import { LiveRunSnapshots, type RunSnapshots } from '../turn/run-snapshots.js';
import type { TurnInput } from '../turn/turn-input.js';
import {
  checkTurnRunOptions,
  preparedTurn,
  type TurnRunOptions,
  type TurnRunParams,
} from '../turn/turn-options.js';
import type { TurnQueues } from '../turn/turn-queues.js';
import { RESULT_ONLY, type TurnResult } from '../turn/turn-result.js';
import { type LiveTurnRun, runPrepared } from '../turn/turn-run.js';
import { LiveTurnText, type TurnText } from '../turn/turn-text.js';
import { startThread } from './thread-start.js';

/**
 * The first turn of a thread: its input, or the params of `turn/start` without `threadId`. With a `Schema` of its own it is
 * the params that have one.
 */
export type FirstTurn<Schema extends OutputSchema = OutputSchema> =
  | (OutputSchema extends Schema ? TurnInput : never)
  | Omit<TurnRunParams<Schema>, 'threadId'>;

/** What a thread run is started with. */
export interface ThreadRunParams<Schema extends OutputSchema = OutputSchema> {
  /** The params of `thread/start`. @defaultValue `{}` */
  readonly thread?: ThreadStartParams | undefined;
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
  /** @param heard - gets the answer, also one that nobody waits for any more */
  start(heard: (answer: ThreadStartResponse) => void): Promise<ThreadStartResponse>;
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

/** A thread and its first turn at a server. */
class LiveThreadRun<Output> extends PullStream<ServerMessage> implements ThreadRun<Output> {
  readonly #begun: Promise<LiveTurnRun<Output>>;
  readonly #left = deferred<undefined>();
  #thread: ThreadStartResponse | undefined;
  #turn: LiveTurnRun<Output> | undefined;

  static {
    pointToResult(LiveThreadRun.prototype, RESULT_ONLY);
  }

  /** @internal */
  constructor({ start, run }: ThreadBeginning<Output>) {
    super();
    const heard = (answer: ThreadStartResponse) => {
      this.#thread = answer;
    };
    this.#begun = start(heard).then(({ thread }) => {
      if (this.isLeft) throw new DOMException('the run was left before its turn was started', 'AbortError');
      this.#turn = run(thread.id);
      return this.#turn;
    });
    markHandled(this.#begun);
  }

  get thread(): ThreadStartResponse | undefined {
    return this.#thread;
  }

  get threadId(): string | undefined {
    return this.#thread?.thread.id;
  }

  get turnId(): string | undefined {
    return this.#turn?.turnId;
  }

  async started(): Promise<{ readonly threadId: string; readonly turnId: string }> {
    const turn = await this.#begun;
    return this.#withThread(turn.started());
  }

  async result(): Promise<ThreadRunResult<Output>> {
    const turn = await this.#begun;
    const result = await this.#withThread(turn.result());
    // The thread was there before the turn.
    return { ...result, thread: this.#thread as ThreadStartResponse, threadId: turn.threadId };
  }

  text(): TurnText {
    let source = this.#turn?.readAsText();
    const begun = this.#begun.then((turn) => {
      source ??= turn.readAsText();
      return source;
    });
    markHandled(begun);
    const run = this;
    return new LiveTurnText({
      get threadId() {
        return run.threadId;
      },
      heard: () => source?.heard(),
      takeNow: () => source?.takeNow(),
      take: async () => {
        if (source === undefined) await Promise.race([begun, run.#left.promise]);
        return source?.take();
      },
      return: () => run.return(),
      result: async () => {
        const { result } = await begun;
        return run.#withThread(result());
      },
      attend: (message) => source?.attend(message),
    });
  }

  snapshots(): RunSnapshots {
    return new LiveRunSnapshots(this);
  }

  /** @internal */
  unshown(request: ServerRequest): void {
    this.#turn?.unshown(request);
  }

  async steer(input: TurnInput): Promise<{ readonly turnId: string }> {
    return (await this.#begun).steer(input);
  }

  async interrupt(): Promise<void> {
    await (await this.#begun).interrupt();
  }

  /** @internal */
  protected override async take(): Promise<ServerMessage | undefined> {
    // Whoever leaves does not wait for the answer to `thread/start`.
    const turn = this.#turn ?? (await Promise.race([this.#begun, this.#left.promise]));
    return turn === undefined ? undefined : (await turn.next()).value;
  }

  /** @internal */
  protected override leave(): void {
    this.#left.resolve(undefined);
    this.#turn?.return();
  }

  /** What fails now fails after the thread was started, which its error says. */
  async #withThread<T>(settled: Promise<T>): Promise<T> {
    try {
      return await settled;
    } catch (cause) {
      const answer = this.#thread;
      if (answer === undefined || !(cause instanceof CodexClientError)) throw cause;
      const message = `thread ${answer.thread.id} was started, and its first turn did not succeed: ${cause.message}`;
      throw new ThreadRunError(message, { thread: answer }, { cause });
    }
  }
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
  checkKnownKeys('params', params, ['thread', 'turn']);
  if (params.thread !== undefined && !isPlainObject(params.thread))
    rejectArgument('params.thread', params.thread, 'an object: the params of thread/start');
  checkTurnRunOptions(options, peer.serverVersion);
  peer.checkHeldOptions(options);
  const turn = turnParamsOf(params.turn);
  const first = preparedTurn<Output>(
    { ...turn, threadId: 'not known yet' },
    peer.serverVersion,
    'params.turn',
  );
  // The thread is new: its turn follows at once, so nothing that it needs can come into being before it.
  peer.checkParams('turn/start', first.params, { argument: 'params.turn' });
  peer.checkParams('thread/start', params.thread, { argument: 'params.thread' });
  const { signal, timeoutMs = 0, startTimeoutMs } = options;
  const deadline = performance.now() + timeoutMs;
  return new LiveThreadRun({
    start: (heard) => startThread(peer, params.thread ?? {}, { signal, timeoutMs, startTimeoutMs }, heard),
    run: (threadId) => {
      // The limit is the whole run's: the turn gets what is left of it.
      const leftMs = timeoutMs === 0 ? 0 : Math.max(1, Math.ceil(deadline - performance.now()));
      const prepared = { ...first, params: { ...first.params, threadId } };
      return runPrepared(peer, queues, prepared, { ...options, timeoutMs: leftMs });
    },
  });
}

/** The first turn as params, whichever way it was given. */
export function turnParamsOf(turn: FirstTurn): Omit<TurnRunParams, 'threadId'> {
  // An object with an input is params; one without is neither, and is told what it lacks.
  return isPlainObject(turn) ? (turn as Omit<TurnRunParams, 'threadId'>) : { input: turn as TurnInput };
}
