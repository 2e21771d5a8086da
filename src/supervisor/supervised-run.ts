/** A supervised turn in the user's hands: a run over lives, whichever run in which life it is at the moment. */
import { DeferredRun } from '../runs/turn/deferred-run.js';
import type { TurnRun } from '../runs/turn/run.js';
import type { TurnResult } from '../runs/turn/turn-result.js';
import type { LiveTurnRun } from '../runs/turn/turn-run.js';
import type { SupervisedSource } from './supervised-source.js';

/** Where its runs come from. */
export type TurnSource<Output> = SupervisedSource<LiveTurnRun<Output>> & { readonly threadId: string };

/** A turn over lives. */
export class SupervisedRun<Output>
  extends DeferredRun<TurnResult<Output>, LiveTurnRun<Output>>
  implements TurnRun<Output>
{
  readonly #source: TurnSource<Output>;

  constructor(source: TurnSource<Output>) {
    super(source);
    this.#source = source;
  }

  get threadId(): string {
    return this.#source.threadId;
  }

  get turnId(): string | undefined {
    return this.#source.turnId;
  }

  override async interrupt(): Promise<void> {
    if (this.#source.withdraw()) return;
    await super.interrupt().catch((error: unknown) => {
      // Nothing of it was kept, so there is nothing to interrupt.
      if (!(error instanceof DOMException)) throw error;
    });
  }

  protected override left(): void {
    this.#source.left();
  }
}
