/**
 * What a supervised run works at over lives: a turn or a goal of its own. Owns the way from one life to the next, and what ends
 * it for good; what is asked of the server of a life is the subclass's.
 *
 * The states: waiting (no server has anything of it), sent (its server went, and may have kept it), over.
 */
import type { LiveRun } from '../runs/turn/live-run.js';
import { cutShort } from '../runs/turn/turn-errors.js';
import type { TurnRunOptions } from '../runs/turn/turn-options.js';
import { markHandled } from '../support/deferred.js';
import { CodexClientError, ServerClosedError } from '../support/errors.js';
import type { Life, Lives } from './life.js';
import { isEndOf, SupervisedSource } from './supervised-source.js';

const Waiting = 0;
const Sent = 1;
const Over = 2;

/** One turn, or one goal. */
export abstract class SupervisedWork<
  Inner extends Pick<LiveRun<unknown>, 'turnId' | 'started' | 'return'>,
> extends SupervisedSource<Inner> {
  protected readonly lives: Lives;
  /** Nobody wants it to run any more: it is not sent, and stopped where it runs. */
  protected isUnwanted = false;
  protected isLeft = false;
  /** How the last run was cut off. */
  protected cut: CodexClientError | undefined;
  readonly #runsOn: boolean;
  #state: number = Waiting;

  constructor(lives: Lives, options: TurnRunOptions) {
    super(options);
    this.lives = lives;
    this.#runsOn = options.detach === true;
  }

  override left(): void {
    this.isLeft = true;
    const { current } = this;
    if (this.isWaiting) this.neverSent();
    else if (!this.#runsOn) this.isUnwanted = true;
    current?.return();
  }

  override withdraw(): boolean {
    this.isUnwanted = true;
    const { isWaiting } = this;
    if (isWaiting) this.neverSent();
    return isWaiting;
  }

  /** No run of it has begun, and no server has anything of it. */
  protected get isWaiting(): boolean {
    return this.current === undefined && this.#state === Waiting;
  }

  /** Its server went, and may have kept it. */
  protected get isSent(): boolean {
    return this.#state === Sent;
  }

  protected get isOver(): boolean {
    return this.#state === Over;
  }

  /** The server that went may have kept it. */
  protected noteSent(): void {
    this.#state = Sent;
  }

  /** No life more is needed. */
  protected noteOver(): void {
    this.#state = Over;
  }

  /** There is something to ask of the next server. */
  protected abstract goesOn(): boolean;

  /** What is to be done in this life; rejects also when the life ends. */
  protected abstract workIn(life: Life): Promise<void>;

  /** Goes from life to life until it is over. Never rejects. */
  protected async live(): Promise<void> {
    for (let last: Life | undefined; this.goesOn(); ) {
      last = await this.#nextLife(last);
      if (last === undefined) break;
      await this.#liveIn(last);
    }
    this.#state = Over;
    this.end(undefined);
  }

  /** Its run has begun in this life. */
  protected begin(run: Inner): void {
    this.runs.begin(run);
    // It was left, and is to go on all the same.
    if (this.isLeft) markHandled(run.started().then(() => run.return()));
  }

  /** It is over for this reason; where a server had it before, the error has what it had come to. */
  protected fail(reason: unknown): void {
    this.#state = Over;
    const cut = this.cut instanceof ServerClosedError ? this.cut : undefined;
    const isAfterCut = reason instanceof CodexClientError && reason !== cut;
    this.end(isAfterCut ? cutShort(reason, cut?.result) : reason);
  }

  /** The next life; undefined when none comes, or nobody waits for it. */
  async #nextLife(last: Life | undefined): Promise<Life | undefined> {
    try {
      // A client that is shut down refuses calls before it is gone.
      if (last !== undefined && !this.lives.isShutDown) await this.orReleased(last.ended);
      return await this.orReleased(this.lives.current());
    } catch (error) {
      this.fail(error);
      return undefined;
    }
  }

  async #liveIn(life: Life): Promise<void> {
    try {
      await this.workIn(life);
    } catch (error) {
      const isCut = life.isOver && (error instanceof ServerClosedError || isEndOf(life.peer, error));
      if (!isCut) this.fail(error);
    }
  }
}

/** Settles with what the run in a life failed with when that is over; undefined for an answer. */
export async function failureOf(run: {
  readonly untilOver: Promise<void>;
  readonly outcome: Promise<unknown>;
}): Promise<unknown> {
  await run.untilOver;
  return run.outcome.then(
    () => undefined,
    (reason: unknown) => reason,
  );
}
