/**
 * A turn in the user's hands: an async iterable of its messages, with its result and its controls. Owns who reads: the
 * loop that iterates, or `result()` while nobody does. When the turn starts and how it ends is the lifecycle's.
 */

import type { ServerMessage, ServerRequest } from '../../session/messages/server-message.js';
import type { Peer } from '../../session/peer.js';
import type { OpenStream } from '../../session/streams/open-stream.js';
import { markHandled } from '../../support/deferred.js';
import { BackpressureError } from '../../support/errors.js';
import { PullStream } from '../../support/pull-stream.js';
import { pointToResult } from '../result-hints.js';
import { checkUsageTold } from './budget.js';
import type { FollowedTurn } from './followed-turn.js';
import type { TurnRun } from './run.js';
import { LiveRunSnapshots, type RunSnapshots } from './run-snapshots.js';
import { StandIn } from './stand-in.js';
import { alreadyRead } from './turn-errors.js';
import { type TurnInput, userInputOf } from './turn-input.js';
import { TurnLifecycle } from './turn-lifecycle.js';
import {
  checkTurnRunOptions,
  type PreparedTurn,
  preparedTurn,
  type TurnRunOptions,
  type TurnRunParams,
} from './turn-options.js';
import { TurnOutput } from './turn-output.js';
import type { TurnQueues } from './turn-queues.js';
import { type EndedTurn, RESULT_ONLY, type TurnResult } from './turn-result.js';
import { TurnStart } from './turn-start.js';
import { takePastCut } from './turn-stream.js';
import { HeardText, LiveTurnText, type TextSource, type TurnText } from './turn-text.js';

/** Rejects the waiting read of `result()` when a loop takes over; never leaves this file. */
const TAKEN_OVER = new Error('taken over');

/** A turn at a server. */
export class LiveTurnRun<Output = unknown> extends PullStream<ServerMessage> implements TurnRun<Output> {
  readonly #turn: FollowedTurn;
  readonly #output: TurnOutput<Output>;
  readonly #standIn: StandIn;
  /** The turn's messages, while a loop reads them. */
  #stream: OpenStream | undefined;
  #isIterated = false;
  /** A loop over the run has got a message. */
  #hasYielded = false;
  /** Who has begun to take messages, besides a loop. */
  #readBy: 'result()' | 'text()' | undefined;
  /** How many wait for `result()`. */
  #awaited = 0;
  /** The one who iterates takes only the text, and leaves server requests to whoever wants them. */
  #isTextOnly = false;
  #drive: Promise<void> | undefined;

  static {
    pointToResult(LiveTurnRun.prototype, RESULT_ONLY);
  }

  /** @internal */
  constructor(turn: FollowedTurn, output: TurnOutput<Output>) {
    super();
    this.#turn = turn;
    this.#output = output;
    this.#standIn = new StandIn(turn);
  }

  get threadId(): string {
    return this.#turn.threadId;
  }

  get turnId(): string | undefined {
    return this.#turn.turnId;
  }

  /** The turn as it is followed, whoever reads. @internal */
  get turn(): FollowedTurn {
    return this.#turn;
  }

  async started(): Promise<{ readonly threadId: string; readonly turnId: string }> {
    const { threadId, turnId = await this.#whileReading(this.#named()) } = this;
    return { threadId, turnId };
  }

  async result(): Promise<TurnResult<Output>> {
    return this.#output.resultOf(await this.#ended());
  }

  text(): TurnText {
    return new LiveTurnText(this.readAsText());
  }

  snapshots(): RunSnapshots {
    return new LiveRunSnapshots(this, this.#turn.found, this.#turn.peer.epoch);
  }

  /** From now on the one who iterates takes the text alone. @internal */
  readAsText(): TextSource {
    this.#isTextOnly = true;
    markHandled(
      this.#turn.opened.then((stream) => {
        stream.yieldRequests();
        stream.coalesce();
      }),
    );
    return {
      threadId: this.threadId,
      heard: () => this.#heard(),
      takeNow: () => (this.isLeft || !this.#isIterated ? undefined : this.#stream?.takeNow()),
      take: () => this.#takeForText(),
      return: () => this.return(),
      result: () => this.#ended(),
      attend: (message) => this.#standIn.attend(message),
    };
  }

  async steer(input: TurnInput): Promise<{ readonly turnId: string }> {
    const items = userInputOf('input', input);
    this.#turn.peer.checkParams('turn/steer', { input: items }, { argument: '' });
    return { turnId: await this.#whileReading(this.#turn.control.steer(items)) };
  }

  async interrupt(): Promise<void> {
    await this.#whileReading(this.#turn.interrupt());
  }

  /** @internal */
  unshown(request: ServerRequest): void {
    this.#standIn.attend(request);
  }

  /** @internal */
  protected override takeNow(): ServerMessage | undefined {
    return this.#isIterated && this.#hasYielded ? this.#stream?.takeNow() : undefined;
  }

  /** @internal */
  protected override take(): Promise<ServerMessage | undefined> {
    const stream = this.#isIterated && this.#hasYielded ? this.#stream : undefined;
    return stream === undefined ? this.#takeFirst() : stream.take(undefined, this);
  }

  async #takeFirst(): Promise<ServerMessage | undefined> {
    // Its end is known before the last messages are read: who comes then gets all or none of them.
    if (!this.#hasYielded && this.#isReadByResult) await this.#driven();
    const message = await this.#read();
    if (message !== undefined) this.#hasYielded = true;
    else if (!this.#hasYielded && this.#readBy !== undefined)
      throw alreadyRead(this.#readBy, this.#turn.record.collectsEvents);
    return message;
  }

  /** A loop that was cut short for want of room reads no more, so that `result()` reads the rest. @internal */
  protected override failed(error: unknown): boolean {
    if (error instanceof BackpressureError) {
      this.#isIterated = this.#hasYielded = false;
      if (this.#awaited > 0) this.#driven();
    }
    return false;
  }

  /** @internal */
  protected override leave(): void {
    this.#turn.leave();
  }

  /** What the turn came to, its output unread. */
  async #ended(): Promise<EndedTurn> {
    if (!this.#isIterated && !this.isLeft) this.#driven();
    this.#awaited += 1;
    try {
      return await this.#whileReading(this.#turn.outcome);
    } finally {
      this.#awaited -= 1;
    }
  }

  /** The turn's id; rejects with what ended the run before it had one. */
  #named(): Promise<string> {
    const { control, outcome } = this.#turn;
    return Promise.race([outcome.then(() => control.named), control.named]);
  }

  /** `result()` was asked for while nobody iterated, and its outcome is known. */
  get #isReadByResult(): boolean {
    return this.#turn.isSettled && (this.#drive !== undefined || this.#readBy === 'result()');
  }

  #driven(): Promise<void> {
    this.#drive ??= this.#driveToEnd();
    return this.#drive;
  }

  async #read(): Promise<ServerMessage | undefined> {
    if (!this.#isIterated || this.#stream === undefined) await this.#takeOver();
    return this.#stream?.take(undefined, this);
  }

  /** The next message for one who reads the text; `undefined` also when the run was left. */
  async #takeForText(): Promise<ServerMessage | undefined> {
    this.#readBy = 'text()';
    try {
      return this.isLeft ? undefined : await this.#read();
    } catch (error) {
      if (this.isLeft) return undefined;
      this.failed(error);
      throw error;
    }
  }

  /** What the agent says, from the beginning, once messages were taken that a new reader cannot get. */
  #heard(): HeardText | undefined {
    const isRead =
      this.#hasYielded || this.#readBy !== undefined || this.#isReadByResult || this.#turn.isResumed;
    return isRead ? new HeardText(this.#turn.record) : undefined;
  }

  /** Waits for the turn's place in the queue, and takes the reading over from `result()` when that reads. */
  async #takeOver(): Promise<OpenStream> {
    this.#isIterated = true;
    const stream = await this.#whileReading(this.#turn.opened);
    if (!this.#isTextOnly) stream.claimRequests();
    stream.rejectReader(TAKEN_OVER, this.#turn);
    this.#stream = stream;
    return stream;
  }

  /**
   * Reads to the end while nobody iterates; what is asked on the way is denied, unless another stream takes it. It
   * begins a turn of the event loop later, so that a loop that starts beside `result()` gets every message.
   */
  async #driveToEnd(): Promise<void> {
    try {
      const stream = await this.#turn.opened;
      await new Promise((resolve) => setImmediate(resolve));
      if (this.#isIterated) return;
      stream.yieldRequests();
      this.#readBy = 'result()';
      for (;;) {
        const message = await takePastCut(stream, this.#turn);
        if (message === undefined) return;
        this.#standIn.attend(message);
        if (this.#isIterated) return;
      }
    } catch {
      // The outcome carries the error. A read that failed for want of room leaves the rest to the next `result()`.
    } finally {
      // So does a loop that took over and was cut short.
      this.#drive = undefined;
    }
  }

  /** Reading goes on while somebody waits, although this run's own messages may not be read. */
  #whileReading<T>(awaited: Promise<T>): Promise<T> {
    return this.#turn.isSettled ? awaited : this.#turn.peer.waitFor(awaited);
  }
}

/**
 * Starts a turn run.
 * @param argument - what the params are called where the caller wrote them
 * @throws InvalidArgumentError when params or options are bad; nothing was sent
 * @internal
 */
export function startTurnRun<Output>(
  peer: Peer,
  queues: TurnQueues,
  params: TurnRunParams,
  options: TurnRunOptions = {},
  argument?: string,
): TurnRun<Output> {
  checkTurnRunOptions(options, peer.serverVersion);
  peer.checkHeldOptions(options);
  checkUsageTold(peer, options.budget);
  return runPrepared(peer, queues, preparedTurn(params, peer.serverVersion, argument), options);
}

/** Runs a turn whose params and options were checked. @internal */
export function runPrepared<Output>(
  peer: Peer,
  queues: TurnQueues,
  { params, form }: PreparedTurn<Output>,
  options: TurnRunOptions,
): LiveTurnRun<Output> {
  const start = new TurnStart(peer, { method: 'turn/start', params }, options);
  const turn = new TurnLifecycle(peer, params.threadId, start, options);
  const run = new LiveTurnRun(turn, new TurnOutput(form));
  turn.enter(queues);
  return run;
}
