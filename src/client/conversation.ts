/**
 * One conversation in the user's hands: its state, its handshake, its messages. It checks what it is given and
 * leaves the work to the session. How a server is started, and the longer work, is `AsyncClient`'s.
 */
import type { ServerProcess } from '../app-server/lifetime/server-process.js';
import type { InitializeParams, InitializeResponse } from '../protocol/generated.js';
import type { CloseReason } from '../session/close-reason.js';
import type { AnswerTo, ResultOfEach } from '../session/messages/answer-types.js';
import type {
  AnyServerRequest,
  ServerMessage,
  ServerRequestMethod,
} from '../session/messages/server-message.js';
import { Peer } from '../session/peer.js';
import type { ClientMethod, RequestArguments, ResponseOf } from '../session/requests/protocol-request.js';
import { checkRequestOptions } from '../session/requests/request-checks.js';
import type { RequestOptions } from '../session/requests/request-options.js';
import { Session, type SessionSettings } from '../session/session.js';
import type { EventFilter, Filtered } from '../session/streams/event-filter.js';
import type { EventOptions, EventStream } from '../session/streams/event-stream.js';
import type { ReadOptions } from '../session/streams/read-options.js';
import { checkBoolean, checkKnownKeys, checkTimeLimit, rejectArgument } from '../support/argument-checks.js';
import { DEFAULT_REQUEST_TIMEOUT_MS } from '../support/defaults.js';
import type { RequestId } from '../wire/wire-message.js';
import { Answers } from './answers.js';
import type { ClientOptions } from './client-options.js';
import type { ClientState, ClientStats, InitializeOptions, ShutdownOptions } from './conversation-types.js';
import { Handshake } from './handshake.js';
import { initializeParamsOf } from './initialize-params.js';
import { KnownMethods } from './known-methods.js';
import type { ServerInfo } from './server-info.js';

const NOT_BY_HAND = 'a client is made by AsyncClient.start(), spawn(), attach() or connect(), not by new';

/** Everything of a client that is the same however its server came to be. */
export class Conversation implements AsyncDisposable {
  readonly #session: Session;
  /** @internal */
  protected readonly peer: Peer;
  readonly #answers: Answers;
  readonly #handshake: Handshake;
  readonly #knownMethods: KnownMethods;
  readonly #initializeParams: InitializeParams;
  #isClosed = false;

  /**
   * @internal
   * @param settings - made from the options before there is a server, because making them can fail
   */
  protected constructor(server: ServerProcess, settings: SessionSettings, options: ClientOptions) {
    // Without types nothing keeps a program from `new AsyncClient()`.
    if ((settings as SessionSettings | undefined) === undefined) throw new TypeError(NOT_BY_HAND);
    this.#session = new Session(server, settings);
    this.peer = new Peer(this.#session, options.requestTimeoutMs ?? DEFAULT_REQUEST_TIMEOUT_MS);
    this.#answers = new Answers(this.#session, this.peer);
    this.#initializeParams = initializeParamsOf(options);
    this.#handshake = new Handshake(this.peer, server.stderr, options.allowUnsupportedServer ?? false);
    this.#knownMethods = new KnownMethods(this.peer);
    this.#session.closed.then(() => {
      this.#isClosed = true;
    });
  }

  /** The server's process id; over a connection that of the proxy. Undefined where there is none. */
  get pid(): number | undefined {
    return this.#session.process.pid;
  }

  /** The server runs, and the client has not begun to end it. */
  get isAlive(): boolean {
    return !this.#session.process.hasExited && this.#session.closingError === undefined;
  }

  /** How far the client is. */
  get state(): ClientState {
    if (this.#isClosed) return 'closed';
    if (this.#session.closingError !== undefined) return 'closing';
    return this.#handshake.state;
  }

  /** What the server said of itself; undefined before {@link initialize} was answered. */
  get serverInfo(): ServerInfo | undefined {
    return this.#handshake.serverInfo;
  }

  /** Settles when the server is gone and everything it wrote has been read; never rejects. */
  get closed(): Promise<CloseReason> {
    return this.#session.closed;
  }

  /**
   * Performs the handshake: sends `initialize`, then `initialized`. A repeated call with equal params gives back the
   * first answer.
   *
   * @param params - who we are; the client's options by default
   * @throws InvalidArgumentError when the params are bad, or differ from those of the first call
   * @throws HandshakeError when the server refused (it can be tried again), went, or did not answer in time: a
   * second call waits for the late answer
   * @throws UnsupportedServerError when the server is too old
   */
  async initialize(params?: InitializeParams, options: InitializeOptions = {}): Promise<InitializeResponse> {
    checkKnownKeys('options', options, ['timeoutMs', 'signal', 'trace', 'sendInitialized']);
    const { sendInitialized, ...requestOptions } = options;
    checkRequestOptions(requestOptions);
    checkBoolean('options.sendInitialized', sendInitialized);
    const response = await this.#handshake.initialize(params ?? this.#initializeParams, requestOptions);
    if (sendInitialized !== false) await this.#handshake.initialized();
    return response;
  }

  /**
   * Sends `initialized`: only after `initialize(..., { sendInitialized: false })`. Repeated calls send nothing.
   *
   * @throws HandshakeError before `initialize` was answered
   */
  async initialized(): Promise<void> {
    await this.#handshake.initialized();
  }

  /**
   * Ends the server and settles when it is gone: stdin is ended, then after `shutdownGraceMs` SIGTERM, then SIGKILL. Of a
   * server that was connected to, it ends the connection alone. A goal that was just left or aborted is paused first, within a second.
   * What was received stays readable; then streams end, and pending calls reject with `ServerClosedError`.
   * Idempotent; rejects for nothing but a bad option. With `drainMs` running turns may end first: {@link ShutdownOptions}.
   *
   * @throws InvalidArgumentError when an option is bad; nothing was ended
   */
  async shutdown(options: ShutdownOptions = {}): Promise<void> {
    checkKnownKeys('options', options, ['drainMs']);
    const { drainMs = 0 } = options;
    checkTimeLimit('options.drainMs', drainMs);
    if (drainMs > 0) await this.#session.drain(drainMs);
    await this.#session.shutdown();
  }

  /** {@link shutdown}, for `await using`; never rejects. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown();
  }

  /**
   * The lines of the server's stderr, from its start on, over a connection those of the proxy; `undefined` when they were
   * taken before, or there are none. They are read, and bounded, whether they are taken or not; where lines were dropped,
   * one line says how many.
   */
  takeStderr(): AsyncIterable<string> | undefined {
    return this.#session.process.stderr.take();
  }

  /** Counters: what was received, delivered and held, when reading was paused, and which requests are out. */
  stats(): ClientStats {
    const { receivedBytes, droppedLines } = this.#session.process.stderr;
    return { ...this.#session.stats(), stderr: { receivedBytes, droppedLines } };
  }

  /**
   * Whether the server knows a method: from the protocol's table when the server has its version, otherwise from the
   * server's own list, which is asked for once. Experimental methods are known even when `experimentalApi` is off.
   * @throws what {@link request} does, when the server has to be asked
   */
  async supports(method: string): Promise<boolean> {
    if (typeof method !== 'string' || method === '') rejectArgument('method', method, 'the name of a method');
    return this.#knownMethods.has(method, this.serverInfo?.version);
  }

  /**
   * Sends a request and settles with the server's answer, before any message that followed it is handed out. Left-out
   * params are sent as `{}`. At most `maxInFlightRequests` are unanswered at once; the rest wait in line.
   *
   * @throws InvalidArgumentError when an argument is bad; nothing was sent
   * @throws RpcError when the server answered with an error
   * @throws ProtocolError when the answer to a method of the protocol is no object; the client goes on
   * @throws OverloadedError when the server stayed overloaded
   * @throws RequestTimeoutError after `timeoutMs`; a late answer is ignored
   * @throws BackpressureError when unread messages fill `buffer.maxBytes`, or what waits to be sent fills
   * `buffer.maxOutgoingBytes` (then nothing was sent)
   * @throws ServerClosedError when the server went, or the client was shut down
   */
  request<M extends ClientMethod | (string & {})>(
    method: M,
    ...rest: RequestArguments<M>
  ): Promise<ResponseOf<M>> {
    const [params, options] = rest as [RequestArguments<M>[0], RequestOptions | undefined];
    return this.peer.call(method, params as never, options);
  }

  /**
   * Sends a notification; settles when the pipe has taken it.
   *
   * @throws InvalidArgumentError when an argument is bad; nothing was sent
   * @throws BackpressureError when unread messages fill `buffer.maxBytes` while the server does not read, or what waits
   * to be sent fills `buffer.maxOutgoingBytes` (then nothing was sent)
   * @throws ServerClosedError when the server is gone
   */
  async notify(method: string, params?: object): Promise<void> {
    await this.peer.notify(method, params);
  }

  /**
   * Answers a server request; settles when the pipe has taken the answer. A denial that is to interrupt the turn (see
   * `deny`) does so. Of a request that can be of several methods, it takes what each of them takes, and what
   * `approve`, `deny` or `accept` made for it; one that the types do not know takes any JSON value.
   *
   * The server may withdraw a request at any time, and an interrupted or aborted run makes its requests stale: a loop that
   * answers has to expect `StaleRequestError`, which means that nobody waits for this answer any more.
   *
   * @throws AlreadyRespondedError when it was answered before
   * @throws StaleRequestError when the server does not wait for it any more, or never asked
   * @throws InvalidArgumentError when an argument is bad, or no server of our version knows such an answer; it can still be given
   * @throws BackpressureError when unread messages fill `buffer.maxBytes` while the server does not read; it is sent later
   * @throws ServerClosedError when the server is gone
   */
  async respond<R extends AnyServerRequest>(request: R, result: AnswerTo<R['method']>): Promise<void> {
    await this.#answers.respond(request, result);
  }

  /**
   * Answers a server request of which only the id is at hand, as {@link respond} does. The result is not
   * compared with what the request expects: whatever is JSON passes.
   *
   * @throws AlreadyRespondedError when it was answered before
   * @throws StaleRequestError when the server does not wait for it any more, or never asked
   * @throws InvalidArgumentError when the id is none, or the result cannot be JSON; the request can still be answered
   * @throws BackpressureError and ServerClosedError as {@link respond} does
   */
  async respondById(id: RequestId, result: unknown): Promise<void> {
    await this.#answers.respondById(id, result);
  }

  /**
   * Refuses a server request with a JSON-RPC error; settles when the pipe has taken it.
   *
   * @throws AlreadyRespondedError when it was answered before
   * @throws StaleRequestError when the server does not wait for it any more, or never asked
   * @throws InvalidArgumentError when an argument is bad; the request can still be answered
   * @throws BackpressureError and ServerClosedError as {@link respond} does
   */
  async respondError(
    request: AnyServerRequest | RequestId,
    code: number,
    message: string,
    data?: unknown,
  ): Promise<void> {
    await this.#answers.respondError(request, code, message, data);
  }

  /**
   * A signal that fires when the server withdraws a request of its own (`serverRequest/resolved`: it was settled
   * elsewhere or went stale), so that a prompt shown to a person can be taken away.
   *
   * @throws StaleRequestError when this client never received the request
   */
  signalOf(request: AnyServerRequest): AbortSignal {
    return this.#session.signalOf(request);
  }

  /**
   * Sets the answer to give to every server request of a method from now on; `undefined` asks in the streams again. Of a
   * method that can be one of several it takes what each of them takes.
   *
   * @throws InvalidArgumentError when the result cannot be JSON, or the protocol of the server's version has no such
   * answer, or no such method and one that is nearly called so
   */
  setStandingAnswer<M extends ServerRequestMethod>(method: M, result: ResultOfEach<M> | undefined): void {
    this.peer.answers.client.set(method, result, this.peer.serverVersion);
  }

  /**
   * The next message of the main stream; with `kind`, `methods`, `threadId` or `turnId` the next one that has them, as a
   * stream of that filter would get it: one that is unread on the main stream, or else the first that comes. All other
   * messages are left to those who read them. `undefined` after a clean end.
   *
   * @throws InvalidArgumentError when an option is bad
   * @throws RequestTimeoutError after `timeoutMs`; no message is lost
   * @throws ConcurrentReadError when it has no filter and a read of the main stream is waiting already
   * @throws ServerClosedError when the server went by itself and everything it sent was handed out
   * @throws BackpressureError when there is nothing for it while unread messages fill `buffer.maxBytes`; once, with `missed`,
   * when the main stream gave notifications up while nobody read it. The next call reads on
   */
  nextMessage(): Promise<ServerMessage | undefined>;
  nextMessage<const O extends ReadOptions>(options: O): Promise<Filtered<O> | undefined>;
  async nextMessage(options: ReadOptions = {}): Promise<ServerMessage | undefined> {
    return this.peer.nextMessage(options);
  }

  /**
   * A stream of messages. Without a filter it is the main stream, which keeps its unread messages for the next reader
   * when you leave it; while it is not open it gives up its oldest notifications where `buffer.maxBytes` is full. With a
   * filter it takes the matching messages, those still unread on the main stream included, so that opening it after a call
   * loses nothing. Each message reaches exactly one stream, the most specific one.
   * Aborting `options.signal` ends the loop as `break` does, without an error.
   *
   * @throws InvalidArgumentError when an argument is bad, or a method in the filter is nearly one that the server has
   */
  events(filter?: undefined, options?: EventOptions): EventStream;
  events<const F extends EventFilter>(filter: F, options?: EventOptions): EventStream<Filtered<F>>;
  events(filter: EventFilter = {}, options: EventOptions = {}): EventStream {
    return this.peer.events(filter, options);
  }
}
