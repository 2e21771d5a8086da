/** The users of a supervisor: what they have begun, what they were shown, and what they have answered. */
import {
  AsyncClient,
  type ServerMessage,
  type ThreadLog,
  type ThreadRun,
  type TurnRun,
} from 'codex-async-client';
import type { Opened } from '../../../../src/supervisor/life.js';
import { Supervisor } from '../../../../src/supervisor/supervisor.js';
import { requestKey } from '../../../../src/view/open-requests.js';
import type { ProgramLens } from '../../program/program.js';
import type { Reading } from '../../program/reading.js';
import { type PromiseKind, Promises, type Watched } from '../../world/promises.js';
import type { Random } from '../../world/random.js';
import type { Tally } from '../../world/tally.js';
import type { Transcript } from '../../world/transcript.js';
import type { World } from '../server/world.js';
import type { Page } from './page.js';
import { tokenOf } from './user-answers.js';
import type { UserLimits } from './user-limits.js';

/** How a run is read. */
export type RunMode = 'result' | 'loop' | 'text' | 'snapshots';

/** A run that a user has begun. */
export interface UserRun {
  readonly run: TurnRun | ThreadRun;
  /** The text of its input. */
  readonly label: string;
  readonly key: string | undefined;
  /** Undefined for one that starts its thread. */
  readonly threadId: string | undefined;
  readonly mode: RunMode;
  readonly controller: AbortController;
  readonly reading: Reading<never> | undefined;
  result: Watched | undefined;
  isLeft: boolean;
}

/** A request that somebody was shown. */
export interface ShownRequest {
  readonly key: string;
  /** What is asked, by the name that no two requests share. */
  readonly token: string;
}

/** An answer that a user gave. */
export interface UserAnswer extends ShownRequest {
  /** How many clients there had been. */
  readonly atLife: number;
  readonly watched: Watched;
}

/** The users. */
export class Users {
  readonly supervisor: Supervisor;
  readonly world: World;
  readonly limits: UserLimits;
  readonly random: Random;
  readonly tally: Tally;
  readonly promises: Promises;
  readonly runs: UserRun[] = [];
  readonly pages: Page[] = [];
  readonly answers: UserAnswer[] = [];
  /** Followed threads whose logs outlive a client. */
  readonly logs: ThreadLog[] = [];
  readonly closed = new Set<ThreadLog>();
  /** Requests that loops were handed. */
  readonly handed: ShownRequest[] = [];
  readonly clients: AsyncClient[] = [];
  /** The numbers of the connections whose handshake was done. */
  readonly lives: number[] = [];
  /** What was told of restarts, and how that ended. */
  readonly restarts: unknown[] = [];
  restartsEnded: { readonly error?: unknown } | undefined;
  /** The labels of jobs that were refused, because another with their key was on its way. */
  readonly refused: string[] = [];
  /** Turns that were run with a client of the moment. */
  byHand = 0;
  /** What a law says of a moment, and what was found instead. */
  readonly broken: string[] = [];
  isShutDown = false;
  isHealthy = false;
  readonly #transcript: Transcript;
  readonly #lens: ProgramLens;
  /** By the number of the connection. */
  readonly #epochs: string[] = [];

  constructor(
    world: World,
    limits: UserLimits,
    random: Random,
    transcript: Transcript,
    tally: Tally,
    lens: ProgramLens,
  ) {
    this.world = world;
    this.limits = limits;
    this.random = random;
    this.tally = tally;
    this.#transcript = transcript;
    this.#lens = lens;
    this.promises = new Promises((watched) => this.#settled(watched));
    const { restart, healthCheck } = limits;
    const open = (signal: AbortSignal) => this.#open(signal);
    this.supervisor = new Supervisor({
      open,
      areConnections: world.listens,
      restart,
      healthCheck,
    });
  }

  /** Reads the restarts, to their end. */
  async readRestarts(): Promise<void> {
    try {
      for await (const restart of this.supervisor.restarts()) this.restarts.push(restart);
      this.restartsEnded = {};
    } catch (error) {
      this.restartsEnded = { error };
    }
  }

  note(what: string, details?: unknown): void {
    this.#transcript.note('program', what, details);
  }

  watch(kind: PromiseKind, what: string, promise: Promise<unknown>): Watched {
    return this.promises.watch(kind, what, this.#lens.promise?.(kind, promise) ?? promise);
  }

  /** From now on servers start, live and answer as they should. */
  becomeHealthy(): void {
    this.isHealthy = true;
    this.world.becomeHealthy();
    this.note('the servers are healthy from now on');
  }

  /** A loop was handed a message; a request among them has a key, as a view would have it. */
  noteHanded(message: ServerMessage): void {
    if (message.kind !== 'request') return;
    const { c } = message.params as { readonly c?: number };
    const epoch = this.#epochs[c ?? -1];
    if (epoch !== undefined)
      this.handed.push({ key: requestKey(message.id, epoch), token: tokenOf(message.params) });
  }

  /** Starts a server or connects to one, and shakes hands. */
  async #open(signal: AbortSignal): Promise<Opened> {
    if (!this.isHealthy && this.random.chance(0.08)) {
      this.tally.count('outliving fault', 'no start');
      throw new Error('the server cannot be started');
    }
    const connection = this.world.connect();
    const client = AsyncClient.attach(connection.child.child, this.limits.options);
    this.clients.push(client);
    // The door to the parts of a client is for the package alone.
    const { peer, turnQueues } = client as unknown as { peer: Opened['peer']; turnQueues: Opened['queues'] };
    this.#epochs[connection.number] = peer.epoch;
    try {
      await client.initialize(undefined, { signal, timeoutMs: 5_000 });
    } catch (error) {
      await client.shutdown();
      throw error;
    }
    this.lives.push(connection.number);
    return { client, peer, queues: turnQueues };
  }

  #settled({ what, state, value }: Watched): void {
    const name = value instanceof Error ? value.name : undefined;
    if (name !== undefined) this.tally.count('outliving error', name);
    this.note(`${what}: ${state}`, name);
  }
}
