/**
 * One conversation with one server: bytes in, messages to buffers, answers to calls, lines out. It joins the
 * parts and keeps the order between them: an answer settles its call while the chunk is read, events become
 * readable after; server requests are noted before anybody can answer them. How it ends is in `session-end.ts`.
 */
import { Buffer } from 'node:buffer';
import type { ServerProcess } from '../app-server/lifetime/server-process.js';
import { describeValue } from '../support/argument-checks.js';
import { type CodexClientError, ProtocolError, type ServerClosedError } from '../support/errors.js';
import { jsonText } from '../support/json-text.js';
import { LineSplitter } from '../wire/line-splitter.js';
import { LineWriter } from '../wire/line-writer.js';
import {
  errorLine,
  notificationLine,
  parseMessage,
  protocolError,
  type RequestId,
  resultLine,
  type WireMessage,
} from '../wire/wire-message.js';
import { ServerRequests } from './answers/server-requests.js';
import type { StandingAnswerTable } from './answers/standing-answers.js';
import type { CloseReason } from './close-reason.js';
import type { CallSpec } from './requests/call.js';
import type { RequestIds } from './requests/request-ids.js';
import { Requests } from './requests/requests.js';
import type { ServerMessage, ServerRequest } from './server-message.js';
import { SessionEnd } from './session-end.js';
import type { SessionStats } from './session-stats.js';
import { Flow, type FlowLimits } from './streams/flow.js';
import { type Route, type RouteClaim, Router } from './streams/router.js';

/** Limits and supplies of a session, with every default filled in. */
export interface SessionSettings {
  readonly flow: FlowLimits;
  readonly maxLineBytes: number;
  readonly maxInFlightRequests: number;
  readonly requestIds: RequestIds;
  readonly standingAnswers: StandingAnswerTable;
}

/** One conversation with one server. */
export class Session {
  readonly process: ServerProcess;
  readonly router: Router;
  readonly serverRequests = new ServerRequests();
  readonly standingAnswers: StandingAnswerTable;
  readonly #splitter: LineSplitter;
  readonly #writer: LineWriter;
  readonly #requests: Requests;
  readonly #flow: Flow;
  readonly #end: SessionEnd;
  /** Demands that are neither a request, a write nor a read: a run's `result()` that waits for the turn's end. */
  readonly #waiters = new Set<(error: Error) => void>();
  readonly #onChunk = (chunk: unknown): void => this.#readChunk(chunk);

  constructor(process: ServerProcess, settings: SessionSettings) {
    this.process = process;
    this.standingAnswers = settings.standingAnswers;
    this.#splitter = new LineSplitter(settings.maxLineBytes);
    this.#writer = new LineWriter(process.stdin, {
      writeFailed: (cause) => this.#end.writeFailed(cause),
      stalledChanged: () => this.#flow.decide(),
    });
    this.#requests = new Requests(settings.maxInFlightRequests, settings.requestIds, {
      send: (line) => this.#writer.post(line),
    });
    this.#flow = new Flow(settings.flow, {
      hasDemand: () =>
        this.#requests.isAwaited ||
        this.#writer.isStalled ||
        this.router.isStarved ||
        this.#waiters.size > 0 ||
        this.#end.isStopping,
      evict: (enough) => this.router.evict(enough),
      failDemand: (error) => {
        this.#requests.rejectAwaited(error);
        this.#writer.rejectWaiting(error);
        this.router.rejectStarved(error);
        for (const reject of this.#waiters) reject(error);
        this.#waiters.clear();
      },
      pause: () => process.stdout.pause(),
      resume: () => process.stdout.resume(),
    });
    this.router = new Router(this.#flow, () => this.#flow.decide());
    this.#end = new SessionEnd(process, {
      stopping: () => this.#flow.decide(),
      readToEnd: () => this.#flow.readToEnd(),
      stopReading: () => this.#stopReading(),
      takeLastLine: () => this.#takeLastLine(),
      broken: (error) => this.#requests.rejectAll(error),
      ended: (streamFailure, callError) => {
        this.#requests.rejectAll(callError);
        this.#writer.fail(callError);
        this.serverRequests.close();
        this.router.end(streamFailure);
      },
    });
    process.stdout.on('data', this.#onChunk);
    process.stdout.resume();
  }

  /** Settles when the server is gone and everything it wrote was read; never rejects. */
  get closed(): Promise<CloseReason> {
    return this.#end.closed;
  }

  /** The error of calls made now, once the session is ending. */
  get closingError(): ServerClosedError | CodexClientError | undefined {
    return this.#end.callError;
  }

  /** Sends a request. See {@link Requests.request} for when it settles. */
  request(spec: CallSpec): Promise<unknown> {
    const refusal = this.#end.callError;
    if (refusal !== undefined) return Promise.reject(refusal);
    if (this.#flow.isFull && !spec.isBackground) {
      this.router.evict(() => !this.#flow.isFull);
      if (this.#flow.isFull) return Promise.reject(this.#flow.fullError());
    }
    const answer = this.#requests.request(spec);
    this.#flow.decide();
    return answer;
  }

  /** Sends a notification; settles when the pipe has taken it. */
  notify(method: string, paramsJson: string | undefined): Promise<void> {
    return this.#write(() => notificationLine(method, paramsJson));
  }

  /** Answers a server request; settles when the pipe has taken the answer. */
  respond(requestOrId: ServerRequest | RequestId, result: unknown): Promise<void> {
    return this.#write(() => {
      const text = jsonText('result', result);
      return resultLine(this.serverRequests.claimAnswer(requestOrId), text);
    });
  }

  /** Refuses a server request; settles when the pipe has taken the refusal. */
  respondError(
    requestOrId: ServerRequest | RequestId,
    code: number,
    message: string,
    data: unknown,
  ): Promise<void> {
    return this.#write(() => {
      if (data !== undefined) jsonText('data', data);
      const error = data === undefined ? { code, message } : { code, message, data };
      return errorLine(this.serverRequests.claimAnswer(requestOrId), error);
    });
  }

  /** Adds a demand: reading goes on until it is withdrawn, or fails because unread messages fill `maxBytes`. */
  demand(reject: (error: Error) => void): () => void {
    this.#waiters.add(reject);
    this.#flow.decide();
    return () => this.#waiters.delete(reject);
  }

  /** Opens a stream for what a claim takes; see {@link Router.open}. */
  open(claim: RouteClaim): Route {
    return this.#flow.together(() => this.router.open(claim));
  }

  /** Releases a stream; see {@link Router.close}. */
  close(route: Route): void {
    this.#flow.together(() => this.router.close(route));
  }

  /** Empties a stream whose reader has left; see {@link Router.giveBack}. */
  giveBack(route: Route): void {
    this.#flow.together(() => this.router.giveBack(route));
  }

  /** Hands a stream's unread server requests on; see {@link Router.yieldRequests}. */
  yieldRequests(route: Route): void {
    this.#flow.together(() => this.router.yieldRequests(route));
  }

  /** Ends the server and waits until it is gone. Idempotent. */
  shutdown(): Promise<void> {
    // Lines of this turn of the event loop have not reached the pipe yet, and its end is near.
    this.#writer.flush();
    return this.#end.shutdown();
  }

  /** The counters now. */
  stats(): SessionStats {
    const flow = this.#flow.stats();
    const { received, evicted, discarded } = this.router;
    return {
      ...flow,
      messages: {
        received,
        delivered: received - flow.held.messages - evicted - discarded,
        evicted,
        discarded,
        standingAnswers: this.standingAnswers.given,
      },
      requests: { ...this.#requests.stats(), unansweredByUs: this.serverRequests.openCount },
      noiseLines: this.#splitter.noiseLines,
    };
  }

  async #write(makeLine: () => string): Promise<void> {
    if (this.#end.callError !== undefined) throw this.#end.callError;
    const written = this.#writer.write(makeLine());
    // The pipe may be stuck already; then nothing else tells the flow of this demand.
    this.#flow.decide();
    await written;
  }

  #readChunk(chunk: unknown): void {
    try {
      const bytes = bytesOfChunk(chunk);
      this.#end.sawBytes(bytes.length);
      const { lines, ascii, overlong } = this.#splitter.push(bytes);
      for (const line of lines) this.#readLine(line, ascii ? line.length : Buffer.byteLength(line));
      if (overlong !== undefined) throw protocolError('a line that is longer than maxLineBytes', overlong);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#end.protocolBroken(error);
    }
    this.#flow.decide();
  }

  /** @throws {@link ProtocolError} */
  #readLine(line: string, bytes: number): void {
    const message = parseMessage(line);
    try {
      if (message.kind === 'result' || message.kind === 'error') this.#requests.answered(message);
      else this.#deliver(message, bytes);
    } catch (cause) {
      // Whatever a malformed message trips over must reach the user as an error, not the host as a crash.
      throw protocolError('a message that lacks what its method promises', line, cause);
    }
  }

  #deliver(wireMessage: Extract<WireMessage, { kind: 'notification' | 'request' }>, bytes: number): void {
    // The edge of the wire: from here on the message has the type its method promises.
    const message = wireMessage as ServerMessage;
    if (message.kind === 'request') {
      this.serverRequests.received(message);
      const standing = this.standingAnswers.take(message.method);
      if (standing !== undefined) {
        this.#postStanding(resultLine(this.serverRequests.claimAnswer(message), standing));
        return;
      }
    } else if (message.method === 'serverRequest/resolved') {
      // A server that leaves the params out must not end the host.
      this.serverRequests.resolved(message.params?.requestId);
    }
    this.router.dispatch(message, bytes);
  }

  /** Until the pipe takes it the answer counts as held: a server that asks and does not read must not fill memory. */
  #postStanding(line: string): void {
    this.#flow.reserve(line.length);
    this.#writer.post(line, () => this.#flow.unreserve(line.length));
  }

  /** The end of input: a whole message without its line end counts, half a message does not. */
  #takeLastLine(): void {
    const line = this.#splitter.end();
    if (line === undefined) return;
    try {
      this.#readLine(line, Buffer.byteLength(line));
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
    }
  }

  #stopReading(): void {
    this.process.stdout.off('data', this.#onChunk);
  }
}

/** An attached stream may be one of texts, or of the byte arrays of the web. @throws {@link ProtocolError} */
function bytesOfChunk(chunk: unknown): Buffer {
  if (chunk instanceof Buffer) return chunk;
  if (typeof chunk === 'string') return Buffer.from(chunk);
  if (chunk instanceof Uint8Array) return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  throw protocolError('a chunk that is neither bytes nor text', describeValue(chunk));
}
