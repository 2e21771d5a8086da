/**
 * The runs of which a supervised run is made: one in each life that it needs. Owns the limits of the whole (its time limit and its
 * signal count the waiting between lives, too) and that each settles it once; which run follows which is the subclass's.
 */
import type { Run } from '../runs/turn/run.js';
import { RunSequence, type RunSource } from '../runs/turn/run-sequence.js';
import { neverSent } from '../runs/turn/turn-errors.js';
import type { TurnRunOptions } from '../runs/turn/turn-options.js';
import type { Peer } from '../session/peer.js';
import { deferred, markHandled } from '../support/deferred.js';
import { Settlement, type WaitLimits } from '../support/settlement.js';

/** The runs of one supervised run. */
export abstract class SupervisedSource<Inner extends Pick<Run, 'turnId'>> implements RunSource<Inner> {
  protected readonly runs = new RunSequence<Inner>();
  protected readonly limits = new Settlement<void>((reason) => this.#gaveUp(reason));
  readonly #options: TurnRunOptions;
  readonly #stop = new AbortController();
  readonly #released = deferred<undefined>();
  /** The last that was known of the turn. */
  #turnId: string | undefined;

  constructor(options: TurnRunOptions) {
    this.#options = options;
    markHandled(this.limits.promise);
  }

  get current(): Inner | undefined {
    return this.runs.current;
  }

  /** The turn's id, as soon as the server has named it; also while there is no server. */
  get turnId(): string | undefined {
    return this.current?.turnId ?? this.#turnId;
  }

  following(cutOff?: Inner): Promise<Inner> {
    return this.runs.following(cutOff);
  }

  isCut(run: Inner, error: unknown): boolean {
    return this.runs.isCut(run, error) || isEndOf(this.peerOf(run), error);
  }

  /** The reader has left. Must not throw. */
  abstract left(): void;

  /** The turn is to be interrupted; true when it was not sent yet, and never will be. */
  abstract withdraw(): boolean;

  /** The server at which the run is. */
  protected abstract peerOf(run: Inner): Peer | undefined;

  /** The options of a run in a life: the limits are the whole's. */
  protected get runOptions(): TurnRunOptions {
    const { timeoutMs, signal, ...rest } = this.#options;
    return this.#stop.signal.aborted ? rest : { ...rest, signal: this.#stop.signal };
  }

  /** Starts the clock, and watches the signal. Once. */
  protected limit(timeoutError: WaitLimits['timeoutError']): void {
    const { timeoutMs, signal } = this.#options;
    this.limits.limit({ timeoutMs, signal, timeoutError });
  }

  /** Settles as the promise does, or with undefined when there is nothing to wait for any more. */
  protected orReleased<T>(awaited: Promise<T>): Promise<T | undefined> {
    return Promise.race([awaited, this.#released.promise]);
  }

  /** Settles when there is nothing to wait for any more. */
  protected get released(): Promise<undefined> {
    return this.#released.promise;
  }

  /** There is nothing to wait for any more. */
  protected release(): void {
    this.#released.resolve(undefined);
  }

  /** It is over before anything of it was sent. */
  protected neverSent(): void {
    this.limits.giveUp(neverSent());
  }

  /** The run was cut off by the end of its life. */
  protected cutOff(run: Inner): void {
    this.#turnId = run.turnId ?? this.#turnId;
    this.runs.cutOff();
  }

  /** No run follows: who waits for one gets the reason. */
  protected end(reason: unknown): void {
    this.runs.end(reason);
    this.limits.resolve();
    this.release();
  }

  /** After a limit, or a leave: the run in this life is given up, and none is waited for. */
  protected gaveUp(): void {}

  #gaveUp(reason: unknown): void {
    this.runs.end(reason);
    this.#stop.abort(reason);
    this.gaveUp();
  }
}

/** The error ended the server's session: that it went, or that it wrote what is no message. */
export function isEndOf(peer: Peer | undefined, error: unknown): boolean {
  return error !== undefined && error === peer?.closingError;
}
