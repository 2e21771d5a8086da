/**
 * A user with everything going on at once: requests pending, a write stuck, a turn run iterated and its result awaited,
 * a filtered stream and the main stream read, server requests being answered. All of it begins before the first byte
 * of the server is read, so that what a fault does to it depends on the bytes alone.
 */
import type { AsyncClient, ServerMessage, ServerRequest } from '../../src/index.js';
import { Tracked } from './tracked.js';

/** What the user has got. */
export class Workload {
  /** Messages by stream, as they were handed out. */
  readonly handed = {
    main: [] as ServerMessage[],
    filtered: [] as ServerMessage[],
    run: [] as ServerMessage[],
  };
  readonly tracked = new Tracked();
  readonly #client: AsyncClient;

  constructor(client: AsyncClient, stuckBytes: number) {
    this.#client = client;
    this.tracked.add('initialize', client.initialize());
    this.tracked.add('thread/start', client.threadStart({}));
    this.tracked.add('model/list', client.modelList({}));
    this.tracked.add('thread/resume', client.threadResume({ threadId: 'none' }));
    this.tracked.add('thread/read', client.threadRead({ threadId: 'never answered' }));
    const run = client.turnRun({ threadId: 'T', input: 'go' });
    this.#startOtherWork(client);
    this.tracked.add('the run behind it', client.turnRun({ threadId: 'T', input: 'later' }).result());
    this.tracked.add('run.result', run.result());
    this.tracked.add('the loop over the run', this.#answer(run, this.handed.run));
    this.tracked.add(
      'the filtered stream',
      this.#answer(client.events({ threadId: 'F' }), this.handed.filtered),
    );
    this.tracked.add('the main stream', this.#answer(client.events(), this.handed.main));
    if (stuckBytes > 0)
      this.tracked.add('the stuck write', client.notify('x', { filler: 'x'.repeat(stuckBytes) }));
  }

  /** None of it is ever answered. */
  #startOtherWork(client: AsyncClient): void {
    const command = client.commandRun({ command: ['make'] });
    this.tracked.add('the result of the command', command.result());
    this.tracked.add('the loop over the command', this.#read(command, []));
    const watch = client.fileWatch({ path: '/' });
    this.tracked.add('fileWatch.ready', watch.ready);
    this.tracked.add('the loop over the files', this.#read(watch, []));
    this.tracked.add('login', client.login({ type: 'apiKey', apiKey: 'k' }));
    this.tracked.add('the loop over the pages', this.#read(client.paginate('thread/list'), []));
  }

  async #read<T>(stream: AsyncIterable<T>, handed: T[]): Promise<void> {
    for await (const message of stream) handed.push(message);
  }

  async #answer(stream: AsyncIterable<ServerMessage>, handed: ServerMessage[]): Promise<void> {
    for await (const message of stream) {
      handed.push(message);
      if (message.kind === 'request') this.#decline(message);
    }
  }

  #decline(request: ServerRequest): void {
    this.tracked.add(
      `respond ${JSON.stringify(request.id)}`,
      this.#client.respondById(request.id, { decision: 'decline' }),
    );
  }
}
