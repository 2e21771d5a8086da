/**
 * A turn that a run with the same key is at already. Owns that it is adopted in each life in which that run has it; leaving
 * it never interrupts the turn.
 */

import { AdoptedTurn, runOf } from '../runs/turn/adopted-turn.js';
import type { RunSource } from '../runs/turn/run-sequence.js';
import { adoptTimeout } from '../runs/turn/turn-errors.js';
import type { TurnRunOptions } from '../runs/turn/turn-options.js';
import type { LiveTurnRun } from '../runs/turn/turn-run.js';
import type { OutputForm } from '../schemas/output-form.js';
import type { Peer } from '../session/peer.js';
import { ServerClosedError } from '../support/errors.js';
import type { Lives } from './life.js';
import { SupervisedSource } from './supervised-source.js';

/** The runs of the one who came first. */
export type FirstRuns = RunSource<LiveTurnRun> & {
  readonly threadId: string;
  /** It is wanted, and not over. */
  readonly isJoinable: boolean;
};

/** One turn, for one who came later. */
export class JoinedTurn<Output> extends SupervisedSource<LiveTurnRun<Output>> {
  readonly #lives: Lives;
  readonly #first: FirstRuns;
  readonly #form: OutputForm<Output> | undefined;
  #isLeft = false;

  constructor(lives: Lives, first: FirstRuns, form: OutputForm<Output> | undefined, options: TurnRunOptions) {
    super(options);
    this.#lives = lives;
    this.#first = first;
    this.#form = form;
    this.limit(adoptTimeout);
    this.#live().then(
      () => this.end(undefined),
      (error: unknown) => this.end(error),
    );
  }

  get threadId(): string {
    return this.#first.threadId;
  }

  override left(): void {
    this.#isLeft = true;
    this.current?.return();
  }

  override withdraw(): boolean {
    return false;
  }

  /** Rejects with what the first run ends with before it has a turn. */
  async #live(): Promise<void> {
    let theirs = await this.#first.following();
    while (!this.limits.isSettled) {
      const turnId = await startedIn(theirs);
      const cut = turnId === undefined ? undefined : await this.#follow(theirs.turn.peer, turnId);
      if (turnId !== undefined && cut === undefined) return;
      const next = await this.#nextOf(theirs, cut);
      if (next === undefined) {
        if (turnId !== undefined) await this.#lookBack(turnId);
        return;
      }
      theirs = next;
    }
  }

  /** The next run of the first; undefined when it has heard the end, and this one was cut off before. */
  async #nextOf(theirs: LiveTurnRun, cut: ServerClosedError | undefined): Promise<LiveTurnRun | undefined> {
    try {
      return await this.#first.following(theirs);
    } catch (reason) {
      if (reason === undefined && cut !== undefined) return undefined;
      throw reason ?? cut;
    }
  }

  /** The turn is over, and the next server knows how it ended. */
  async #lookBack(turnId: string): Promise<void> {
    while (!this.limits.isSettled) {
      const life = await this.orReleased(this.#lives.current());
      if (life === undefined || (await this.#follow(life.peer, turnId)) === undefined) return;
      await this.orReleased(life.ended);
    }
  }

  /** Settles with the error when the end of its server ended the run. */
  async #follow(peer: Peer, turnId: string): Promise<ServerClosedError | undefined> {
    const { threadId } = this;
    const run = runOf(new AdoptedTurn(peer, { threadId, turnId }, this.runOptions), this.#form);
    this.runs.begin(run);
    if (this.#isLeft) run.return();
    const error: unknown = await run.turn.outcome.catch((reason: unknown) => reason);
    if (!(error instanceof ServerClosedError)) return undefined;
    this.cutOff(run);
    return error;
  }
}

/** The id of its turn; undefined when its server went before it had one. Rejects with what else ended it before. */
async function startedIn(run: LiveTurnRun): Promise<string | undefined> {
  try {
    return (await run.started()).turnId;
  } catch (error) {
    if (error instanceof ServerClosedError) return undefined;
    throw error;
  }
}
