/**
 * A supervisor in the user's hands: the client that lives, runs and logs that outlive it, and what a restart lost. It puts the
 * parts together and leaves the work to them.
 */
import type { AsyncClient } from '../client/async-client.js';
import type { ClientStats } from '../client/conversation-types.js';
import type { ThreadResumeParams, ThreadResumeResponse } from '../protocol/generated.js';
import type { RequestOptions } from '../session/requests/request-options.js';
import { checkKnownKeys, checkRequiredText, checkTimeLimit } from '../support/argument-checks.js';
import type { Opened } from './life.js';
import { type HealthTimes, Lifeline, type LifelineState } from './lifeline.js';
import { RequestKeys } from './request-keys.js';
import { type RestartLimits, RestartWindow } from './restart-window.js';
import { RestartLog, type Restarts } from './restarts.js';

/** What a supervisor counts; see `Supervisor.stats`. */
export interface SupervisorStats {
  /**
   * `living` while there is a server; `starting` before the first and between two; `shutDown` from `shutdown()` on;
   * `givenUp` after too many restarts.
   */
  readonly state: LifelineState;
  /** How often a next server has begun. */
  readonly restarts: number;
  /** The counters of the client that lives; undefined while there is none. */
  readonly client: ClientStats | undefined;
}

/** Options of {@link Supervisor.shutdown}. */
export interface SupervisorShutdownOptions {
  /**
   * How long turns that run may go on before the server is ended, in milliseconds. Meanwhile no turn starts, and runs that
   * were never sent reject.
   * @defaultValue 0
   */
  readonly drainMs?: number | undefined;
}

/** How servers come to be, and how long that is tried. @internal */
export interface SupervisorParts {
  open(signal: AbortSignal): Promise<Opened>;
  readonly areConnections: boolean;
  readonly restart: RestartLimits;
  readonly healthCheck: HealthTimes | undefined;
}

/**
 * A client that outlives its server: when that ends, however it does, the next one is started, or connected to, and work goes
 * on there. Make one with `AsyncClient.supervise`.
 */
export class Supervisor implements AsyncDisposable {
  readonly #restarts = new RestartLog();
  readonly #lives: Lifeline;
  readonly #keys = new RequestKeys();

  /** @internal */
  constructor({ open, areConnections, restart, healthCheck }: SupervisorParts) {
    this.#lives = new Lifeline({
      open,
      areConnections,
      healthCheck,
      window: new RestartWindow(restart),
      restarts: this.#restarts,
      keys: this.#keys,
    });
  }

  /**
   * The client that lives; waits for the next one while there is none. It is one server's: its streams, its standing answers
   * and its requests end with that, so ask for it again when they have. Its `shutdown()` ends that server, and the next one
   * is started.
   *
   * @throws ServerClosedError when the supervisor has given up, with the last failure as its `cause`, or was shut down
   * @throws SpawnError when the first server could not be started: codex was not found
   * @throws UnsupportedServerError when the first server is too old
   * @throws ConnectionError when the first connection was refused for its token (401, 403)
   */
  async client(): Promise<AsyncClient> {
    return (await this.#lives.current()).client;
  }

  /**
   * Resumes a thread on the server that lives, also one that then starts turns by itself: the consent to what an active goal
   * or queued turns will spend. It holds for this server; after a restart it is asked for anew.
   *
   * @param params - more params of `thread/resume`
   * @throws InvalidArgumentError when an argument is bad; nothing was sent
   * @throws ThreadBusyElsewhereError when another server process has the thread
   * @throws RpcError when the server refused, as it does for a thread that it does not know
   * @throws ServerClosedError when the server went meanwhile, or none comes any more
   */
  async resume(
    threadId: string,
    params: Omit<ThreadResumeParams, 'threadId'> = {},
    options?: RequestOptions,
  ): Promise<ThreadResumeResponse> {
    checkRequiredText('threadId', threadId);
    const { threads } = await this.#lives.current();
    return threads.resume({ ...params, threadId }, options);
  }

  /**
   * Answers a server request by its key, as `ThreadView.requests` has it: of a follower's snapshot, or of a page that was
   * loaded before the last restart. A key of an earlier connection is good as long as the same server asks the same again;
   * otherwise it is stale, whatever else has its id now.
   *
   * @throws StaleRequestError when the request waits for no answer: it was settled, or its server is gone
   * @throws AlreadyRespondedError when it was answered before
   * @throws InvalidArgumentError when the key is none, or the result cannot be JSON; the request can still be answered
   * @throws ServerClosedError when the server went before the answer was written
   */
  async respondByKey(key: string, result: unknown): Promise<void> {
    await this.#keys.respond(this.#lives, key, result);
  }

  /**
   * The restarts, from the first one on (of more than 100 the last 100), each when the next server has begun: why the
   * last one ended, and what went with it. Read it once for a log; each call reads from the beginning.
   */
  restarts(): Restarts {
    return this.#restarts.read();
  }

  /** Counters: how far the supervisor is, and those of the client that lives. */
  stats(): SupervisorStats {
    const { state, living } = this.#lives;
    return { state, restarts: this.#restarts.count, client: living?.client.stats() };
  }

  /**
   * Ends the server that lives, of a connection the connection alone, and starts none any more; settles when it is gone.
   * With `drainMs` running turns may end first. Calls reject with `ServerClosedError` from now on, `restarts()` and followed
   * threads end. Idempotent; a later call without `drainMs` ends the wait.
   *
   * @throws InvalidArgumentError when an option is bad; nothing was ended
   */
  async shutdown(options: SupervisorShutdownOptions = {}): Promise<void> {
    checkKnownKeys('options', options, ['drainMs']);
    checkTimeLimit('options.drainMs', options.drainMs);
    await this.#lives.shutdown(options.drainMs ?? 0);
  }

  /** {@link Supervisor.shutdown}, for `await using`; never rejects. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown();
  }
}
