/**
 * Whether turns may still be started, which of our own are not over, and what is being done to stop them. Owns what a shutdown
 * needs to know: one that lets turns end closes the gate, no turn starts then, and those that wait are told so at once; any
 * shutdown lets the server hear what would go on without it.
 */
import { type Deferred, deferred } from '../support/deferred.js';
import type { CodexClientError } from '../support/errors.js';
import type { LeftTurn } from './session-remains.js';

/** A turn of ours, from the moment at which it is asked for to its end. */
export interface GatedTurn {
  readonly threadId: string;
  /** Known once the server has named the turn. */
  readonly turnId: string | undefined;
  /** It will not be started any more; one that the server may have is not concerned. Must not throw. */
  turnedBack(error: CodexClientError): void;
}

/** The gate of one session. */
export class TurnGate {
  readonly #turns = new Set<GatedTurn>();
  readonly #lastWords = new Set<Promise<void>>();
  #refusal: CodexClientError | undefined;
  #empty: Deferred<void> | undefined;

  /** The error of turns that are asked for now; undefined while the gate is open. */
  get refusal(): CodexClientError | undefined {
    return this.#refusal;
  }

  /** Those of our own turns that the server has named and that are not over. */
  get running(): LeftTurn[] {
    return [...this.#turns].flatMap(({ threadId, turnId }) =>
      turnId === undefined ? [] : [{ threadId, turnId }],
    );
  }

  /** A turn is asked for. {@link TurnGate.leave} follows when it is over, or will never be sent. */
  enter(turn: GatedTurn): void {
    this.#turns.add(turn);
    if (this.#refusal !== undefined) turn.turnedBack(this.#refusal);
  }

  /** A turn is over, or will never be sent. */
  leave(turn: GatedTurn): void {
    this.#turns.delete(turn);
    if (this.#turns.size === 0) this.#empty?.resolve();
  }

  /** From now on no turn starts. Idempotent: the first error stays. */
  close(error: CodexClientError): void {
    if (this.#refusal !== undefined) return;
    this.#refusal = error;
    for (const turn of [...this.#turns]) turn.turnedBack(error);
  }

  /** The server is to have heard this before it is ended, because what it goes on with outlives it. It must not reject. */
  holdUp(heard: Promise<void>): void {
    this.#lastWords.add(heard);
    void heard.then(() => this.#lastWords.delete(heard));
  }

  /** Settles when the server has heard all that it is to have heard; undefined when that is so. Never rejects. */
  get untilHeard(): Promise<unknown> | undefined {
    return this.#lastWords.size === 0 ? undefined : Promise.all(this.#lastWords);
  }

  /** Settles when none of our own turns is left. Never rejects. */
  async untilEmpty(): Promise<void> {
    if (this.#turns.size === 0) return;
    this.#empty ??= deferred<void>();
    await this.#empty.promise;
  }
}
