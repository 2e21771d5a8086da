/**
 * Runs for the unit tests of a program that uses this package: no server, no model. Owns who has read the messages, as a
 * real run does; the turn is over before anybody reads it, so nothing waits, and no control changes anything.
 */
import type { ThreadStartResponse } from '../../protocol/generated.js';
import { pointToResult } from '../../runs/result-hints.js';
import type { ThreadRun, ThreadRunResult } from '../../runs/thread/thread-run.js';
import { OutputMismatchError, TurnFailedError } from '../../runs/turn/result-errors.js';
import type { TurnRun } from '../../runs/turn/run.js';
import { LiveRunSnapshots, type RunSnapshots } from '../../runs/turn/run-snapshots.js';
import { alreadyRead, settleTurn } from '../../runs/turn/turn-errors.js';
import { TurnRecord } from '../../runs/turn/turn-record.js';
import { type EndedTurn, RESULT_ONLY, type TurnResult } from '../../runs/turn/turn-result.js';
import { HeardText, LiveTurnText, type TurnText } from '../../runs/turn/turn-text.js';
import type { ServerMessage } from '../../session/messages/server-message.js';
import { isPlainObject, rejectArgument } from '../../support/argument-checks.js';
import { markHandled } from '../../support/deferred.js';
import { PullStream } from '../../support/pull-stream.js';
import { Settlement } from '../../support/settlement.js';
import { firstTurnFailed } from '../../support/thread-errors.js';
import {
  checkedFakeTurn,
  describedTurn,
  type FakeEnd,
  type FakeIds,
  type FakeTurn,
  messagesOf,
} from './fake-turn.js';

/** What a fake thread run came to. */
export interface FakeThread<Output = unknown> extends FakeTurn<Output> {
  /** The whole answer to `thread/start`. @defaultValue one that has nothing but the thread's id */
  readonly thread?: ThreadStartResponse | undefined;
}

/**
 * A turn run that has come to its end, for unit tests of code that takes a {@link TurnRun} or calls `client.turnRun`:
 * `const client: Pick<AsyncClient, 'turnRun'> = { turnRun: () => fakeTurnRun({ finalMessage: 'Hi!' }) }`. Its loop, `text()`
 * and `result()` give what a real run gives after its turn is over; the messages are in the result's `events`. `steer()`
 * and `interrupt()` settle and change nothing.
 *
 * @param turn - what the turn came to, with its output
 * @throws InvalidArgumentError when a member is unknown or has a value that cannot be
 */
export function fakeTurnRun<Output>(turn: FakeTurn<Output> & FakeEnd<Output>): TurnRun<Output>;
/**
 * A turn run that has come to its end without an output; its output is `unknown`, as that of a run without a schema.
 *
 * @param turn - what the turn came to; by default it completed without a word
 * @throws InvalidArgumentError when a member is unknown or has a value that cannot be
 */
export function fakeTurnRun(turn?: FakeTurn): TurnRun;
export function fakeTurnRun(turn: FakeTurn = {}): TurnRun {
  return new FakeTurnRun(turn, checkedFakeTurn(turn));
}

/**
 * A thread run that has come to its end; see {@link fakeTurnRun}.
 *
 * @param turn - what its turn came to, with its output, and its thread
 * @throws InvalidArgumentError when a member is unknown or has a value that cannot be
 */
export function fakeThreadRun<Output>(turn: FakeThread<Output> & FakeEnd<Output>): ThreadRun<Output>;
/**
 * A thread run that has come to its end without an output; see {@link fakeTurnRun}.
 *
 * @param turn - what its turn came to, and its thread
 * @throws InvalidArgumentError when a member is unknown or has a value that cannot be
 */
export function fakeThreadRun(turn?: FakeThread): ThreadRun;
export function fakeThreadRun(turn: FakeThread = {}): ThreadRun {
  const { thread, ...rest } = turn;
  const ids = checkedFakeTurn(turn, ['thread']);
  if (thread !== undefined && !isPlainObject(thread)) rejectArgument('turn.thread', thread, 'an object');
  // A test that looks at more of it says so.
  const answer = thread ?? ({ thread: { id: ids.threadId } } as ThreadStartResponse);
  return new FakeThreadRun(rest, { ...ids, threadId: answer.thread.id }, answer);
}

class FakeTurnRun<Output> extends PullStream<ServerMessage> implements TurnRun<Output> {
  readonly threadId: string;
  readonly turnId: string;
  readonly #unread: ServerMessage[];
  readonly #record = new TurnRecord({ collectEvents: true });
  readonly #outcome = new Settlement<EndedTurn>();
  readonly #output: Output | undefined;
  readonly #failure: string | Error | undefined;
  #hasYielded = false;
  #readBy: 'result()' | 'text()' | undefined;

  static {
    pointToResult(FakeTurnRun.prototype, RESULT_ONLY);
  }

  constructor(turn: FakeTurn<Output>, ids: FakeIds) {
    super();
    this.threadId = ids.threadId;
    this.turnId = ids.turnId;
    this.#output = turn.output;
    this.#unread = messagesOf(turn, ids);
    this.#record.noteStart({ turn: describedTurn(ids, 'inProgress') }, false);
    for (const message of this.#unread) this.#record.note(message);
    markHandled(this.#outcome.promise);
    this.#failure = turn.failure;
    // An output that does not fit fails nothing but the result.
    if (turn.failure instanceof Error && !(turn.failure instanceof OutputMismatchError))
      this.#outcome.reject(turn.failure);
    const facts = this.#record.result();
    if (facts !== undefined) settleTurn(this.#outcome, facts);
  }

  async started(): Promise<{ readonly threadId: string; readonly turnId: string }> {
    const { threadId, turnId } = this;
    return { threadId, turnId };
  }

  async result(): Promise<TurnResult<Output>> {
    const ended = await this.#ended();
    if (this.#failure instanceof OutputMismatchError) throw this.#failure;
    const { status } = ended;
    // Whoever gives no output reads none.
    return status === 'completed'
      ? { ...ended, status, output: this.#output as Output }
      : { ...ended, status };
  }

  text(): TurnText {
    return new LiveTurnText({
      threadId: this.threadId,
      heard: () => (this.#hasYielded || this.#readBy !== undefined ? new HeardText(this.#record) : undefined),
      takeNow: () => this.#takeForText(),
      take: async () => this.#takeForText(),
      return: () => this.return(),
      result: () => this.#ended(),
      attend: () => {},
    });
  }

  snapshots(): RunSnapshots {
    return new LiveRunSnapshots(this);
  }

  /** Nobody waits for an answer. */
  unshown(): void {}

  async steer(): Promise<{ readonly turnId: string }> {
    const { turnId } = this;
    return { turnId };
  }

  async interrupt(): Promise<void> {}

  protected override async take(): Promise<ServerMessage | undefined> {
    if (!this.#hasYielded && this.#readBy !== undefined) throw alreadyRead(this.#readBy, true);
    this.#hasYielded = true;
    const message = this.#unread.shift();
    if (message === undefined && endsLoop(this.#failure)) await this.#outcome.promise;
    return message;
  }

  /** The error of a turn that failed, as this kind of run has it; one that was given is as it was given. */
  protected explained(error: unknown): unknown {
    return error;
  }

  protected override leave(): void {}

  #takeForText(): ServerMessage | undefined {
    this.#readBy = 'text()';
    return this.isLeft ? undefined : this.#unread.shift();
  }

  /** A loop that begins beside `result()` gets the messages, as that of a real run. */
  async #ended(): Promise<EndedTurn> {
    await undefined;
    if (!this.#hasYielded) this.#readBy ??= 'result()';
    return this.#outcome.promise.catch((error: unknown) => {
      throw this.#failure === error ? error : this.explained(error);
    });
  }
}

/** A turn that failed ends its loop like any other, and so does one whose output does not fit. */
function endsLoop(failure: string | Error | undefined): boolean {
  const isOfResult = failure instanceof TurnFailedError || failure instanceof OutputMismatchError;
  return failure instanceof Error && !isOfResult;
}

class FakeThreadRun<Output> extends FakeTurnRun<Output> implements ThreadRun<Output> {
  readonly thread: ThreadStartResponse;

  constructor(turn: FakeTurn<Output>, ids: FakeIds, thread: ThreadStartResponse) {
    super(turn, ids);
    this.thread = thread;
  }

  override async result(): Promise<ThreadRunResult<Output>> {
    const { thread, threadId } = this;
    return { ...(await super.result()), thread, threadId };
  }

  protected override explained(error: unknown): unknown {
    return error instanceof TurnFailedError ? firstTurnFailed(this.thread, error) : error;
  }
}
