/** Lives that a test begins and ends: each is a server in its own process, whose threads are as ready as the test says. */
import type { Life, Lives } from '../../src/supervisor/life.js';
import { type Deferred, deferred, markHandled } from '../../src/support/deferred.js';
import { type PipedServer, readyServer } from '../helpers/piped-server.js';
import { openedOf } from './piped-lives.js';

/** A life, and the server behind it. */
export interface FakeLife extends Life {
  readonly server: PipedServer;
  /** How often the thread was to be made ready. */
  readonly readied: number;
}

/** How a thread is made ready; it is as soon as it settles. */
export type Readying = (threadId: string) => Promise<void>;

/** Lives one after another. */
export class FakeLives implements Lives {
  readonly areConnections = false;
  isShutDown = false;
  #begun: FakeLife | undefined;
  #failure: unknown;
  #change: Deferred<void> = deferred();

  get living(): Life | undefined {
    return this.#begun?.isOver === false ? this.#begun : undefined;
  }

  async current(): Promise<Life> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure;
      if (this.living !== undefined) return this.living;
      await this.#change.promise;
    }
  }

  /** Begins the next life. */
  async begin(ready: Readying = async () => {}): Promise<FakeLife> {
    const server = await readyServer();
    this.#begun = fakeLife(server, ready);
    this.#changed();
    return this.#begun;
  }

  /** No more lives come. */
  end(failure: unknown, isShutDown: boolean): void {
    this.isShutDown = isShutDown;
    this.#failure = failure;
    this.#changed();
  }

  #changed(): void {
    this.#change.resolve();
    this.#change = deferred();
  }
}

function fakeLife(server: PipedServer, ready: Readying): FakeLife {
  const opened = openedOf(server.client);
  let readied = 0;
  const makeReady = (threadId: string) => {
    readied += 1;
    const settled = ready(threadId);
    markHandled(settled);
    return settled;
  };
  return {
    ...opened,
    server,
    ended: server.client.closed,
    get isOver() {
      return opened.peer.closingError !== undefined;
    },
    get readied() {
      return readied;
    },
    threads: {
      ready: makeReady,
      readyToRead: (threadId) => makeReady(threadId).then(() => true),
      mayHaveBegun: () => false,
      resume: () => Promise.reject(new Error('a follower resumes nothing by itself')),
    },
  };
}
