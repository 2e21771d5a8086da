/**
 * A user with everything going on at once: requests pending, a write stuck, a turn run iterated and its result awaited,
 * a filtered stream and the main stream read, server requests being answered. All of it begins before the first byte
 * of the server is read, so that what a fault does to it depends on the bytes alone.
 */
import type { AsyncClient, ServerMessage, ServerRequest } from '../../src/index.js';

/** How one promise of the user ended. */
export type Ending =
  | { readonly state: 'pending' }
  | { readonly state: 'resolved'; readonly value: unknown }
  | { readonly state: 'rejected'; readonly error: unknown };

/** What the user has got. */
export class Workload {
  /** Messages by stream, as they were handed out. */
  readonly handed = { main: [] as ServerMessage[], filtered: [] as ServerMessage[], run: [] as ServerMessage[] };
  readonly #endings = new Map<string, Ending>();
  readonly #client: AsyncClient;

  constructor(client: AsyncClient, stuckBytes: number) {
    this.#client = client;
    this.#track('initialize', client.initialize());
    this.#track('thread/start', client.threadStart({}));
    this.#track('model/list', client.modelList({}));
    this.#track('thread/resume', client.threadResume({ threadId: 'none' }));
    this.#track('thread/read', client.threadRead({ threadId: 'never answered' }));
    const run = client.turnRun({ threadId: 'T', input: 'go' });
    this.#track('the run behind it', client.turnRun({ threadId: 'T', input: 'later' }).result());
    this.#track('run.result', run.result());
    this.#track('the loop over the run', this.#read(run, this.handed.run));
    this.#track('the filtered stream', this.#read(client.events({ threadId: 'F' }), this.handed.filtered));
    this.#track('the main stream', this.#read(client.events(), this.handed.main));
    if (stuckBytes > 0) this.#track('the stuck write', client.notify('x', { filler: 'x'.repeat(stuckBytes) }));
  }

  /** How everything stands. */
  get endings(): ReadonlyMap<string, Ending> {
    return this.#endings;
  }

  async #read(stream: AsyncIterable<ServerMessage>, handed: ServerMessage[]): Promise<void> {
    for await (const message of stream) {
      handed.push(message);
      if (message.kind === 'request') this.#answer(message);
    }
  }

  #answer(request: ServerRequest): void {
    this.#track(`respond ${JSON.stringify(request.id)}`, this.#client.respond(request.id, { decision: 'decline' }));
  }

  #track(name: string, promise: Promise<unknown>): void {
    this.#endings.set(name, { state: 'pending' });
    promise.then(
      (value) => this.#endings.set(name, { state: 'resolved', value }),
      (error) => this.#endings.set(name, { state: 'rejected', error }),
    );
  }
}
