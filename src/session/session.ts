/**
 * One conversation with one server. It is put together here, from the bottom up: the taps, the flow, the writer, requests
 * and answers over it, the streams, what comes in, and the end. Each part calls only those before it. What is checked here
 * is whether a call can still be made; everything else is a part's.
 */
import { randomUUID } from 'node:crypto';
import type { ServerProcess } from '../app-server/lifetime/server-process.js';
import { DEFAULT_MAX_HELD_BYTES, LAST_WORDS_MS } from '../support/defaults.js';
import type { CodexClientError } from '../support/errors.js';
import { pause } from '../support/pause.js';
import { LineWriter } from '../wire/line-writer.js';
import { OutgoingText } from '../wire/outgoing-text.js';
import { notificationLine, type RequestId } from '../wire/wire-message.js';
import type { Asker } from './answers/askers.js';
import { Responder } from './answers/responder.js';
import type { StandingAnswerTable } from './answers/standing-answers.js';
import type { CloseReason } from './close-reason.js';
import { drain } from './drain.js';
import { Incoming } from './incoming.js';
import type { AnyServerRequest } from './messages/server-message.js';
import type { CallSpec } from './requests/call.js';
import type { RequestIds } from './requests/request-ids.js';
import { Requests } from './requests/requests.js';
import { SessionLifetime } from './session-lifetime.js';
import type { SessionRemains } from './session-remains.js';
import type { SessionStats } from './session-stats.js';
import { Flow, type FlowLimits } from './streams/flow.js';
import { Streams } from './streams/streams.js';
import { Taps } from './taps/taps.js';
import { ThreadActivity } from './thread-activity.js';
import { ThreadSubscriptions } from './thread-subscriptions.js';
import { ThreadUsage } from './thread-usage.js';
import { TurnGate } from './turn-gate.js';

/** Limits and supplies of a session, with every default filled in. */
export interface SessionSettings {
  readonly flow: FlowLimits;
  readonly maxLineBytes: number;
  /** Text that may wait to be sent, in bytes. */
  readonly maxOutgoingBytes: number;
  readonly maxInFlightRequests: number;
  readonly requestIds: RequestIds;
  readonly standingAnswers: StandingAnswerTable;
}

/** So many hexadecimal digits tell the servers apart that one program, or one page, has to do with. */
const EPOCH_DIGITS = 8;

/** One conversation with one server. */
export class Session implements Asker {
  /** Names the server in what outlives it: its ids start again with the next one. */
  readonly epoch = randomUUID().slice(0, EPOCH_DIGITS);
  readonly process: ServerProcess;
  readonly flow: Flow;
  readonly streams: Streams;
  readonly taps = new Taps();
  readonly activity = new ThreadActivity();
  readonly subscriptions = new ThreadSubscriptions();
  readonly usage = new ThreadUsage();
  readonly turnGate = new TurnGate();
  readonly responder: Responder;
  readonly #outgoing: OutgoingText;
  readonly #writer: LineWriter;
  readonly #requests: Requests;
  readonly #incoming: Incoming;
  readonly #lifetime: SessionLifetime;

  constructor(process: ServerProcess, settings: SessionSettings) {
    const { requestIds, maxInFlightRequests, standingAnswers, maxLineBytes } = settings;
    const { taps, activity, subscriptions, usage, turnGate } = this;
    const flow = new Flow(settings.flow, process.stdout);
    const outgoing = new OutgoingText(settings.maxOutgoingBytes, process.maxMessageBytes);
    const writer = new LineWriter(process.stdin, flow, outgoing, taps);
    const requests = new Requests(maxInFlightRequests, requestIds, { writer, outgoing, demands: flow });
    const responder = new Responder(standingAnswers, writer, flow);
    const streams = new Streams(flow, Math.min(DEFAULT_MAX_HELD_BYTES, settings.flow.maxBytes));
    const incoming = new Incoming(maxLineBytes, {
      flow,
      requests,
      responder,
      taps,
      streams,
      activity,
      subscriptions,
      asker: this,
      usage,
    });
    this.process = process;
    this.flow = flow;
    this.streams = streams;
    this.responder = responder;
    this.#outgoing = outgoing;
    this.#writer = writer;
    this.#requests = requests;
    this.#incoming = incoming;
    this.#lifetime = new SessionLifetime(process, {
      flow,
      writer,
      requests,
      responder,
      taps,
      streams,
      incoming,
      activity,
      turnGate,
    });
  }

  /** Settles when the server is gone and everything it wrote was read; never rejects. */
  get closed(): Promise<CloseReason> {
    return this.#lifetime.closed;
  }

  /** Bytes of the server's output that were read. */
  get bytesReceived(): number {
    return this.#incoming.bytesRead;
  }

  /** The error of calls made now, once the session is ending. */
  get closingError(): CodexClientError | undefined {
    return this.#lifetime.callError;
  }

  /**
   * Makes a call; see {@link Requests.call} for when it settles.
   * @throws InvalidArgumentError when its params are longer than what the server takes
   */
  call(spec: CallSpec): Promise<unknown> {
    const refusal = this.closingError;
    if (refusal !== undefined) return Promise.reject(refusal);
    this.#outgoing.checkLength('params', spec.paramsJson);
    return this.#requests.call(spec);
  }

  /** Sends a notification; settles when the pipe has taken it. */
  async notify(method: string, paramsJson: string | undefined): Promise<void> {
    this.#checkOpen();
    this.#outgoing.checkLength('params', paramsJson ?? '');
    const refusal = this.#outgoing.refusalOf(method);
    if (refusal !== undefined) throw refusal;
    await this.#writer.write(notificationLine(method, paramsJson));
  }

  /** Answers a server request; settles when the pipe has taken the answer. */
  async respond(requestOrId: AnyServerRequest | RequestId, result: unknown): Promise<void> {
    this.#checkOpen();
    await this.responder.respond(requestOrId, result);
  }

  /** Fires when the server withdraws a request, or its turn is over. */
  signalOf(request: AnyServerRequest): AbortSignal {
    return this.responder.ledger.withdrawalOf(request);
  }

  /** Refuses a server request; settles when the pipe has taken the refusal. */
  async respondError(
    requestOrId: AnyServerRequest | RequestId,
    code: number,
    message: string,
    data: unknown,
  ): Promise<void> {
    this.#checkOpen();
    await this.responder.respondError(requestOrId, code, message, data);
  }

  /** What was under way when it closed; undefined before. */
  get left(): SessionRemains | undefined {
    return this.#lifetime.left;
  }

  /** Ends the server as a failure; see {@link SessionLifetime.giveUp}. */
  giveUp(cause: Error): void {
    this.#lifetime.giveUp(cause);
  }

  /** Lets running turns end, and starts no more; see {@link drain}. */
  async drain(drainMs: number): Promise<void> {
    if (this.closingError !== undefined) return;
    await drain(this, { drainMs, stderrTail: this.process.stderr.tail });
  }

  /** Ends the server, as soon as it has heard what is to stop, and waits until it is gone. Idempotent. */
  async shutdown(): Promise<void> {
    const { untilHeard } = this.turnGate;
    if (untilHeard !== undefined) await pause(LAST_WORDS_MS, Promise.race([untilHeard, this.closed]));
    // Lines of this turn of the event loop have not reached the pipe yet, and its end is near.
    this.#writer.flush();
    await this.#lifetime.shutdown();
  }

  /** The counters now. */
  stats(): SessionStats {
    const flow = this.flow.stats();
    const { received, discarded, missed, coalesced, cuts } = this.streams;
    const { evicted } = this.streams.main;
    return {
      ...flow,
      messages: {
        received,
        delivered: received - flow.held.messages - evicted - discarded - missed - coalesced,
        evicted,
        discarded,
        missed,
        coalesced,
        standingAnswers: this.responder.standingAnswers.given,
      },
      cuts,
      streams: this.streams.stats,
      requests: { ...this.#requests.stats(), unansweredByUs: this.responder.ledger.openCount },
      outgoing: this.#outgoing.stats(),
      taps: this.taps.stats(),
      noiseLines: this.#incoming.noiseLines,
    };
  }

  /** @throws CodexClientError once the session is ending */
  #checkOpen(): void {
    if (this.closingError !== undefined) throw this.closingError;
  }
}
