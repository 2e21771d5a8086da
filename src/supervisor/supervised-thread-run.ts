/**
 * A new thread with its first turn, over lives. Owns that it is asked for in the next life when the last one has nothing of it;
 * once a server was asked for the thread, the run stands or falls with that server.
 */
import type { ThreadStartResponse } from '../protocol/generated.js';
import {
  beginThreadRun,
  type CheckedThreadRun,
  type LiveThreadRun,
  type ThreadRun,
  type ThreadRunResult,
} from '../runs/thread/thread-run.js';
import { DeferredRun } from '../runs/turn/deferred-run.js';
import { runTimeout } from '../runs/turn/turn-errors.js';
import type { TurnResult } from '../runs/turn/turn-result.js';
import type { Peer } from '../session/peer.js';
import type { Lives } from './life.js';
import { SupervisedSource } from './supervised-source.js';

/** The runs of one thread run; all but one were never sent. */
export class SupervisedThread<Output> extends SupervisedSource<LiveThreadRun<Output>> {
  readonly #lives: Lives;
  readonly #checked: CheckedThreadRun<Output>;
  /** The server that was asked last. */
  #peer: Peer | undefined;
  /** Nobody wants it any more. */
  #isUnwanted = false;

  constructor(lives: Lives, checked: CheckedThreadRun<Output>) {
    super(checked.options);
    this.#lives = lives;
    this.#checked = checked;
    this.limit(runTimeout);
    this.#live().then(
      () => this.end(undefined),
      (error: unknown) => this.end(error),
    );
  }

  override left(): void {
    this.#isUnwanted = true;
    const { current } = this;
    if (current === undefined) this.neverSent();
    else current.return();
  }

  override withdraw(): boolean {
    this.#isUnwanted = true;
    const { current } = this;
    if (current === undefined) this.neverSent();
    return current === undefined;
  }

  protected override peerOf(): Peer | undefined {
    return this.#peer;
  }

  protected override gaveUp(): void {
    this.release();
  }

  async #live(): Promise<void> {
    while (!this.limits.isSettled) {
      const life = await this.orReleased(this.#lives.current());
      if (life === undefined || this.limits.isSettled) return;
      const { peer, queues } = life;
      const run = beginThreadRun(peer, queues, { ...this.#checked, options: this.runOptions });
      this.#peer = peer;
      this.runs.begin(run);
      const error: unknown = await run.outcome.catch((reason: unknown) => reason);
      if (!this.isCut(run, error)) return;
      if (run.wasSent) throw error;
      this.cutOff(run);
      if (this.#isUnwanted) this.neverSent();
      await this.orReleased(life.ended);
    }
  }
}

/** A thread and its first turn over lives. */
export class SupervisedThreadRun<Output>
  extends DeferredRun<TurnResult<Output>, LiveThreadRun<Output>>
  implements ThreadRun<Output>
{
  readonly #source: SupervisedThread<Output>;

  constructor(source: SupervisedThread<Output>) {
    super(source);
    this.#source = source;
  }

  get thread(): ThreadStartResponse | undefined {
    return this.#source.current?.thread;
  }

  get threadId(): string | undefined {
    return this.#source.current?.threadId;
  }

  get turnId(): string | undefined {
    return this.#source.turnId;
  }

  override async result(): Promise<ThreadRunResult<Output>> {
    const result = await super.result();
    const thread = this.thread as ThreadStartResponse;
    return { ...result, thread, threadId: thread.thread.id };
  }

  override async interrupt(): Promise<void> {
    if (!this.#source.withdraw()) await super.interrupt();
  }

  protected override left(): void {
    this.#source.left();
  }
}
