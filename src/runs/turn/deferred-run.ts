/**
 * A run that begins later, as another run: a thread run with the turn of its new thread, a supervised run with a turn at
 * the server that lives, and perhaps once more with the next server. Owns that all that is done with a run can be done with it
 * from the beginning: who comes before there is a turn waits for it.
 */
import type { ServerMessage } from '../../session/messages/server-message.js';
import { BackpressureError } from '../../support/errors.js';
import type { PulledStream } from '../../support/pull-stream.js';
import { pointToResult } from '../result-hints.js';
import { RelayedStream } from './relayed-stream.js';
import type { RunOf } from './run.js';
import type { RunSource } from './run-sequence.js';
import type { RunSnapshots } from './run-snapshots.js';
import { type TurnInput, userInputOf } from './turn-input.js';
import { RESULT_ONLY } from './turn-result.js';
import type { TurnText } from './turn-text.js';

/** A run that hands on what another one has. */
export abstract class DeferredRun<Result, Inner extends RunOf<Result>> implements RunOf<Result> {
  readonly #runs: RunSource<Inner>;
  readonly #messages: RelayedStream<ServerMessage, Inner>;

  static {
    pointToResult(DeferredRun.prototype, RESULT_ONLY);
  }

  /** @internal */
  constructor(runs: RunSource<Inner>) {
    this.#runs = runs;
    this.#messages = new RelayedStream({
      runs,
      open: (run) => run,
      left: () => this.left(),
      explained: (error) => error,
    });
  }

  abstract get threadId(): string | undefined;

  abstract get turnId(): string | undefined;

  started(): Promise<{ readonly threadId: string; readonly turnId: string }> {
    return this.#explain(this.#across((run) => run.started()));
  }

  result(): Promise<Result> {
    return this.#explain(this.#across((run) => run.result()));
  }

  text(): TurnText {
    return this.#relay((run) => run.text());
  }

  snapshots(): RunSnapshots {
    return this.#relay((run) => run.snapshots());
  }

  async steer(input: TurnInput): Promise<{ readonly turnId: string }> {
    userInputOf('input', input);
    // What a server may have taken is not sent to the next one.
    return (await this.#named()).steer(input);
  }

  async interrupt(): Promise<void> {
    await (await this.#runs.following()).interrupt();
  }

  next(): Promise<IteratorResult<ServerMessage, undefined>> {
    return this.#messages.next();
  }

  return(): Promise<IteratorResult<ServerMessage, undefined>> {
    return this.#messages.return();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** The reader has left. Called once; must not throw. @internal */
  protected abstract left(): void;

  /** An error of the turn as users of this run are to get it. @internal */
  protected explained(error: unknown): unknown {
    return error;
  }

  /** The run whose turn the server has named. */
  #named(): Promise<Inner> {
    return this.#across(async (run) => {
      await run.started();
      return run;
    });
  }

  /** Asks the run, and each that follows it, until one has an answer that is not the end of its server. */
  async #across<T>(ask: (run: Inner) => Promise<T>): Promise<T> {
    for (let run = await this.#runs.following(); ; ) {
      try {
        return await ask(run);
      } catch (error) {
        if (!this.#runs.isCut(run, error)) throw error;
        run = await this.#runs.following(run);
      }
    }
  }

  async #explain<T>(settled: Promise<T>): Promise<T> {
    try {
      return await settled;
    } catch (error) {
      throw this.explained(error);
    }
  }

  #relay<T>(open: (run: Inner) => PulledStream<T>): RelayedStream<T, Inner> {
    const runs = this.#runs;
    const left = () => void this.return();
    // A reader that lagged has not come to the run's end.
    const explained = (error: unknown) =>
      error instanceof BackpressureError ? error : this.explained(error);
    return new RelayedStream({ runs, open, left, explained });
  }
}
