/**
 * A supervisor whose servers are in the test's own process: a test decides when each of them answers, and when it goes.
 */
import type { AsyncClient } from 'codex-async-client';
import type { TurnQueues } from '../../src/runs/turn/turn-queues.js';
import type { Peer } from '../../src/session/peer.js';
import type { Opened } from '../../src/supervisor/life.js';
import { Supervisor, type SupervisorParts } from '../../src/supervisor/supervisor.js';
import { type PipedServer, readyServer, turn } from '../helpers/piped-server.js';

/** What the supervisor needs of a client, which users do not see. */
export function openedOf(client: AsyncClient): Opened {
  const inside = client as unknown as { peer: Peer; turnQueues: TurnQueues };
  return { client, peer: inside.peer, queues: inside.turnQueues };
}

/** Options of {@link PipedLives}. */
export interface PipedLivesOptions extends Partial<Omit<SupervisorParts, 'open'>> {
  /** The starts that fail, by their number from 1 on, and how. */
  readonly failingStarts?: Readonly<Record<number, Error>>;
}

/** Servers one after another. */
export class PipedLives {
  readonly supervisor: Supervisor;
  /** All that were started. */
  readonly servers: PipedServer[] = [];
  /** How often a start was tried. */
  starts = 0;

  constructor({ failingStarts = {}, ...parts }: PipedLivesOptions = {}) {
    this.supervisor = new Supervisor({
      open: async () => {
        this.starts += 1;
        const failure = failingStarts[this.starts];
        if (failure !== undefined) throw failure;
        const server = await readyServer();
        this.servers.push(server);
        return openedOf(server.client);
      },
      areConnections: false,
      restart: { maxRestarts: 5, withinMs: 60_000, firstDelayMs: 0 },
      healthCheck: undefined,
      ...parts,
    });
  }

  /** The server of a life, from 1 on; waits for it. */
  async server(number: number): Promise<PipedServer> {
    for (;;) {
      const server = this.servers[number - 1];
      if (server !== undefined) return server;
      await turn();
    }
  }

  /** The server that lives goes; settles with the next one. */
  async crash(): Promise<PipedServer> {
    await this.supervisor.client();
    const number = this.servers.length;
    (await this.server(number)).end();
    return this.server(number + 1);
  }
}
