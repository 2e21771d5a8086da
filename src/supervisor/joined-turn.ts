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
  readonly #form: OutputForm<Output> | undefined;
  #isLeft = false;

  constructor(first: FirstRuns, form: OutputForm<Output> | undefined, options: TurnRunOptions) {
    super(options);
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

  protected override peerOf({ turn }: LiveTurnRun<Output>): Peer {
    return turn.peer;
  }

  /** Rejects with what the first run ends with before it has a turn. */
  async #live(): Promise<void> {
    let theirs = await this.#first.following();
    while (!this.limits.isSettled) {
      const turnId = await this.#startedIn(theirs);
      const cut = turnId === undefined ? undefined : await this.#follow(theirs, turnId);
      if (turnId !== undefined && cut === undefined) return;
      theirs = await this.#first.following(theirs).catch((reason: unknown) => {
        throw reason ?? cut;
      });
    }
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

  /** Settles with the error when the end of its server ended the run. */
  async #follow({ turn }: LiveTurnRun, turnId: string): Promise<unknown> {
    const { peer, threadId } = turn;
    const run = runOf(new AdoptedTurn(peer, { threadId, turnId }, this.runOptions), this.#form);
    this.runs.begin(run);
    if (this.#isLeft) run.return();
    const error: unknown = await run.turn.outcome.catch((reason: unknown) => reason);
    if (!this.isCut(run, error)) return undefined;
    this.cutOff(run);
    return error;
  }
}
