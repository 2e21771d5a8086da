/**
 * A run in the user's hands: an async iterable of its messages, with its text, its states and its controls. Owns who reads:
 * the loop that iterates, or `result()` while nobody does. What is run, a turn or a goal of many turns, and how it ends is
 * the business of the one who follows it.
 */
import type { SentUserInput, Thread } from '../../protocol/generated.js';
import type { ServerMessage, ServerRequest } from '../../session/messages/server-message.js';
import type { OpenStream } from '../../session/streams/open-stream.js';
import { markHandled } from '../../support/deferred.js';
import { BackpressureError } from '../../support/errors.js';
import { PullStream } from '../../support/pull-stream.js';
import { LiveRunSnapshots, type RunSnapshots } from './run-snapshots.js';
import { StandIn, type StoodInFor } from './stand-in.js';
import { alreadyRead } from './turn-errors.js';
import { type TurnInput, userInputOf } from './turn-input.js';
import type { AgentMessage } from './turn-result.js';
import { takePastCut } from './turn-stream.js';
import { HeardText, LiveTurnText, type TextSource, type TurnText } from './turn-text.js';

/** Rejects the waiting read of `result()` when a loop takes over; never leaves this file. */
const TAKEN_OVER = new Error('taken over');

/** What is run at the server, as it is followed whoever reads. */
export interface FollowedWork<Ended> extends StoodInFor {
  readonly threadId: string;
  /** Settles with the stream when the work is about to begin; rejects when the run ended before that. */
  readonly opened: Promise<OpenStream>;
  /** Settles with what it came to, or rejects with what ended the run. */
  readonly outcome: Promise<Ended>;
  /** The outcome is known. */
  readonly isSettled: boolean;
  /** It had begun before: who reads its text gets it from the beginning. */
  readonly isResumed: boolean;
  /** The thread as the server had it when the work was found; undefined for what is followed from its start. */
  readonly found: Promise<Thread | undefined> | undefined;
  readonly record: StoodInFor['record'] & {
    readonly agentMessages: Iterable<AgentMessage>;
    readonly collectsEvents: boolean;
  };
  readonly control: {
    /** Settles with the id of its first turn; rejects when it never has one. */
    readonly named: Promise<string>;
    /** Adds input; settles with the id of the turn that took it. */
    steer(input: SentUserInput[]): Promise<string>;
  };
  /** Interrupts it at the server. */
  interrupt(): Promise<void>;
  /** The reader has left. */
  leave(): void;
}

/** A run at a server, as it is read; what its result is made of is the subclass's. */
export abstract class LiveRun<Ended> extends PullStream<ServerMessage> {
  readonly #work: FollowedWork<Ended>;
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

  /** @internal */
  constructor(work: FollowedWork<Ended>) {
    super();
    this.#work = work;
    this.#standIn = new StandIn(work);
  }

  get threadId(): string {
    return this.#work.threadId;
  }

  get turnId(): string | undefined {
    return this.#work.turnId;
  }

  async started(): Promise<{ readonly threadId: string; readonly turnId: string }> {
    const { threadId, turnId = await this.whileReading(this.#named()) } = this;
    return { threadId, turnId };
  }

  text(): TurnText {
    return new LiveTurnText(this.readAsText());
  }

  snapshots(): RunSnapshots {
    return new LiveRunSnapshots(this, this.#work.found, this.#work.peer.epoch);
  }

  /** From now on the one who iterates takes the text alone. @internal */
  readAsText(): TextSource {
    this.#isTextOnly = true;
    markHandled(
      this.#work.opened.then((stream) => {
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
      result: () => this.outcome(),
      attend: (message) => this.#standIn.attend(message),
    };
  }

  async steer(input: TurnInput): Promise<{ readonly turnId: string }> {
    const items = userInputOf('input', input);
    this.#work.peer.checkParams('turn/steer', { input: items }, { argument: '' });
    return { turnId: await this.whileReading(this.#work.control.steer(items)) };
  }

  async interrupt(): Promise<void> {
    await this.whileReading(this.#work.interrupt());
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
      throw alreadyRead(this.#readBy, this.#work.record.collectsEvents);
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
    this.#work.leave();
  }

  /** What the work came to; reads it to its end while nobody else does. @internal */
  protected async outcome(): Promise<Ended> {
    if (!this.#isIterated && !this.isLeft) this.#driven();
    this.#awaited += 1;
    try {
      return await this.whileReading(this.#work.outcome);
    } finally {
      this.#awaited -= 1;
    }
  }

  /** The turn's id; rejects with what ended the run before it had one. */
  #named(): Promise<string> {
    const { control, outcome } = this.#work;
    return Promise.race([outcome.then(() => control.named), control.named]);
  }

  /** `result()` was asked for while nobody iterated, and its outcome is known. */
  get #isReadByResult(): boolean {
    return this.#work.isSettled && (this.#drive !== undefined || this.#readBy === 'result()');
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
      this.#hasYielded || this.#readBy !== undefined || this.#isReadByResult || this.#work.isResumed;
    return isRead ? new HeardText(this.#work.record) : undefined;
  }

  /** Waits for the turn's place in the queue, and takes the reading over from `result()` when that reads. */
  async #takeOver(): Promise<OpenStream> {
    this.#isIterated = true;
    const stream = await this.whileReading(this.#work.opened);
    if (!this.#isTextOnly) stream.claimRequests();
    stream.rejectReader(TAKEN_OVER, this.#work);
    this.#stream = stream;
    return stream;
  }

  /**
   * Reads to the end while nobody iterates; what is asked on the way is denied, unless another stream takes it. It
   * begins a turn of the event loop later, so that a loop that starts beside `result()` gets every message.
   */
  async #driveToEnd(): Promise<void> {
    try {
      const stream = await this.#work.opened;
      await new Promise((resolve) => setImmediate(resolve));
      if (this.#isIterated) return;
      stream.yieldRequests();
      this.#readBy = 'result()';
      for (;;) {
        const message = await takePastCut(stream, this.#work);
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

  /** Reading goes on while somebody waits, although this run's own messages may not be read. @internal */
  protected whileReading<T>(awaited: Promise<T>): Promise<T> {
    return this.#work.isSettled ? awaited : this.#work.peer.waitFor(awaited);
  }
}
