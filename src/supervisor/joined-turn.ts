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
  readonly #first: FirstRuns;
  readonly #lives: Lives;
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
    let theirs: LiveTurnRun | undefined = await this.#first.following();
    for (let turnId: string | undefined; theirs !== undefined && !this.limits.isSettled; ) {
      turnId = await startedIn(theirs);
      if (turnId !== undefined && (await this.#isHeard(theirs.turn.peer, turnId))) return;
      theirs = await this.#first.following(theirs).catch(overBefore);
      if (theirs === undefined && turnId !== undefined) await this.#recover(turnId);
    }
  }

  /** The first run has heard the turn's end, and this one has not: the next server knows how it ended. */
  async #recover(turnId: string): Promise<void> {
    for (let isHeard = false; !isHeard && !this.limits.isSettled; ) {
      const { peer, threads } = await this.#lives.current();
      await threads.ready(this.threadId);
      isHeard = await this.#isHeard(peer, turnId);
    }
  }

  /** Settles when the run is over; false when the end of its server ended it. */
  async #isHeard(peer: Peer, turnId: string): Promise<boolean> {
    const { threadId } = this;
    const run = runOf(new AdoptedTurn(peer, { threadId, turnId }, this.runOptions), this.#form);
    this.runs.begin(run);
    if (this.#isLeft) run.return();
    const error: unknown = await run.turn.outcome.catch((reason: unknown) => reason);
    if (!(error instanceof ServerClosedError)) return true;
    this.cutOff(run);
    return false;
  }
}

/** A run that has come to its end has no reason to go on; with one it failed. */
function overBefore(reason: unknown): undefined {
  if (reason !== undefined) throw reason;
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
