/** What every run of a turn is to its user, however the turn came to be: types alone. */
import type { ServerMessage } from '../../session/messages/server-message.js';
import type { PulledStream } from '../../support/pull-stream.js';
import type { RunSnapshots } from './run-snapshots.js';
import type { TurnInput } from './turn-input.js';
import type { TurnResult } from './turn-result.js';
import type { TurnText } from './turn-text.js';

/**
 * A turn that runs: an async iterable of its messages, with its result and its controls. {@link TurnRun} and
 * `ThreadRun` are such, so a helper that is written against it works with both:
 * `async function print(run: Run) { for await (const piece of run.text()) process.stdout.write(piece); }`
 */
export interface Run<Output = unknown> extends PulledStream<ServerMessage> {
  /** The id of the thread it runs on; undefined until the server has named it. */
  readonly threadId: string | undefined;

  /** The turn's id; undefined until the server has named it. */
  readonly turnId: string | undefined;

  /**
   * Settles with both ids as soon as the server has named the turn; the turn may be over by then.
   *
   * @throws what {@link Run.result} does, when the run ends before that
   */
  started(): Promise<{ readonly threadId: string; readonly turnId: string }>;

  /**
   * What the turn came to; works after, instead of, or beside iteration. While nobody iterates it reads the messages
   * itself, and server requests of the turn, of its sub-agents and of no thread that neither a standing answer nor another
   * open stream takes are denied, but for a turn that was joined or adopted. An interrupted turn resolves with that status.
   * A schema that takes its time to check the output is waited for, without a limit.
   *
   * @throws OutputMismatchError when the turn completed, and its final message is not what `outputSchema` asks for
   * @throws TurnFailedError when the turn failed, or nobody is logged in (at the first 401, unless a loop reads the run)
   * @throws BudgetExceededError when it spent more than its `budget`; of a turn that is the run's own when that is over
   * @throws TurnOutcomeUnknownError when the turn is over and the server cannot say how it ended
   * @throws ThreadBusyError when the thread has an active goal, unless `whenBusy` is `'steer'` or `'queue'`
   * @throws TurnRemovedError when somebody else took the turn out of the server's queue (`whenBusy: 'queue'`)
   * @throws TurnNotFoundError when a turn was to be adopted that the server does not have
   * @throws RpcError when the server refused `turn/start`, or to read the thread of a turn that was to be adopted
   * @throws RequestTimeoutError after `timeoutMs` or `startTimeoutMs`, or when the server went silent
   * @throws ServerClosedError when the server went before the turn was over; its `result` has what came until then
   * @throws BackpressureError when unread messages of other streams fill `buffer.maxBytes`; the turn goes on
   */
  result(): Promise<TurnResult<Output>>;

  /**
   * The text that the agent writes, piece by piece as it comes: `for await (const piece of run.text())`. Server requests
   * are treated as in {@link Run.result}. Leaving it early, also before its first piece, leaves the run. When
   * messages of the run were read before, by `result()` or a loop, it begins with the text so far, message by message.
   *
   * @throws at its end what {@link Run.result} does, but for an `OutputMismatchError`: it is text all the same
   */
  text(): TurnText;

  /**
   * The newest state of the run's thread, whenever it has changed: items with their text so far, plan, diff, usage, open
   * requests. What came between two reads is in the later one, so a slow reader holds back nobody; it is the one who
   * iterates, so server requests are in the state until they are answered (`respondById`). Leaving it leaves the run.
   *
   * @throws at its end what {@link Run.next} does
   */
  snapshots(): RunSnapshots;

  /**
   * Adds input to the running turn; waits for its start. Settles with the id of the turn that took it.
   *
   * @throws InvalidArgumentError when the input is bad
   * @throws RpcError when the turn is not active any more
   */
  steer(input: TurnInput): Promise<{ readonly turnId: string }>;

  /**
   * Interrupts the turn; it ends with status `interrupted`. A turn that is over stays as it is; one that still waits for
   * an earlier one is never sent, one that waits in the server's queue is taken out of it, and `result()` rejects with an
   * `AbortError`. Settles when the server has taken the interruption, or has let go of it.
   *
   * @throws RpcError when the server refuses it, and the other errors of `AsyncClient.request`
   */
  interrupt(): Promise<void>;
}

/** What is run, whatever comes of it: a turn, or a goal of many turns. Each says of itself what its members mean. @internal */
export interface RunOf<Result> extends PulledStream<ServerMessage> {
  readonly threadId: string | undefined;
  readonly turnId: string | undefined;
  started(): Promise<{ readonly threadId: string; readonly turnId: string }>;
  result(): Promise<Result>;
  text(): TurnText;
  snapshots(): RunSnapshots;
  steer(input: TurnInput): Promise<{ readonly turnId: string }>;
  interrupt(): Promise<void>;
}

/**
 * One turn. It waits for the earlier turns of its thread, then starts; its messages, server requests included, come
 * to this iterator and to no other stream, up to and including `turn/completed`. Leaving the loop early interrupts
 * the turn (or, with `detach`, lets it run on); a turn that was only joined runs on.
 *
 * The iterator throws what `result()` rejects with, except for a failed turn: that is an answer, and the stream ends. One
 * that begins when `result()` or `text()` has read the messages throws `AlreadyReadError`. One that lags past
 * `maxHeldBytes` while others wait is cut: it gets what came before, then `BackpressureError` with `missed`; the turn goes
 * on, its result is whole, and another loop reads what comes from then on.
 *
 * One that was adopted (`AsyncClient.turn`) has begun already: it waits for nothing, and leaving it never interrupts the turn.
 */
export interface TurnRun<Output = unknown> extends Run<Output> {
  /** The id of the thread it runs on. */
  readonly threadId: string;
}
