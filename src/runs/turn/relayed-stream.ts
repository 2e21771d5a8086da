/**
 * What is read of a run that begins later, and may go on as another run. Owns what a reader sees of that: one that was
 * handed something is told where it is cut off, because what follows does not join on; one that was not just goes on.
 */
import { deferred, markHandled } from '../../support/deferred.js';
import { ServerClosedError } from '../../support/errors.js';
import { type PulledStream, PullStream } from '../../support/pull-stream.js';
import type { RunSource } from './run-sequence.js';

/** What is read, and from where. */
export interface Relayed<T, Inner> {
  readonly runs: RunSource<Inner>;
  /** The stream of one run; asked for once a run, as soon as the run has begun. */
  open(run: Inner): PulledStream<T>;
  /** The reader has left. */
  left(): void;
  /** The error as the reader is to get it. */
  explained(error: unknown): unknown;
}

/** The stream of one run. */
interface Opened<T, Inner> {
  readonly run: Inner;
  readonly stream: PulledStream<T>;
}

/** A stream that is read from one run after another. */
export class RelayedStream<T, Inner> extends PullStream<T> {
  readonly #relayed: Relayed<T, Inner>;
  readonly #left = deferred<undefined>();
  /** Undefined when the next run is opened for the next read: one that is read no more touches none. */
  #opening: Promise<Opened<T, Inner>> | undefined;
  #opened: Opened<T, Inner> | undefined;
  #cutOff: Inner | undefined;
  #hasYielded = false;

  constructor(relayed: Relayed<T, Inner>) {
    super();
    this.#relayed = relayed;
    const { current } = relayed.runs;
    if (current !== undefined) this.#open(current);
    this.#opening = this.#follow();
  }

  protected override async take(): Promise<T | undefined> {
    for (;;) {
      // Whoever leaves waits for no run to begin.
      const opened = this.#opened ?? (await Promise.race([this.#next(), this.#left.promise]));
      if (opened === undefined) return undefined;
      try {
        const { value } = await opened.stream.next();
        if (value !== undefined) this.#hasYielded = true;
        return value;
      } catch (error) {
        this.#failed(opened.run, error);
      }
    }
  }

  protected override leave(): void {
    this.#left.resolve(undefined);
    this.#opened?.stream.return();
    this.#relayed.left();
  }

  /** Throws, unless the next run is to be read in silence. */
  #failed(run: Inner, error: unknown): void {
    if (!(error instanceof ServerClosedError)) throw this.#relayed.explained(error);
    this.#cutOff = run;
    this.#opened = this.#opening = undefined;
    if (!this.#hasYielded) return;
    this.#hasYielded = false;
    throw this.#relayed.explained(error);
  }

  #next(): Promise<Opened<T, Inner>> {
    this.#opening ??= this.#follow();
    return this.#opening;
  }

  #follow(): Promise<Opened<T, Inner>> {
    const opening = this.#relayed.runs.following(this.#cutOff).then(
      (run) => this.#opened ?? this.#open(run),
      (error: unknown) => Promise.reject(this.#relayed.explained(error)),
    );
    markHandled(opening);
    return opening;
  }

  #open(run: Inner): Opened<T, Inner> {
    const opened = { run, stream: this.#relayed.open(run) };
    this.#opened = opened;
    if (this.isLeft) opened.stream.return();
    return opened;
  }
}
