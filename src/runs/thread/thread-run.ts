/**
 * A thread and its first turn in one. Owns the step from the one to the other; the turn itself is a `TurnRun`.
 */

import type { ThreadStartParams, ThreadStartResponse } from '../../protocol/generated.js';
import type { ServerMessage } from '../../session/messages/server-message.js';
import type { Peer } from '../../session/peer.js';
import { checkKnownKeys, isPlainObject, rejectArgument } from '../../support/argument-checks.js';
import { deferred, markHandled } from '../../support/deferred.js';
import { CodexClientError, ThreadRunError } from '../../support/errors.js';
import { PullStream } from '../../support/pull-stream.js';
import { pointToResult } from '../result-hints.js';
import type { TurnInput } from '../turn/turn-input.js';
import {
  checkTurnRunOptions,
  type TurnRunOptions,
  type TurnRunParams,
  turnStartParamsOf,
} from '../turn/turn-options.js';
import type { TurnQueues } from '../turn/turn-queues.js';
import { RESULT_ONLY, type TurnResult } from '../turn/turn-result.js';
import { startTurnRun, type TurnRun } from '../turn/turn-run.js';
import { TurnText } from '../turn/turn-text.js';
import { startThread } from './thread-start.js';

/** The first turn of a thread: its input, or the params of `turn/start` without `threadId`. */
export type FirstTurn = TurnInput | Omit<TurnRunParams, 'threadId'>;

/** What a thread run is started with. */
export interface ThreadRunParams {
  /** The params of `thread/start`. @defaultValue `{}` */
  readonly thread?: ThreadStartParams | undefined;
  /** The first turn: its input, or the params of `turn/start` without the thread. */
  readonly turn: FirstTurn;
}

/** What a thread run came to. */
export interface ThreadRunResult extends TurnResult {
  /** The whole answer to `thread/start`: the thread, which can be used on, and the settings that it has. */
  readonly thread: ThreadStartResponse;
  /** The thread's id. */
  readonly threadId: string;
}

/** How a thread run is begun. */
interface ThreadBeginning {
  /** @param heard - gets the answer, also one that nobody waits for any more */
  start(heard: (answer: ThreadStartResponse) => void): Promise<ThreadStartResponse>;
  run(threadId: string): TurnRun;
}

/** A thread and its first turn: iterated and controlled like a `TurnRun`. */
export class ThreadRun extends PullStream<ServerMessage> {
  readonly #begun: Promise<TurnRun>;
  readonly #left = deferred<undefined>();
  #thread: ThreadStartResponse | undefined;
  #turn: TurnRun | undefined;

  static {
    pointToResult(ThreadRun.prototype, RESULT_ONLY);
  }

  /** @internal */
  constructor({ start, run }: ThreadBeginning) {
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

  /**
   * The whole answer to `thread/start`; undefined until it came. It may also come after the run was aborted or left, and
   * then names a thread that has no turn of this run.
   */
  get thread(): ThreadStartResponse | undefined {
    return this.#thread;
  }

  /** The thread's id; undefined until the server has named it. */
  get threadId(): string | undefined {
    return this.#thread?.thread.id;
  }

  /** The turn's id; undefined until the server has named it. */
  get turnId(): string | undefined {
    return this.#turn?.turnId;
  }

  /**
   * Settles with both ids as soon as the server has named the turn.
   *
   * @throws what {@link ThreadRun.result} does, when the run ends before that
   */
  async started(): Promise<{ readonly threadId: string; readonly turnId: string }> {
    const turn = await this.#begun;
    return this.#withThread(turn.started());
  }

  /**
   * What the turn came to, with the thread; see `TurnRun.result`.
   *
   * @throws ThreadRunError when the thread was started and the turn did not succeed; `cause` says why
   * @throws RpcError when the server refused `thread/start`
   */
  async result(): Promise<ThreadRunResult> {
    const turn = await this.#begun;
    const result = await this.#withThread(turn.result());
    // The thread was there before the turn.
    return { ...result, thread: this.#thread as ThreadStartResponse, threadId: turn.threadId };
  }

  /** The agent's text, piece by piece; see `TurnRun.text`. @throws at its end what `TurnRun.result` does */
  text(): TurnText {
    let source = this.#turn?.readAsText();
    const begun = this.#begun.then((turn) => {
      source ??= turn.readAsText();
    });
    markHandled(begun);
    const run = this;
    return new TurnText({
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
      result: () => run.result(),
      attend: (message) => source?.attend(message),
    });
  }

  /** Adds input to the running turn; see `TurnRun.steer`. @throws what that does, or the error of `thread/start` */
  async steer(input: TurnInput): Promise<{ readonly turnId: string }> {
    return (await this.#begun).steer(input);
  }

  /** Interrupts the turn; see `TurnRun.interrupt`. @throws what that does, or the error of `thread/start` */
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
export function startThreadRun(
  peer: Peer,
  queues: TurnQueues,
  params: ThreadRunParams,
  options: TurnRunOptions = {},
): ThreadRun {
  checkKnownKeys('params', params, ['thread', 'turn']);
  if (params.thread !== undefined && !isPlainObject(params.thread))
    rejectArgument('params.thread', params.thread, 'an object: the params of thread/start');
  checkTurnRunOptions(options, peer.serverVersion);
  const turn = turnParamsOf(params.turn);
  const turnParams = turnStartParamsOf(
    { ...turn, threadId: 'not known yet' },
    peer.serverVersion,
    'params.turn',
  );
  // The thread is new: its turn follows at once, so nothing that it needs can come into being before it.
  peer.checkParams('turn/start', turnParams, { argument: 'params.turn' });
  peer.checkParams('thread/start', params.thread, { argument: 'params.thread' });
  const { signal, timeoutMs = 0, startTimeoutMs } = options;
  const deadline = performance.now() + timeoutMs;
  return new ThreadRun({
    start: (heard) => startThread(peer, params.thread ?? {}, { signal, timeoutMs, startTimeoutMs }, heard),
    run: (threadId) => {
      // The limit is the whole run's: the turn gets what is left of it.
      const leftMs = timeoutMs === 0 ? 0 : Math.max(1, Math.ceil(deadline - performance.now()));
      return startTurnRun(peer, queues, { ...turn, threadId }, { ...options, timeoutMs: leftMs });
    },
  });
}

/** The first turn as params, whichever way it was given. */
export function turnParamsOf(turn: FirstTurn): Omit<TurnRunParams, 'threadId'> {
  // An object with an input is params; one without is neither, and is told what it lacks.
  return isPlainObject(turn) ? (turn as Omit<TurnRunParams, 'threadId'>) : { input: turn as TurnInput };
}
