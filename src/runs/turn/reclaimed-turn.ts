/**
 * A turn of ours that outlived the connection on which it was started, or is over and was kept: found again by its input. It
 * is followed as one that is adopted, and is ours: leaving it interrupts it, and what it asks while nobody reads is refused.
 */
import type { Thread, Turn } from '../../protocol/generated.js';
import type { OutputForm } from '../../schemas/output-form.js';
import type { Peer } from '../../session/peer.js';
import { AdoptedTurn, runOf } from './adopted-turn.js';
import type { FollowedTurnOptions } from './followed-turn.js';
import type { TurnFinding } from './turn-finding.js';
import type { TurnRunOptions } from './turn-options.js';
import type { LiveTurnRun } from './turn-run.js';

/** A turn as it was found in its thread. */
export interface FoundTurn {
  readonly thread: Thread;
  readonly turn: Turn;
}

/** The options of the run, and what was spent before. */
type ReclaimOptions = TurnRunOptions & Pick<FollowedTurnOptions, 'meter'>;

/** One turn that was found again. */
class ReclaimedTurn extends AdoptedTurn {
  declare protected readonly options: ReclaimOptions;
  readonly #known: FoundTurn;

  constructor(peer: Peer, known: FoundTurn, options: ReclaimOptions) {
    super(peer, { threadId: known.thread.id, turnId: known.turn.id }, options);
    this.#known = known;
  }

  protected override get isOurs(): boolean {
    return true;
  }

  /** What is over stays as it was found; of what runs, some may have happened since. */
  protected override async ask(): Promise<TurnFinding> {
    const { thread, turn } = this.#known;
    return turn.status === 'inProgress' ? super.ask() : { is: 'found', turn, thread };
  }
}

/**
 * The run of a turn of ours that was found again, running or over; its options were checked.
 * @internal
 */
export function reclaimedRun<Output>(
  peer: Peer,
  found: FoundTurn,
  form: OutputForm<Output> | undefined,
  options: ReclaimOptions,
): LiveTurnRun<Output> {
  return runOf(new ReclaimedTurn(peer, found, options), form);
}
