/**
 * A turn that a run with the same key is at already. Owns that it is adopted in each life in which that run has it, and that
 * it goes on alone when that run is given up before it could be adopted. Leaving it never interrupts the turn of another run.
 */

import { AdoptedTurn, runOf } from '../runs/turn/adopted-turn.js';
import type { RunSource } from '../runs/turn/run-sequence.js';
import type { TokenMeter } from '../runs/turn/token-meter.js';
import { adoptTimeout } from '../runs/turn/turn-errors.js';
import type { TurnRunOptions } from '../runs/turn/turn-options.js';
import type { LiveTurnRun } from '../runs/turn/turn-run.js';
import type { OutputForm } from '../schemas/output-form.js';
import type { Peer } from '../session/peer.js';
import { ServerClosedError } from '../support/errors.js';
import type { Lives } from './life.js';
import { isEndOf, SupervisedSource } from './supervised-source.js';

/** The runs of the one who came first. */
export type FirstRuns = RunSource<LiveTurnRun> & {
  readonly threadId: string;
  /** It is wanted, and not over. */
  readonly isJoinable: boolean;
  /** Its own user has given it up. */
  readonly isAbandoned: boolean;
  /** The turn whose message had begun when its server went. */
  readonly begunTurnId: string | undefined;
};

/** A run of its own with the key, or one that joins the next. */
export type GoingAlone<Output> = (
  options: TurnRunOptions,
  begunTurnId: string | undefined,
) => SupervisedSource<LiveTurnRun<Output>>;

/** One turn, for one who came later. */
export class JoinedTurn<Output> extends SupervisedSource<LiveTurnRun<Output>> {
  readonly #first: FirstRuns;
  readonly #lives: Lives;
  readonly #form: OutputForm<Output> | undefined;
  readonly #goAlone: GoingAlone<Output>;
  #alone: SupervisedSource<LiveTurnRun<Output>> | undefined;
  #isLeft = false;
  /** The turn whose message had begun when it was cut off. */
  #begunTurnId: string | undefined;
  /** What it has heard that the turn spent; undefined without a budget. */
  #meter: TokenMeter | undefined;

  constructor(
    lives: Lives,
    first: FirstRuns,
    form: OutputForm<Output> | undefined,
    options: TurnRunOptions,
    goAlone: GoingAlone<Output>,
  ) {
    super(options);
    this.#lives = lives;
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
      if (this.#isLeft || this.limits.isSettled || !this.#first.isAbandoned) throw reason;
      await this.#liveAlone();
    }
  }

  /** Settles when its turn is over; rejects with what the first run ends with before that. */
  async #liveBeside(): Promise<void> {
    let theirs: LiveTurnRun | undefined = await this.#first.following();
    for (let turnId: string | undefined; theirs !== undefined && !this.limits.isSettled; ) {
      turnId = await this.#startedIn(theirs);
      if (turnId !== undefined && (await this.#isHeard(theirs.turn.peer, turnId))) return;
      theirs = await this.#first.following(theirs).catch(overBefore);
      if (theirs === undefined && turnId !== undefined) await this.#recover(turnId);
    }
  }

  /** The first run has heard the turn's end, and this one has not: the next server knows how it ended. */
  async #recover(turnId: string): Promise<void> {
    for (let isHeard = false; !isHeard && !this.limits.isSettled; ) {
      const { peer, threads } = await this.#lives.current();
      const isReady = await threads.ready(this.threadId).then(
        () => true,
        (error: unknown) => {
          if (error instanceof ServerClosedError || isEndOf(peer, error)) return false;
          throw error;
        },
      );
      isHeard = isReady && (await this.#isHeard(peer, turnId));
    }
  }

  /** The thread is looked through for the turn, and it is sent where nothing was kept. Rejects as that run ends. */
  async #liveAlone(): Promise<void> {
    const alone = this.#goAlone(this.runOptions, this.#begunTurnId ?? this.#first.begunTurnId);
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

  /** Settles when the run is over; false when the end of its server ended it. */
  async #isHeard(peer: Peer, turnId: string): Promise<boolean> {
    const { threadId } = this;
    const options = { ...this.runOptions, meter: this.#meter };
    const run = runOf(new AdoptedTurn(peer, { threadId, turnId }, options), this.#form);
    this.#meter = run.turn.meter;
    this.runs.begin(run);
    if (this.#isLeft) run.return();
    const error: unknown = await run.turn.outcome.catch((reason: unknown) => reason);
    if (!this.isCut(run, error)) return true;
    if (run.turn.record.hasInput) this.#begunTurnId = turnId;
    this.cutOff(run);
    return false;
  }
}

/** A run that has come to its end has no reason to go on; with one it failed. */
function overBefore(reason: unknown): undefined {
  if (reason !== undefined) throw reason;
}
