/**
 * The client: one object that owns one server process and hands everything out to be pulled. This file starts it
 * and offers the longer work; messages and state are the conversation's, the work itself is the runs'.
 */
import { attachServer } from '../app-server/attach-server.js';
import type { AttachableChild } from '../app-server/attachable-child.js';
import { spawnServer } from '../app-server/spawn-server.js';
import type { TypedMethods } from '../protocol/generated.js';
import { ThreadHandle, type ThreadReference, threadIdOf } from '../runs/thread-handle.js';
import { startThreadRun, type ThreadRun, type ThreadRunParams } from '../runs/thread-run.js';
import { TurnLines } from '../runs/turn-lines.js';
import type { TurnRunOptions, TurnRunParams } from '../runs/turn-options.js';
import { startTurnRun, type TurnRun } from '../runs/turn-run.js';
import { Conversation } from './conversation.js';
import {
  type AttachOptions,
  appServerOptionsOf,
  checkAttachOptions,
  checkStartOptions,
  type StartOptions,
  sessionSettingsOf,
} from './options.js';
import { defineTypedMethods } from './typed-methods.js';

/** One method for each method of the protocol: `client.threadStart(...)` sends `thread/start`. */
export interface AsyncClient extends TypedMethods {}

/**
 * A client of one `codex app-server`. Messages are pulled: {@link AsyncClient.events}, {@link AsyncClient.nextMessage};
 * there are no listeners. Start one with {@link AsyncClient.start}, and end it with `await using` or
 * {@link AsyncClient.shutdown}.
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: defineTypedMethods puts every member of TypedMethods on the prototype
export class AsyncClient extends Conversation {
  readonly #turnLines = new TurnLines();

  /**
   * Starts a server and performs the handshake. When it fails, no process is left behind.
   *
   * @throws {@link InvalidArgumentError} when an option is bad; nothing was started
   * @throws {@link SpawnError} when codex was not found or could not be started
   * @throws {@link HandshakeError} when the server refused the handshake, did not answer it in time, or went
   * @throws {@link UnsupportedServerError} when the server is too old
   */
  static async start(options: StartOptions = {}): Promise<AsyncClient> {
    const client = await AsyncClient.spawn(options);
    try {
      await client.initialize(undefined, { signal: options.signal });
      return client;
    } catch (error) {
      await client.shutdown();
      throw error;
    }
  }

  /**
   * Starts a server without the handshake; call {@link AsyncClient.initialize} yourself.
   *
   * @throws {@link InvalidArgumentError} when an option is bad; nothing was started
   * @throws {@link SpawnError} when codex was not found or could not be started
   */
  static async spawn(options: StartOptions = {}): Promise<AsyncClient> {
    checkStartOptions(options);
    options.signal?.throwIfAborted();
    const settings = sessionSettingsOf(options);
    return new AsyncClient(await spawnServer(appServerOptionsOf(options)), settings, options);
  }

  /**
   * Speaks with a child that you spawned, or with any pair of byte streams. Call {@link AsyncClient.initialize} next.
   * `shutdown()` ends the child only when it has a `kill`; otherwise it lets go and leaves the child alive.
   *
   * @throws {@link InvalidArgumentError} when the child lacks a stream or an option is bad
   */
  static attach(child: AttachableChild, options: AttachOptions = {}): AsyncClient {
    checkAttachOptions(options);
    const settings = sessionSettingsOf(options);
    const server = attachServer(child, { shutdownGraceMs: options.shutdownGraceMs });
    return new AsyncClient(server, settings, options);
  }

  /**
   * Runs one turn: waits for the thread's earlier turn runs, starts it, and gives its messages to this run alone.
   *
   * @throws {@link InvalidArgumentError} when params or options are bad; nothing was sent
   */
  turnRun(params: TurnRunParams, options?: TurnRunOptions): TurnRun {
    return startTurnRun(this.peer, this.#turnLines, params, options);
  }

  /**
   * Starts a thread and runs its first turn.
   *
   * @throws {@link InvalidArgumentError} when params or options are bad; nothing was sent
   */
  threadRun(params: ThreadRunParams, options?: TurnRunOptions): ThreadRun {
    return startThreadRun(this.peer, this.#turnLines, params, options);
  }

  /**
   * A handle on a thread, by its id or by the answer to `threadStart`, `threadResume` or `threadFork`. Sends nothing.
   *
   * @throws {@link InvalidArgumentError} when it names no thread
   */
  thread(thread: ThreadReference): ThreadHandle {
    return new ThreadHandle(this.peer, this.#turnLines, threadIdOf(thread));
  }
}

defineTypedMethods(AsyncClient.prototype);
