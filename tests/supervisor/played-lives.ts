/** Lives in the hands of a test: each is a played server, which begins and ends when the test says so. */
import type { AttachOptions } from 'codex-async-client';
import { TurnQueues } from '../../src/runs/turn/turn-queues.js';
import type { Peer } from '../../src/session/peer.js';
import type { Life, Lives } from '../../src/supervisor/life.js';
import { QueuedKeys } from '../../src/supervisor/queued-keys.js';
import { SupervisedRuns } from '../../src/supervisor/supervised-runs.js';
import type { ThreadReadiness } from '../../src/supervisor/thread-readiness.js';
import { deferred } from '../../src/support/deferred.js';
import { PlayedServer, type PlayedTurn, turnOf } from '../runs/played-server.js';

/** Readies every thread at once, unless a test says otherwise. */
class PlayedThreads implements ThreadReadiness {
  /** The threads that were to be readied, in order. */
  readonly asked: string[] = [];
  /** What `ready` comes to. */
  readiness: Promise<void> = Promise.resolve();

  ready(threadId: string): Promise<void> {
    this.asked.push(threadId);
    return this.readiness;
  }

  async readyToRead(threadId: string): Promise<boolean> {
    await this.ready(threadId);
    return true;
  }

  /** Threads that were resumed with turns in their queues. */
  readonly begun = new Set<string>();

  mayHaveBegun(threadId: string): boolean {
    return this.begun.has(threadId);
  }

  resume(): never {
    throw new Error('nobody here resumes a thread');
  }
}

/** One life. */
export class PlayedLife implements Life {
  readonly server: PlayedServer;
  readonly queues = new TurnQueues();
  readonly threads = new PlayedThreads();

  constructor(options: AttachOptions) {
    this.server = new PlayedServer(options);
  }

  get client() {
    return this.server.client;
  }

  get peer(): Peer {
    return Reflect.get(this.client, 'peer') as Peer;
  }

  get isOver(): boolean {
    return this.peer.closingError !== undefined;
  }

  get ended() {
    return this.client.closed;
  }

  /** Answers the next look for a key: the thread has this status and these turns. */
  async tell(status: string, ...turns: readonly object[]): Promise<void> {
    const read = await this.server.next('thread/read');
    const thread = { id: read.params?.['threadId'], status: { type: status }, turns };
    this.server.answer(read, { thread });
  }

  /** The next turn, of which nothing was kept before. */
  async newTurn(): Promise<PlayedTurn> {
    await this.tell('idle');
    return this.server.turn();
  }

  /** Crashes, and is gone. */
  async crash(): Promise<void> {
    await this.server.piped.quiet();
    this.server.piped.end();
    await this.client.closed;
  }
}

/** The lives of one supervisor, and its runs. */
export class PlayedLives implements Lives, AsyncDisposable {
  readonly areConnections: boolean;
  readonly queuedKeys = new QueuedKeys();
  readonly runs = new SupervisedRuns(this, this.queuedKeys);
  isShutDown = false;
  readonly #options: AttachOptions;
  readonly #all: PlayedLife[] = [];
  #change = deferred<void>();
  #failure: Error | undefined;

  constructor({ areConnections = false, ...options }: AttachOptions & { areConnections?: boolean } = {}) {
    this.areConnections = areConnections;
    this.#options = options;
  }

  get living(): PlayedLife | undefined {
    const last = this.#all.at(-1);
    return last?.isOver === false ? last : undefined;
  }

  async current(): Promise<Life> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure;
      const { living } = this;
      if (living !== undefined) return living;
      await this.#change.promise;
    }
  }

  /** Begins the next life. */
  begin(): PlayedLife {
    const life = new PlayedLife(this.#options);
    this.#all.push(life);
    this.#changed();
    return life;
  }

  /** The one that lives crashes, and the next one begins. */
  async restart(): Promise<PlayedLife> {
    await this.living?.crash();
    return this.begin();
  }

  /** No life begins any more. */
  giveUp(failure: Error): void {
    this.#failure = failure;
    this.#changed();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.giveUp(new Error('the test is over'));
    for (const { server } of this.#all) await server[Symbol.asyncDispose]();
  }

  #changed(): void {
    const { resolve } = this.#change;
    this.#change = deferred();
    resolve();
  }
}

/** A message of a user, as the server keeps it. */
export function userMessage(clientId: string | null, id = 'u1') {
  return { type: 'userMessage', id, clientId, content: [] };
}

/** A turn as the server kept it. */
export function keptAs(
  id: string,
  status: Parameters<typeof turnOf>[1],
  ...items: readonly object[]
): ReturnType<typeof turnOf> & { items: readonly object[] } {
  return { ...turnOf(id, status), items: [...items] as never[], itemsView: 'full' };
}
