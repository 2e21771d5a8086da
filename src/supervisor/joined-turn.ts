/**
 * A turn that a run with the same key is at already. Owns that it is adopted in each life in which that run has it, and that
 * it goes on alone when that run is done with it too early: given up before the turn had a name, or settled when the
 * server went. Leaving it never interrupts the turn of another run.
 */

import { AdoptedTurn, runOf } from '../runs/turn/adopted-turn.js';
import type { RunSource } from '../runs/turn/run-sequence.js';
import { adoptTimeout } from '../runs/turn/turn-errors.js';
import type { TurnRunOptions } from '../runs/turn/turn-options.js';
import type { LiveTurnRun } from '../runs/turn/turn-run.js';
import type { OutputForm } from '../schemas/output-form.js';
import type { Peer } from '../session/peer.js';
import { SupervisedSource } from './supervised-source.js';

/** The runs of the one who came first. */
export type FirstRuns = RunSource<LiveTurnRun> & {
  readonly threadId: string;
  /** It is wanted, and not over. */
  readonly isJoinable: boolean;
  /** Its own user has given it up. */
  readonly isAbandoned: boolean;
};

/** A run of its own with the key, or one that joins the next. */
export type GoingAlone<Output> = (options: TurnRunOptions) => SupervisedSource<LiveTurnRun<Output>>;

/** One turn, for one who came later. */
export class JoinedTurn<Output> extends SupervisedSource<LiveTurnRun<Output>> {
  readonly #first: FirstRuns;
  readonly #form: OutputForm<Output> | undefined;
  readonly #goAlone: GoingAlone<Output>;
  #alone: SupervisedSource<LiveTurnRun<Output>> | undefined;
  #isLeft = false;
  /** How the last run was cut off. */
  #cut: unknown;

  constructor(
    first: FirstRuns,
    form: OutputForm<Output> | undefined,
    options: TurnRunOptions,
    goAlone: GoingAlone<Output>,
  ) {
    super(options);
    this.#first = first;
    this.#form = form;
    this.#goAlone = goAlone;
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
    if (this.#alone === undefined) this.current?.return();
    else this.#alone.left();
  }

  override withdraw(): boolean {
    return this.#alone?.withdraw() ?? false;
  }

  protected override peerOf({ turn }: LiveTurnRun<Output>): Peer {
    return turn.peer;
  }

  async #live(): Promise<void> {
    try {
      await this.#liveBeside();
    } catch (reason) {
      // Without a reason the first is over as it should be, and this one was cut off before it was told.
      const mayGoOn = reason === undefined || this.#first.isAbandoned;
      if (this.#isLeft || this.limits.isSettled || !mayGoOn) throw reason ?? this.#cut;
      await this.#liveAlone();
    }
  }

  /** Settles when its turn is over; rejects with what the first run ends with before that. */
  async #liveBeside(): Promise<void> {
    let theirs = await this.#first.following();
    while (!this.limits.isSettled) {
      const turnId = await this.#startedIn(theirs);
      if (turnId !== undefined && !(await this.#isCutIn(theirs, turnId))) return;
      theirs = await this.#first.following(theirs);
    }
  }

  /** The thread is looked through for the turn, and it is sent where nothing was kept. Rejects as that run ends. */
  async #liveAlone(): Promise<void> {
    const alone = this.#goAlone(this.runOptions);
    this.#alone = alone;
    for (let run = await alone.following(); ; run = await alone.following(run)) this.runs.begin(run);
  }

  /** The id of its turn; undefined when its server went before it had one. Rejects with what else ended it before. */
  async #startedIn(theirs: LiveTurnRun): Promise<string | undefined> {
    try {
      return (await theirs.started()).turnId;
    } catch (error) {
      if (this.#first.isCut(theirs, error)) return undefined;
      throw error;
    }
  }

  /** Adopts the turn, and settles when that is over: with true when its server went first. */
  async #isCutIn({ turn }: LiveTurnRun, turnId: string): Promise<boolean> {
    const { peer, threadId } = turn;
    const run = runOf(new AdoptedTurn(peer, { threadId, turnId }, this.runOptions), this.#form);
    this.runs.begin(run);
    if (this.#isLeft) run.return();
    const error: unknown = await run.turn.outcome.catch((reason: unknown) => reason);
    if (!this.isCut(run, error)) return false;
    this.#cut = error;
    this.cutOff(run);
    return true;
  }
}
