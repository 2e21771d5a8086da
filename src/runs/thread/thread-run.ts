/**
 * A thread and its first turn in one. Owns the step from the one to the other; the turn itself is a `TurnRun`.
 */

import type { Thread, ThreadStartParams } from '../../protocol/generated.js';
import type { Peer } from '../../session/peer.js';
import type { ServerMessage } from '../../session/server-message.js';
import { checkKnownKeys, isPlainObject, rejectArgument } from '../../support/argument-checks.js';
import { markHandled } from '../../support/deferred.js';
import { CodexClientError, ThreadRunError } from '../../support/errors.js';
import type { TurnInput } from '../turn/turn-input.js';
import {
  checkTurnRunOptions,
  type TurnRunOptions,
  type TurnRunParams,
  turnStartParamsOf,
} from '../turn/turn-options.js';
import type { TurnLines } from '../turn/turn-queues.js';
import type { TurnResult } from '../turn/turn-record.js';
import { startTurnRun, type TurnRun } from '../turn/turn-run.js';

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
export class ThreadRun
  implements AsyncIterableIterator<ServerMessage, undefined, undefined>, AsyncDisposable
{
  readonly #begun: Promise<TurnRun>;
  #thread: Thread | undefined;
  #turn: TurnRun | undefined;
  #isLeft = false;

  /** @internal */
  constructor(begin: (ready: (thread: Thread) => boolean) => Promise<TurnRun>) {
    this.#begun = begin((thread) => {
      this.#thread = thread;
      return !this.#isLeft;
    }).then((turn) => {
      this.#turn = turn;
      // Left in the moment between.
      if (this.#isLeft) turn.return();
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

  /** The next message of the turn. @throws what {@link TurnRun.next} does, or the error of `thread/start` */
  async next(): Promise<IteratorResult<ServerMessage, undefined>> {
    try {
      return await (this.#turn ?? (await this.#begun)).next();
    } catch (error) {
      if (!this.#isLeft) throw error;
      return { done: true, value: undefined };
    }
  }

  /** Leaves the turn, as {@link TurnRun.return}; the thread stays. Never rejects. */
  async return(): Promise<IteratorResult<ServerMessage, undefined>> {
    this.#isLeft = true;
    await this.#turn?.return();
    return { done: true, value: undefined };
  }

  /** Leaves the turn, for `await using`; never rejects. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /**
   * What the turn came to, with the thread; see {@link TurnRun.result}.
   *
   * @throws {@link ThreadRunError} when the thread was started and the turn did not succeed; `cause` says why
   * @throws {@link RpcError} when the server refused `thread/start`
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
  async *text(): AsyncGenerator<string, void, undefined> {
    yield* (await this.#begun).text();
  }

  /** Adds input to the running turn; see {@link TurnRun.steer}. @throws what that does, or the error of `thread/start` */
  async steer(input: TurnInput): Promise<{ readonly turnId: string }> {
    return (await this.#begun).steer(input);
  }

  /** Interrupts the turn; see {@link TurnRun.interrupt}. @throws what that does, or the error of `thread/start` */
  async interrupt(): Promise<void> {
    await (await this.#begun).interrupt();
  }
}

/**
 * Starts a thread and its first turn.
 * @throws {@link InvalidArgumentError} when params or options are bad; nothing was sent
 * @internal
 */
export function startThreadRun(
  peer: Peer,
  lines: TurnLines,
  params: ThreadRunParams,
  options: TurnRunOptions = {},
): ThreadRun {
  checkKnownKeys('params', params, ['thread', 'turn']);
  if (params.thread !== undefined && !isPlainObject(params.thread))
    rejectArgument('params.thread', params.thread, 'an object: the params of thread/start');
  checkTurnRunOptions(options);
  const turn = turnParamsOf(params.turn);
  turnStartParamsOf({ ...turn, threadId: 'not known yet' });
  return new ThreadRun(async (ready) => {
    const { signal, timeoutMs } = options;
    const { thread } = await peer.request('thread/start', params.thread ?? {}, { signal, timeoutMs });
    if (!ready(thread)) throw new DOMException('the run was left before its turn was started', 'AbortError');
    return startTurnRun(peer, lines, { ...turn, threadId: thread.id }, options);
  });
}

/** The first turn as params, whichever way it was given. */
export function turnParamsOf(turn: FirstTurn): Omit<TurnRunParams, 'threadId'> {
  return isPlainObject(turn) && 'input' in turn
    ? (turn as Omit<TurnRunParams, 'threadId'>)
    : { input: turn as TurnInput };
}
