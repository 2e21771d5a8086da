/**
 * One server after another. Owns which one lives, that the next one is started when it ends, and when that is given up; what
 * the servers are used for, it does not know.
 *
 * The states: starting, living, waiting for the next start, and over, by `shutdown()` or because it was given up. Over is for
 * ever, and {@link Lifeline.current} rejects from then on, with one error.
 */
import { ConnectionError } from '../app-server/connection/connection-error.js';
import type { Peer } from '../session/peer.js';
import { deferred } from '../support/deferred.js';
import {
  type CodexClientError,
  InvalidArgumentError,
  ServerClosedError,
  SpawnError,
  UnsupportedServerError,
} from '../support/errors.js';
import { pause } from '../support/pause.js';
import { type HealthTimes, HealthWatch, type WatchedServer } from './health-watch.js';
import type { Life, Lives, Opened } from './life.js';
import { LiveLife } from './live-life.js';
import { allLost, bothLeft, type Fate, fateOf, type LostWork, NOTHING_LEFT } from './lost-work.js';
import type { QueuedKeys } from './queued-keys.js';
import type { RequestKeys } from './request-keys.js';
import type { RestartWindow } from './restart-window.js';
import type { RestartLog } from './restarts.js';
import type { SupervisorState } from './supervisor-stats.js';
import type { ThreadAnswers } from './thread-answers.js';

/** How servers come to be. */
export interface LifelineParts {
  /** Starts a server, or connects to one; the signal gives that up. */
  open(signal: AbortSignal): Promise<Opened>;
  readonly areConnections: boolean;
  readonly window: RestartWindow;
  readonly restarts: RestartLog;
  /** Learns what each life leaves open. */
  readonly keys: RequestKeys;
  /** Knows the queued turns that runs here wait for. */
  readonly queuedKeys: QueuedKeys;
  /** How each life is watched; undefined where only one that has gone is over. */
  readonly healthCheck: HealthTimes | undefined;
  /** Learns what each life is told before anybody uses it. */
  readonly answers: ThreadAnswers;
}

/** What a server left, for those who ask the next one. */
interface Ended {
  readonly cause: CodexClientError | undefined;
  readonly left: LostWork;
  /** The threads that it told of. */
  readonly had: ReadonlySet<string>;
}

/** The servers of one supervisor. */
export class Lifeline implements Lives {
  readonly #parts: LifelineParts;
  readonly #stopping = new AbortController();
  readonly #over: Promise<void>;
  /** Settles when the next life has begun, or none will. */
  #change = deferred<void>();
  #life: LiveLife | undefined;
  #lives = 0;
  #failure: CodexClientError | undefined;
  /** Settles when the restarts so far were told: one after another, however long it takes to find out what was lost. */
  #told = Promise.resolve();
  /** What lives left before the last one, and the server behind the connections goes on with. */
  #goesOn = NOTHING_LEFT;

  constructor(parts: LifelineParts) {
    this.#parts = parts;
    this.#over = this.#live();
  }

  get areConnections(): boolean {
    return this.#parts.areConnections;
  }

  /** How often a next life has begun. */
  get restarts(): number {
    return Math.max(0, this.#lives - 1);
  }

  get isShutDown(): boolean {
    return this.#stopping.signal.aborted;
  }

  get state(): SupervisorState {
    if (this.isShutDown) return 'shutDown';
    if (this.#failure !== undefined) return 'givenUp';
    return this.living === undefined ? 'starting' : 'living';
  }

  get living(): Life | undefined {
    return this.#life?.isOver === false ? this.#life : undefined;
  }

  async current(): Promise<Life> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure;
      const { living } = this;
      // One that is shut down by itself, and lets its turns end first, takes no more.
      if (living !== undefined && living.peer.turnGate.refusal === undefined) return living;
      await this.#change.promise;
    }
  }

  /**
   * Starts no server any more, and ends the one that lives, whose turns may end first; settles when it is gone. Idempotent; never
   * rejects.
   */
  async shutdown(drainMs: number): Promise<void> {
    this.#failure ??= shutDownError();
    this.#stopping.abort();
    this.#changed();
    this.#tellEnd(undefined);
    await this.#life?.client.shutdown({ drainMs });
    await this.#over;
  }

  async #live(): Promise<void> {
    let ended: Ended | undefined;
    while (this.#failure === undefined) {
      const cause = await this.#start(ended).catch((error: unknown) => error);
      const life = this.#life;
      if (life === undefined) {
        if (!this.isShutDown) await this.#restOrGiveUp(cause, this.#lives === 0);
        continue;
      }
      const { error } = await life.ended;
      const { left } = life;
      ended = { cause: error, left, had: life.peer.subscriptions.all };
      this.#parts.keys.remember(left.approvals);
      this.#life = undefined;
      if (!this.isShutDown) await this.#restOrGiveUp(error, false);
    }
  }

  /** Begins a life; rejects when none came about. */
  async #start(ended: Ended | undefined): Promise<void> {
    const opened = await this.#parts.open(this.#stopping.signal);
    if (this.isShutDown) {
      await opened.client.shutdown();
      return;
    }
    this.#lives += 1;
    const life = new LiveLife(opened, this.#parts.queuedKeys);
    this.#parts.answers.giveTo(life.peer);
    this.#watch(life);
    this.#life = life;
    this.#changed();
    if (ended !== undefined) this.#tell(ended);
  }

  #watch({ peer, ended }: Life): void {
    const { healthCheck } = this.#parts;
    if (healthCheck === undefined) return;
    const watch = new HealthWatch(new AskedServer(peer), healthCheck);
    ended.then(() => watch.end());
  }

  #tell(ended: Ended): void {
    const startedAtMs = Date.now();
    this.#told = this.#told.then(async () => {
      const fate = await this.#fateOf(ended);
      if (fate === undefined) return;
      this.#goesOn = fate.goesOn;
      this.#parts.restarts.add({ startedAtMs, lost: fate.lost, cause: ended.cause });
    });
  }

  #tellEnd(failure: CodexClientError | undefined): void {
    this.#told = this.#told.then(() => this.#parts.restarts.end(failure));
  }

  /**
   * A connection that is cut before it has answered leaves the question to the next one. Where none comes all counts as lost, and
   * after a shutdown, behind which the server may go on, nobody knows.
   */
  async #fateOf({ left, had }: Ended): Promise<Fate | undefined> {
    if (!this.areConnections) return allLost(left);
    const all = bothLeft(this.#goesOn, left, had);
    for (;;) {
      const life = await this.current().catch(() => undefined);
      if (life === undefined) return this.isShutDown ? undefined : allLost(all);
      const fate = await fateOf(all, life.peer);
      if (fate !== undefined) return fate;
    }
  }

  /** Waits until the next start is due. */
  async #restOrGiveUp(cause: unknown, isFirstStart: boolean): Promise<void> {
    if (isFirstStart && isHopeless(cause)) {
      this.#giveUp(cause);
      return;
    }
    const { window } = this.#parts;
    const delayMs = window.next(performance.now());
    if (delayMs === undefined) this.#giveUp(gaveUp(window, cause));
    // Nothing but a shutdown changes anything before the next start.
    else if (delayMs > 0) await pause(delayMs, this.#change.promise);
  }

  #giveUp(error: CodexClientError): void {
    this.#failure ??= error;
    this.#changed();
    this.#tellEnd(error);
  }

  #changed(): void {
    this.#change.resolve();
    this.#change = deferred();
  }
}

/** A server as its health is watched. */
class AskedServer implements WatchedServer {
  readonly #peer: Peer;

  constructor(peer: Peer) {
    this.#peer = peer;
  }

  get bytesReceived(): number {
    return this.#peer.bytesReceived;
  }

  get isPaused(): boolean {
    return this.#peer.isPaused;
  }

  ask(): Promise<unknown> {
    return this.#peer.call('thread/loaded/list', {}, {}, { isBackground: true, isProbe: true });
  }

  giveUp(cause: Error): void {
    this.#peer.giveUp(cause);
  }
}

/** Waiting changes nothing about it. */
function isHopeless(error: unknown): error is CodexClientError {
  const isRefused = error instanceof ConnectionError && [401, 403].includes(error.statusCode ?? 0);
  const hopeless = [SpawnError, UnsupportedServerError, InvalidArgumentError];
  return isRefused || hopeless.some((kind) => error instanceof kind);
}

function gaveUp({ limits }: RestartWindow, cause: unknown): ServerClosedError {
  const { maxRestarts, withinMs } = limits;
  const why = cause instanceof Error ? cause.message : 'its client was shut down';
  const message = `the supervisor has given up: the server ended, or could not be started, again after ${maxRestarts} restarts within ${withinMs} ms (restart.maxRestarts, restart.withinMs); the last time: ${why}`;
  return new ServerClosedError(message, exitOf(cause), { cause });
}

function exitOf(cause: unknown): ServerClosedErrorDetails {
  if (cause instanceof ServerClosedError)
    return { exitCode: cause.exitCode, signal: cause.signal, stderrTail: cause.stderrTail };
  return { exitCode: null, signal: null, stderrTail: '' };
}

type ServerClosedErrorDetails = ConstructorParameters<typeof ServerClosedError>[1];

function shutDownError(): ServerClosedError {
  return new ServerClosedError(
    'the supervisor was shut down; make a new one with AsyncClient.supervise() to go on',
    exitOf(undefined),
  );
}
