/**
 * A thread and its first turn in one. Owns the step from the one to the other; the turn itself is a `TurnRun`.
 */

import type { Thread, ThreadStartParams } from '../../protocol/generated.js';
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
import { RESULT_ONLY, type TurnResult } from '../turn/turn-record.js';
import { startTurnRun, type TurnRun } from '../turn/turn-run.js';
import { TurnText } from '../turn/turn-text.js';

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
  /** The thread, which can be used on. */
  readonly thread: Thread;
}

/** A thread and its first turn: iterated and controlled like a {@link TurnRun}. */
export class ThreadRun extends PullStream<ServerMessage> {
  readonly #begun: Promise<TurnRun>;
  readonly #left = deferred<undefined>();
  #thread: Thread | undefined;
  #turn: TurnRun | undefined;

  static {
    pointToResult(ThreadRun.prototype, RESULT_ONLY);
  }

  /** @internal */
  constructor(begin: (ready: (thread: Thread) => boolean) => Promise<TurnRun>) {
    super();
    this.#begun = begin((thread) => {
      this.#thread = thread;
      return !this.isLeft;
    }).then((turn) => {
      this.#turn = turn;
      // Left in the moment between.
      if (this.isLeft) turn.return();
      return turn;
    });
    markHandled(this.#begun);
  }

  /** The thread; undefined until the server has started it. */
  get thread(): Thread | undefined {
    return this.#thread;
  }

  /** The thread's id; undefined until the server has named it. */
  get threadId(): string | undefined {
    return this.#thread?.id;
  }

  /** The turn's id; undefined until the server has named it. */
  get turnId(): string | undefined {
    return this.#turn?.turnId;
  }

  /**
   * What the turn came to, with the thread; see {@link TurnRun.result}.
   *
   * @throws ThreadRunError when the thread was started and the turn did not succeed; `cause` says why
   * @throws RpcError when the server refused `thread/start`
   */
  async result(): Promise<ThreadRunResult> {
    const turn = await this.#begun;
    const thread = this.#thread;
    try {
      const result = await turn.result();
      // The thread was there before the turn.
      return { ...result, thread: thread as Thread };
    } catch (cause) {
      if (thread === undefined || !(cause instanceof CodexClientError)) throw cause;
      const message = `thread ${thread.id} was started, and its first turn did not succeed: ${cause.message}`;
      throw new ThreadRunError(message, { thread }, { cause });
    }
  }

  /** The agent's text, piece by piece; see {@link TurnRun.text}. @throws at its end what {@link TurnRun.result} does */
  text(): TurnText {
    const source = this.#begun.then((turn) => turn.readAsText());
    markHandled(source);
    const run = this;
    return new TurnText({
      get threadId() {
        return run.threadId;
      },
      next: async () => {
        if (run.#turn === undefined) await Promise.race([source, run.#left.promise]);
        return run.next();
      },
      return: () => run.return(),
      result: () => run.result(),
      deny: (request) => markHandled(source.then((turn) => turn.deny(request))),
      noteError: (message) => markHandled(source.then((turn) => turn.noteError(message))),
    });
  }

  /** Adds input to the running turn; see {@link TurnRun.steer}. @throws what that does, or the error of `thread/start` */
  async steer(input: TurnInput): Promise<{ readonly turnId: string }> {
    return (await this.#begun).steer(input);
  }

  /** Interrupts the turn; see {@link TurnRun.interrupt}. @throws what that does, or the error of `thread/start` */
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
  checkTurnRunOptions(options);
  const turn = turnParamsOf(params.turn);
  const turnParams = turnStartParamsOf(
    { ...turn, threadId: 'not known yet' },
    peer.serverVersion,
    'params.turn',
  );
  // The thread is new: its turn follows at once, so nothing that it needs can come into being before it.
  peer.checkParams('turn/start', turnParams, { argument: 'params.turn' });
  peer.checkParams('thread/start', params.thread, { argument: 'params.thread' });
  return new ThreadRun(async (ready) => {
    const { signal, timeoutMs = 0, startTimeoutMs } = options;
    const deadline = performance.now() + timeoutMs;
    const limits = { signal, timeoutMs: timeoutMs === 0 ? startTimeoutMs : timeoutMs };
    const { thread } = await peer.call('thread/start', params.thread ?? {}, limits);
    if (!ready(thread)) throw new DOMException('the run was left before its turn was started', 'AbortError');
    // The limit is the whole run's: the turn gets what is left of it.
    const leftMs = timeoutMs === 0 ? 0 : Math.max(1, Math.ceil(deadline - performance.now()));
    return startTurnRun(peer, queues, { ...turn, threadId: thread.id }, { ...options, timeoutMs: leftMs });
  });
}

/** The first turn as params, whichever way it was given. */
export function turnParamsOf(turn: FirstTurn): Omit<TurnRunParams, 'threadId'> {
  // An object with an input is params; one without is neither, and is told what it lacks.
  return isPlainObject(turn) ? (turn as Omit<TurnRunParams, 'threadId'>) : { input: turn as TurnInput };
}
