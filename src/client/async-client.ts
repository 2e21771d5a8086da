/**
 * The client: one object that owns one server process and hands everything out to be pulled. This file starts it, and
 * offers the longer work and the taps; messages and state are the conversation's, the work itself is the runs'.
 */
import { connectServer } from '../app-server/connection/connect-server.js';
import { type ConnectTarget, endpointOf } from '../app-server/connection/connect-target.js';
import { spawnServer } from '../app-server/launch/spawn-server.js';
import { attachServer } from '../app-server/lifetime/attach-server.js';
import type { AttachableChild } from '../app-server/lifetime/attachable-child.js';
import type { ServerProcess } from '../app-server/lifetime/server-process.js';
import type {
  LoginAccountParams,
  TurnStartParams,
  TurnStartResponse,
  TurnSteerParams,
  TurnSteerResponse,
  TypedMethods,
} from '../protocol/generated.js';
import type { CommandRunOptions, CommandRunParams } from '../runs/command/command-params.js';
import { type CommandRun, commandRun } from '../runs/command/command-run.js';
import {
  type FileWatch,
  type FileWatchOptions,
  type FileWatchParams,
  fileWatch,
} from '../runs/file-watch.js';
import { type LoginOf, login } from '../runs/login.js';
import { paginate } from '../runs/pages.js';
import type { PageItem, Pages, PaginatedMethod } from '../runs/pages-methods.js';
import { turnStart, turnSteer } from '../runs/turn/plain-turns.js';
import type { WithTurnInput } from '../runs/turn/turn-input.js';
import type { RequestArguments } from '../session/requests/protocol-request.js';
import type { RequestOptions } from '../session/requests/request-options.js';
import type { SessionSettings } from '../session/session.js';
import type { EventFilter, Filtered } from '../session/streams/event-filter.js';
import type { EventTap, TapOptions, WireTap } from '../session/taps/tap.js';
import { Supervisor } from '../supervisor/supervisor.js';
import type { ToolCall } from '../tools/tool-call.js';
import { type ToolCallOptions, type ToolCalls, toolCalls } from '../tools/tool-calls.js';
import type { Tools } from '../tools/tools.js';
import {
  type AttachOptions,
  appServerOptionsOf,
  type ClientOptions,
  type ConnectOptions,
  checkAttachOptions,
  checkConnectOptions,
  checkStartOptions,
  connectionOf,
  connectionSettingsOf,
  type StartOptions,
  sessionSettingsOf,
} from './client-options.js';
import { shakeHands } from './handshake.js';
import { type SuperviseOptions, supervisionOf } from './supervise-options.js';
import { TurnConversation } from './turn-conversation.js';
import { defineTypedMethods } from './typed-methods.js';

/**
 * One method for each method of the protocol: `client.threadStart(...)` sends `thread/start`. A member of the client wins
 * over a method of the protocol of the same name.
 */
export interface AsyncClient extends TypedMethods {}

/**
 * A client of one `codex app-server`. Messages are pulled: {@link AsyncClient.events}, {@link AsyncClient.nextMessage};
 * there are no listeners. Start one with {@link AsyncClient.start}, and end it with `await using` or
 * {@link AsyncClient.shutdown}.
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: defineTypedMethods puts every member of TypedMethods on the prototype
export class AsyncClient extends TurnConversation {
  private constructor(server: ServerProcess, settings: SessionSettings, options: ClientOptions) {
    super(server, settings, options);
  }

  static {
    defineTypedMethods(AsyncClient.prototype, (client, method, params) => {
      client.peer.checkParams(method, params);
    });
  }

  /**
   * Starts a server and performs the handshake. When it fails, no process is left behind; an aborted `signal` is such a
   * failure, with its reason. End it with `await using`, or with {@link AsyncClient.shutdown}.
   *
   * @throws InvalidArgumentError when an option is bad; nothing was started
   * @throws SpawnError when codex was not found or could not be started
   * @throws HandshakeError when the server refused the handshake, did not answer it in time, or went
   * @throws UnsupportedServerError when the server is too old
   */
  static async start(options: StartOptions = {}): Promise<AsyncClient> {
    return shakeHands(await AsyncClient.spawn(options), options.signal);
  }

  /**
   * Starts a server without the handshake; call {@link AsyncClient.initialize} yourself.
   * @throws InvalidArgumentError when an option is bad; nothing was started
   * @throws SpawnError when codex was not found or could not be started
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
   * @throws InvalidArgumentError when the child lacks a stream or an option is bad
   */
  static attach(child: AttachableChild, options: AttachOptions = {}): AsyncClient {
    checkAttachOptions(options);
    const settings = sessionSettingsOf(options);
    const server = attachServer(child, { shutdownGraceMs: options.shutdownGraceMs });
    return new AsyncClient(server, settings, options);
  }

  /**
   * Connects to a server that runs, by its Unix socket, its address, or a proxy such as ssh, and performs the handshake.
   * `shutdown()` ends the connection, never the server. It is read at all times (see `buffer.neverPauses`), because a server
   * drops a client that does not read.
   *
   * @throws InvalidArgumentError when the target or an option is bad; nothing was opened
   * @throws SpawnError when the proxy could not be started
   * @throws ConnectionError when no connection came about, in time
   * @throws HandshakeError when the server refused the handshake, did not answer it in time, or went
   * @throws UnsupportedServerError when the server is too old
   */
  static async connect(target: ConnectTarget, options: ConnectOptions = {}): Promise<AsyncClient> {
    const endpoint = endpointOf(target);
    checkConnectOptions(options);
    options.signal?.throwIfAborted();
    const settings = connectionSettingsOf(options);
    const server = await connectServer(endpoint, connectionOf(options));
    return shakeHands(new AsyncClient(server, settings, options), options.signal);
  }

  /**
   * A client that outlives its server: the first server is started, or connected to, at once, and when one ends, however it
   * does, the next one is. See {@link Supervisor}.
   *
   * @throws InvalidArgumentError when an option is bad; nothing was started
   */
  static supervise(options: SuperviseOptions = {}): Supervisor {
    const { server, restart, healthCheck } = supervisionOf(options);
    const areConnections = 'connect' in server;
    const open = async (signal: AbortSignal) => {
      const client = areConnections
        ? await AsyncClient.connect(server.connect, { ...server.options, signal })
        : await AsyncClient.start({ ...server.start, signal });
      return { client, peer: client.peer, queues: client.turnQueues };
    };
    return new Supervisor({ open, areConnections, restart, healthCheck });
  }

  /**
   * Runs a command without a turn (`command/exec`): its output as streams, its input, its end. Leaving its loop early
   * terminates the command.
   *
   * @throws InvalidArgumentError when params or options are bad; nothing was sent
   */
  commandRun(params: CommandRunParams, options?: CommandRunOptions): CommandRun {
    return commandRun(this.peer, params, options);
  }

  /**
   * Watches a file or a folder (`fs/watch`) and yields what changed. Leaving the loop ends the watch.
   * @throws InvalidArgumentError when params or options are bad; nothing was sent
   */
  fileWatch(params: FileWatchParams, options?: FileWatchOptions): FileWatch {
    return fileWatch(this.peer, params, options);
  }

  /**
   * Starts a login (`account/login/start`) and settles when the server has told how to go on: with a URL to open, a code
   * to type, or nothing more to do.
   *
   * @throws InvalidArgumentError when params or options are bad; nothing was sent
   * @throws RpcError when the server refused the login
   */
  login<const P extends LoginAccountParams>(params: P, options?: RequestOptions): Promise<LoginOf<P>> {
    return login(this.peer, params, options);
  }

  /**
   * Every item of a method that answers in pages: the next page is asked for when the last one is read to its end.
   * @throws InvalidArgumentError when the method has no pages; the iterator rejects as `request` does
   */
  paginate<M extends PaginatedMethod>(method: M, ...rest: RequestArguments<M>): Pages<PageItem<M>> {
    return paginate(this.peer, method, ...rest);
  }

  /**
   * The calls of tools that `defineTools` made, of all threads or of one: a union discriminated by `tool`, its `input` typed and
   * checked. A call goes here before it goes to any run or other stream, those that are still unread on the main stream
   * included, so read it beside them. Several sets have a stream each, and each gets its own calls.
   *
   * A call whose arguments do not fit is answered with what is wrong with them, and the model can mend it. Leaving the loop
   * refuses what it was handed and has not answered.
   *
   * @throws InvalidArgumentError when the tools are none of `defineTools`, or an option is bad
   */
  toolCalls<Call extends ToolCall>(tools: Tools<Call>, options?: ToolCallOptions): ToolCalls<Call> {
    return toolCalls(this.peer, tools, options);
  }

  /**
   * Copies of the server's messages, with a filter those that it lets through: every notification and every server request,
   * when it is read, whoever gets it, also those of runs and those that a standing answer answers. A request that is sent
   * again while its answer is on its way is shown to nobody. It is on {@link wire}, as are responses, and what is sent.
   *
   * A tap is no reader. It takes nothing, so that every message still goes where it goes without it, and a read of it that
   * waits does not keep the server's output being read: a program that reads taps alone is held back at
   * `buffer.highWaterMark` like one that reads nothing. Read `events()` as well then, and answer what is asked there.
   * A tap whose reader is slow holds nobody back either: past `maxHeldBytes` it misses messages, and says how many by a
   * `Gap` in their place.
   *
   * A message is the same object that its reader gets, so change nothing in it. A server request can be answered from here
   * or from there, once. What nobody else takes while `result()` or `text()` drives a run is refused all the same: to answer
   * beside a run, open `events({ kind: 'request' })`.
   *
   * @throws InvalidArgumentError when an argument is bad, or a method in the filter is nearly one that the server has
   */
  tap(filter?: undefined, options?: TapOptions): EventTap;
  tap<const F extends EventFilter>(filter: F, options?: TapOptions): EventTap<Filtered<F>>;
  tap(filter: EventFilter = {}, options: TapOptions = {}): EventTap {
    return this.peer.tap(filter, options);
  }

  /**
   * Every line of the conversation, both ways, in the order in which they passed: one from the server before it is parsed,
   * also one that is then refused as a `ProtocolError`; one of ours when it is handed to the pipe. Called right after
   * {@link AsyncClient.spawn} or {@link AsyncClient.attach} it has the handshake, too.
   * What does not start with `{` is no message and not among them, nor is a line that is longer than `maxLineBytes`. When
   * the server dies within a line, what was read of it is the last one. Like {@link tap} it takes nothing, holds nobody
   * back, and misses lines where its reader is too slow.
   *
   * @throws InvalidArgumentError when an option is bad
   */
  wire(options: TapOptions = {}): WireTap {
    return this.peer.wire(options);
  }

  /**
   * Sends `turn/start` as it is, with input that may be a plain text; settles with the new turn as soon as the server has
   * begun it, not when it is over. On a thread with a running turn it adds the input to that one. {@link turnRun} waits
   * for its turn, and hands out its messages and its result.
   *
   * @throws InvalidArgumentError when an argument is bad; nothing was sent
   * @throws RpcError when the server refused; and what {@link request} throws
   */
  turnStart(params: WithTurnInput<TurnStartParams>, options?: RequestOptions): Promise<TurnStartResponse> {
    return turnStart(this.peer, params, options);
  }

  /**
   * Sends `turn/steer` as it is, with input that may be a plain text: adds it to the running turn that
   * `expectedTurnId` names. The `steer()` of a run knows its turn.
   *
   * @throws InvalidArgumentError when an argument is bad; nothing was sent
   * @throws RpcError when the server refused, as it does for a turn that is not running; and what {@link request} throws
   */
  turnSteer(params: WithTurnInput<TurnSteerParams>, options?: RequestOptions): Promise<TurnSteerResponse> {
    return turnSteer(this.peer, params, options);
  }
}
