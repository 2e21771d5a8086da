/**
 * The one door to a session: the client and the runs see the server through it and reach no part behind it. Owns the
 * checks of a request's arguments and the client's defaults; the session takes only what is right. What is known without a
 * request it says as {@link SessionFacts}.
 */
import { PROTOCOL_METHODS, type ServerVersion } from '../protocol/checks/known-names.js';
import { type CheckedParams, checkExperimental, checkParamsKeys } from '../protocol/checks/params-check.js';
import { ENDING_METHODS, LONG_RUNNING_METHODS } from '../protocol/methods.js';
import { DEFAULT_REQUEST_TIMEOUT_MS } from '../support/defaults.js';
import { jsonText, paramsText } from '../support/json-text.js';
import type { ServerMessage, ServerRequest } from './messages/server-message.js';
import type { InternalRequestOptions } from './requests/internal-request.js';
import { checkLocalPaths } from './requests/local-paths.js';
import type { ClientMethod, ParamsOf, ResponseOf } from './requests/protocol-request.js';
import { checkMethod, checkRequestOptions } from './requests/request-checks.js';
import type { RequestOptions } from './requests/request-options.js';
import type { Session } from './session.js';
import { SessionFacts } from './session-facts.js';
import { checkEventFilter, claimOf, type EventFilter, isEmptyFilter } from './streams/event-filter.js';
import {
  checkEventOptions,
  type EventOptions,
  type EventStream,
  LiveEventStream,
} from './streams/event-stream.js';
import type { Follower } from './streams/followers.js';
import { checkHeldOptions, type HeldOptions } from './streams/held-options.js';
import type { OpenStream, StreamClaim } from './streams/open-stream.js';
import { checkReadOptions, type ReadOptions, readTimeout } from './streams/read-options.js';
import { readUntil, waitFor } from './streams/reading-on.js';
import type { StreamOpening } from './streams/streams.js';
import { checkTapOptions, type EventTap, type TapOptions, type WireTap } from './taps/tap.js';
import type { Onlooker } from './taps/taps.js';
import { ThreadCalls } from './thread-calls.js';

/** Typed access to one session. */
export class Peer extends SessionFacts {
  readonly #calls: ThreadCalls;
  /** The time limit of requests that give none, in milliseconds; 0 for none. */
  readonly requestTimeoutMs: number;
  /** Known once the handshake was answered; by it names are checked, or pass. */
  serverVersion: ServerVersion;
  /** Whether the handshake asked for the experimental API; undefined before it. */
  hasExperimentalApi: boolean | undefined;
  /** The handshake named a home that is here: with a program called codex, the server sees the files that we see. */
  hasHomeHere = false;

  constructor(session: Session, requestTimeoutMs: number) {
    super(session);
    this.#calls = new ThreadCalls(session);
    this.requestTimeoutMs = requestTimeoutMs;
  }

  /** The time limit of our own questions, in milliseconds; never none, so that a silent server is noticed. */
  get questionTimeoutMs(): number {
    return this.requestTimeoutMs || DEFAULT_REQUEST_TIMEOUT_MS;
  }

  /** The server was found dead: ends it as a failure; see {@link SessionLifetime.giveUp}. */
  giveUp(cause: Error): void {
    this.session.giveUp(cause);
  }

  /**
   * Sends a request; settles with the server's answer.
   * Rejects with {@link InvalidArgumentError} before anything is sent, {@link RpcError}, {@link OverloadedError},
   * {@link RequestTimeoutError}, {@link BackpressureError}, {@link ProtocolError} when the answer is no object although
   * the method's is one, {@link ServerClosedError}, or `signal.reason`.
   */
  call<M extends string>(
    method: M,
    params?: ParamsOf<M>,
    options: RequestOptions = {},
    internal: InternalRequestOptions<M> = {},
  ): Promise<ResponseOf<M>> {
    try {
      checkMethod(method);
      checkRequestOptions(options);
      const notes = this.#calls.notesOf(method, params, internal);
      const isLongRunning = LONG_RUNNING_METHODS.has(method);
      const answer = this.session.call({
        method,
        paramsJson: paramsText('params', params),
        traceJson: options.trace === undefined ? undefined : jsonText('options.trace', options.trace),
        timeoutMs: options.timeoutMs ?? (isLongRunning ? 0 : this.requestTimeoutMs),
        signal: options.signal,
        isLongRunning,
        promisesObject: PROTOCOL_METHODS.has(method),
        isBackground: internal.isBackground ?? false,
        isProbe: internal.isProbe,
        endsWork: ENDING_METHODS.has(method),
        onResult: notes.onResult,
        onSent: internal.onSent,
        onTurnedAway: internal.onTurnedAway,
        onTakenBack: internal.onTakenBack,
        onRefused: internal.onRefused,
        recall: internal.recall,
      });
      notes.sent(answer);
      // The edge of the wire: the server's answer has the type that the protocol promises for the method.
      return answer as Promise<ResponseOf<M>>;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * What a typed method or a run does before it sends: refuses what the protocol, or this server, can have no use for.
   * @throws InvalidArgumentError
   */
  checkParams(method: string, params: unknown, how: CheckedParams = {}): void {
    checkParamsKeys(method, params, this.serverVersion, how);
    if (this.hasExperimentalApi === false) checkExperimental(method, params, this.serverVersion, how);
    const { localFolder } = this.session.process;
    if (this.hasHomeHere && localFolder !== undefined)
      checkLocalPaths(how.argument ?? 'params', method, params, localFolder);
  }

  /** {@link Peer.call} with params that are checked like those of a typed method. */
  callTyped<M extends ClientMethod>(
    method: M,
    params: ParamsOf<M>,
    options?: RequestOptions,
    internal?: InternalRequestOptions<M>,
  ): Promise<ResponseOf<M>> {
    try {
      this.checkParams(method, params);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.call(method, params, options, internal);
  }

  /** Sends a notification; settles when the pipe has taken it. Rejects with {@link InvalidArgumentError}. */
  async notify(method: string, params?: unknown): Promise<void> {
    checkMethod(method);
    const paramsJson = params === undefined ? undefined : paramsText('params', params);
    await this.session.notify(method, paramsJson);
  }

  /**
   * Tells the server that a run has no use for something any more. It is sent even when unread messages leave no room,
   * settles with the answer, and never rejects: what is left of the work ends with the session at the latest. Whoever
   * leaves does not wait for it: the server may be silent.
   */
  async part<M extends ClientMethod>(method: M, params: ParamsOf<M>): Promise<void> {
    const timeoutMs = this.questionTimeoutMs;
    const answer: Promise<unknown> = this.call(method, params, { timeoutMs }, { isBackground: true });
    try {
      await this.waitFor(answer);
    } catch {
      // Refused because it is over already, or the server is gone, or there is no room to read the answer.
    }
  }

  /** The main stream, or a stream of what a filter lets through. @throws InvalidArgumentError when an argument is bad */
  events(filter: EventFilter, options: EventOptions = {}): EventStream {
    checkEventFilter(filter, this.serverVersion);
    checkEventOptions(options, this.session.flow.maxBytes);
    const { streams } = this.session;
    const { maxHeldBytes, coalesce, name } = options;
    if (isEmptyFilter(filter)) return new LiveEventStream(() => streams.openMain(options), options);
    const claim = claimOf(filter);
    const held = { maxHeldBytes, coalesce, name: name ?? claim.name };
    return new LiveEventStream(() => streams.open({ ...claim, ...held }), options);
  }

  /** Copies of what a filter lets through, whoever gets it. @throws InvalidArgumentError when an argument is bad */
  tap(filter: EventFilter, options: TapOptions): EventTap {
    checkEventFilter(filter, this.serverVersion);
    checkTapOptions(options);
    return this.session.taps.openEvents(filter, options);
  }

  /** Every line, both ways. @throws InvalidArgumentError when an option is bad */
  wire(options: TapOptions): WireTap {
    checkTapOptions(options);
    return this.session.taps.openWire(options);
  }

  /** Shows an onlooker what a filter lets through, from now on; gives back what ends that. */
  showTo(onlooker: Onlooker, filter: EventFilter): () => void {
    return this.session.taps.showTo(onlooker, filter);
  }

  /** The next message of the main stream, or of what a filter lets through; see {@link AsyncClient.nextMessage}. */
  async nextMessage(options: ReadOptions): Promise<ServerMessage | undefined> {
    checkReadOptions(options, this.serverVersion);
    const { timeoutMs, signal, ...filter } = options;
    const limits = { timeoutMs, signal, timeoutError: readTimeout };
    const { streams } = this.session;
    return isEmptyFilter(filter) ? streams.takeMain(limits) : streams.takeOne(claimOf(filter), limits);
  }

  /** @throws InvalidArgumentError when an option of what is held unread cannot work */
  checkHeldOptions(options: HeldOptions): void {
    checkHeldOptions(options, this.session.flow.maxBytes);
  }

  /** Opens a stream for a run. */
  open(claim: StreamClaim, opening: StreamOpening = { takesUnread: false }): OpenStream {
    return this.session.streams.open(claim, opening);
  }

  /** Shows a follower what is about the subject (a thread's or a root turn's id, or a method), from now on. */
  follow(follower: Follower, subject: string): void {
    this.session.streams.follow(follower, subject);
  }

  /** Shows a follower nothing any more. */
  unfollow(follower: Follower): void {
    this.session.streams.unfollow(follower);
  }

  /** Settles as `awaited` does, and reads on until then; rejects with {@link BackpressureError} when it cannot. */
  waitFor<T>(awaited: Promise<T>): Promise<T> {
    return waitFor(this.session.flow, awaited);
  }

  /** Reads on until the promise settles, as far as there is room. */
  readUntil(settled: Promise<unknown>): void {
    readUntil(this.session.flow, settled);
  }

  /** Answers a server request; see {@link Session.respond}. */
  respond(request: ServerRequest, result: unknown): Promise<void> {
    return this.session.respond(request, result);
  }

  /** Refuses a server request; see {@link Session.respondError}. */
  respondError(request: ServerRequest, code: number, message: string): Promise<void> {
    return this.session.respondError(request, code, message, undefined);
  }
}
