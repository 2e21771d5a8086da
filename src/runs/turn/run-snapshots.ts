/**
 * A run as its newest state: it is read to its end as fast as it comes, and folded into a view; whoever takes snapshots gets
 * the newest one (L22). Owns that a slow reader holds back nobody and holds nothing but the view.
 */
import type { Thread } from '../../protocol/generated.js';
import type { ServerMessage, ServerRequest } from '../../session/messages/server-message.js';
import { type Deferred, deferred } from '../../support/deferred.js';
import { type PulledStream, PullStream } from '../../support/pull-stream.js';
import { applyMessage, emptyView, type ThreadView, viewOfThread } from '../../view/index.js';

/** What snapshots are taken of. */
export interface SnapshotSource {
  /** The thread it is on; undefined until the server has named it. */
  readonly threadId: string | undefined;
  next(): Promise<IteratorResult<ServerMessage, undefined>>;
  return(): Promise<unknown>;
  /** A request was read that no state shows, so that nobody can answer it. */
  unshown(request: ServerRequest): void;
}

/**
 * The newest state of a run's thread, whenever it has changed: what came between two reads is in the later one. Begins with
 * the run, and ends as a loop over the run does, after the last state was handed out. Leaving it leaves the run. One that begins
 * when messages were read already, by `result()` or a loop, has what comes from then on: items that began before are
 * `partial`. Of a turn that was adopted it begins with what the server has of the thread. What is asked is in the state's
 * `requests`, for `respondById`, or by its key for the `respondByKey` of a supervisor; a request that no state shows, such as one of a sub-agent or of an unknown method, is denied.
 */
export interface RunSnapshots extends PulledStream<ThreadView> {}

/** Snapshots of a run that reads from a server. */
export class LiveRunSnapshots extends PullStream<ThreadView> implements RunSnapshots {
  readonly #run: SnapshotSource;
  readonly #found: Promise<Thread | undefined> | undefined;
  #view: ThreadView | undefined;
  /** The view has changed since it was handed out. */
  #isNew = false;
  #reading: Promise<void> | undefined;
  /** Settles at the next change, or at the end; undefined while nobody waits for it. */
  #changed: Deferred<void> | undefined;
  #end: { readonly failure: unknown } | undefined;

  readonly #epoch: string | undefined;

  /**
   * @param found - the thread as the server has it, where the run begins in the middle of a turn
   * @param epoch - names the server in the keys of what it asks
   * @internal
   */
  constructor(run: SnapshotSource, found?: Promise<Thread | undefined>, epoch?: string) {
    super();
    this.#run = run;
    this.#found = found;
    this.#epoch = epoch;
  }

  /** @internal */
  protected override takeNow(): ThreadView | undefined {
    if (!this.#isNew) return undefined;
    this.#isNew = false;
    return this.#view;
  }

  /** @internal */
  protected override async take(): Promise<ThreadView | undefined> {
    this.#reading ??= this.#readOn();
    while (!this.#isNew && this.#end === undefined) {
      this.#changed = deferred<void>();
      await this.#changed.promise;
    }
    const view = this.takeNow();
    if (view === undefined && this.#end?.failure !== undefined) throw this.#end.failure;
    return view;
  }

  /** @internal */
  protected override leave(): void {
    this.#run.return();
  }

  /** {@link LiveRunSnapshots.take} rejected: that was the end. @internal */
  protected override failed(): boolean {
    return true;
  }

  /** Never rejects. */
  async #readOn(): Promise<void> {
    try {
      const thread = await this.#found;
      if (thread !== undefined) this.#show(viewOfThread(thread, { epoch: this.#epoch }));
      for (;;) {
        const { done, value } = await this.#run.next();
        if (done === true) break;
        this.#fold(value);
      }
      this.#end = { failure: undefined };
    } catch (failure) {
      this.#end = { failure };
    }
    this.#changed?.resolve();
  }

  #fold(message: ServerMessage): void {
    const known = this.#view ?? emptyView({ threadId: this.#run.threadId, epoch: this.#epoch });
    const next = applyMessage(known, message);
    if (next !== this.#view) this.#show(next);
    if (message.kind === 'request' && !next.requests.some(({ id }) => id === message.id))
      this.#run.unshown(message);
  }

  #show(view: ThreadView): void {
    this.#view = view;
    this.#isNew = true;
    this.#changed?.resolve();
  }
}
