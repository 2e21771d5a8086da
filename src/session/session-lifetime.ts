/**
 * How a session ends, whatever ends it: `shutdown()`, somebody who found the server dead, the process going away, its stdout closing, a write that fails,
 * or a line that is no message. Owns the state (open, stopping, draining, closed; only ever moving right) and what
 * calls are told from then on.
 *
 * The invariant: all that was received is handed to streams and calls first; then every pending call settles and every
 * stream ends, with one error that says why. It waits for the process's `exit`, not for its pipes to close: a grandchild
 * may hold those open for ever.
 */
import type { ServerProcess } from '../app-server/lifetime/server-process.js';
import { deferred } from '../support/deferred.js';
import {
  type CodexClientError,
  ProtocolError,
  ServerClosedError,
  type ServerExit,
} from '../support/errors.js';
import { QUIET_TURNS, untilQuiet } from '../support/quiet-pipe.js';
import type { LineWriter } from '../wire/line-writer.js';
import type { Responder } from './answers/responder.js';
import type { CloseReason } from './close-reason.js';
import type { Incoming } from './incoming.js';
import type { Requests } from './requests/requests.js';
import type { SessionRemains } from './session-remains.js';
import type { Flow } from './streams/flow.js';
import type { Streams } from './streams/streams.js';
import type { Taps } from './taps/taps.js';
import type { ThreadActivity } from './thread-activity.js';
import type { TurnGate } from './turn-gate.js';

/** What may be read while a server goes, and once more after its exit, when only a grandchild can write so much. */
const LEFTOVER_MAX_BYTES = 16 * 1024 * 1024;

const Open = 0;
/** The server is being stopped and may still write. */
const Stopping = 1;
/** The server is gone, and what it wrote is read to its end. */
const Draining = 2;
const Closed = 3;

/** The parts of a session, which end with it. */
export interface SessionParts {
  readonly flow: Flow;
  readonly writer: LineWriter;
  readonly requests: Requests;
  readonly responder: Responder;
  readonly taps: Taps;
  readonly streams: Streams;
  readonly incoming: Incoming;
  readonly activity: ThreadActivity;
  readonly turnGate: TurnGate;
}

/** Ends a session. */
export class SessionLifetime {
  readonly #process: ServerProcess;
  readonly #parts: SessionParts;
  readonly #closed = deferred<CloseReason>();
  readonly #onChunk = (chunk: unknown): void => this.#read(chunk);
  #state = Open;
  #isStopAsked = false;
  #isExpected = false;
  #stdoutEnded = false;
  #transportError: unknown;
  #protocolError: ProtocolError | undefined;
  #givenUp: ServerClosedError | undefined;
  #callError: CodexClientError | undefined;
  #left: SessionRemains | undefined;

  constructor(process: ServerProcess, parts: SessionParts) {
    this.#process = process;
    this.#parts = parts;
    const { stdin, stdout, exited } = process;
    const transportBroke = (error: unknown) => this.#noteTransportError(error);
    stdin.once('error', transportBroke);
    stdout.once('error', transportBroke);
    const stdoutEnded = () => this.#stdoutGone();
    stdout.once('end', stdoutEnded).once('close', stdoutEnded).once('error', stdoutEnded);
    parts.writer.failed.then((cause) => this.#writeFailed(cause));
    exited.then((exit) => this.#drain(exit));
    stdout.on('data', this.#onChunk);
    stdout.resume();
  }

  /** Settles when it is over; never rejects. */
  get closed(): Promise<CloseReason> {
    return this.#closed.promise;
  }

  /** The error for calls made from now on; undefined while the session is open. */
  get callError(): CodexClientError | undefined {
    return this.#callError;
  }

  /** What was under way when it closed; undefined before. */
  get left(): SessionRemains | undefined {
    return this.#left;
  }

  /**
   * Ends the server as `shutdown()` does, and as a failure: calls made from now on, and all that is cut off when it is gone,
   * get one `ServerClosedError` with this cause. Does nothing once the session is ending.
   */
  giveUp(cause: Error): void {
    if (this.#state !== Open || this.#callError !== undefined) return;
    this.#givenUp = this.#givenUpError(cause);
    this.#callError = this.#givenUp;
    this.#stop();
  }

  /** Ends the server and waits until it is over. Idempotent. */
  async shutdown(): Promise<void> {
    if (this.#callError === undefined) {
      this.#isExpected = true;
      this.#callError = this.#shutdownError();
    }
    this.#stop();
    await this.closed;
  }

  #read(chunk: unknown): void {
    const { incoming, flow } = this.#parts;
    flow.readBegins();
    const broken = incoming.read(chunk);
    if (broken !== undefined) this.#protocolBroken(broken);
    flow.decide();
  }

  /** The server wrote what is no message: calls fail at once, streams when they are read to their end. */
  #protocolBroken(error: ProtocolError): void {
    this.#protocolError = error;
    this.#callError = error;
    this.#stopReading();
    // What still comes is nothing to us, and a server that cannot write does not go.
    this.#parts.flow.readToEnd();
    this.#parts.requests.rejectAll(error);
    this.#stop();
  }

  /** A write failed: the server reads no more. What it still writes is read until it is gone. */
  #writeFailed(cause: unknown): void {
    if (this.#state === Closed) return;
    this.#noteTransportError(cause);
    this.#stop();
  }

  /** The first error of a pipe is why it broke; what the others say follows from it. */
  #noteTransportError(cause: unknown): void {
    this.#transportError ??= cause;
    if (cause instanceof ProtocolError && this.#state !== Closed) this.#protocolBroken(cause);
  }

  #stdoutGone(): void {
    this.#stdoutEnded = true;
    if (!this.#process.hasExited) this.#stop();
  }

  /** The steps of a stop are taken once; when they are done and the process was not ours to end, we let go of it. */
  #stop(): void {
    if (this.#isStopAsked) return;
    this.#isStopAsked = true;
    this.#advance(Stopping);
    this.#process.stop().then(() => {
      if (!this.#process.hasExited) this.#close({ exitCode: null, signal: null });
    });
    if (this.#state === Stopping) this.#readLastWords();
  }

  /** A server whose output is not read does not go by itself, however much is held unread already. */
  #readLastWords(): void {
    this.#parts.flow.enter(STOPPING);
    this.#parts.flow.makeRoom(LEFTOVER_MAX_BYTES);
  }

  async #drain(exit: Pick<ServerExit, 'exitCode' | 'signal'>): Promise<void> {
    this.#advance(Draining);
    const { incoming, flow } = this.#parts;
    flow.readToEnd();
    await untilQuiet({
      bytesRead: () => incoming.bytesRead,
      hasEnded: () => this.#stdoutEnded,
      quietTurns: QUIET_TURNS,
      maxBytes: LEFTOVER_MAX_BYTES,
    });
    await this.#process.stderr.ended;
    this.#close(exit);
  }

  #close(exit: Pick<ServerExit, 'exitCode' | 'signal'>): void {
    if (this.#state === Closed) return;
    const { incoming, flow, requests, writer, responder, taps, streams, activity } = this.#parts;
    if (this.#protocolError === undefined) incoming.readLast();
    this.#advance(Closed);
    this.#stopReading();
    const failure =
      this.#protocolError ?? (this.#isExpected ? undefined : (this.#givenUp ?? this.#closedError(exit)));
    this.#left = this.#remains();
    const callError = failure ?? this.#callError ?? this.#shutdownError();
    this.#callError = callError;
    requests.rejectAll(callError);
    writer.close(callError);
    responder.ledger.close();
    activity.end();
    streams.end({ failure, cutOff: callError });
    taps.end(failure);
    flow.leave(STOPPING);
    this.#process.release();
    const stderrTail = this.#process.stderr.tail;
    this.#closed.resolve({ ...exit, stderrTail, expected: this.#isExpected, error: failure });
  }

  #stopReading(): void {
    this.#process.stdout.off('data', this.#onChunk);
  }

  /** States only move right: a server that goes while it is being stopped is gone. */
  #advance(state: number): void {
    if (state > this.#state) this.#state = state;
  }

  #closedError(exit: Pick<ServerExit, 'exitCode' | 'signal'>): ServerClosedError {
    const { ending, stderr } = this.#process;
    const stderrTail = stderr.tail;
    const said = stderrTail === '' ? 'it wrote nothing to stderr' : `the end of its stderr:\n${stderrTail}`;
    const message =
      ending === undefined
        ? `the codex app-server ${describeExit(exit, this.#stdoutEnded)}; start a new client to go on; ${said}`
        : `${ending}; connect again to go on${stderrTail === '' ? '' : `; ${said}`}`;
    const options = this.#transportError === undefined ? undefined : { cause: this.#transportError };
    return new ServerClosedError(message, { ...exit, stderrTail }, options);
  }

  #remains(): SessionRemains {
    const { responder, activity, turnGate } = this.#parts;
    const { turns } = activity;
    const unheard = turnGate.running.filter(({ threadId }) => !activity.isBusy(threadId));
    return { requests: responder.ledger.open, turns: [...turns, ...unheard] };
  }

  #givenUpError(cause: Error): ServerClosedError {
    const details = { exitCode: null, signal: null, stderrTail: this.#process.stderr.tail };
    const message = `the codex app-server was given up: ${cause.message}; start a new client, or connect again, to go on`;
    return new ServerClosedError(message, details, { cause });
  }

  #shutdownError(): ServerClosedError {
    const details = { exitCode: null, signal: null, stderrTail: this.#process.stderr.tail };
    return new ServerClosedError(
      'the client was shut down, so this call was not answered; start a new client to go on',
      details,
    );
  }
}

/** Waits for the server to go; what is held unread is no reason to give that up. */
const STOPPING = { fail: () => {} };

function describeExit(exit: Pick<ServerExit, 'exitCode' | 'signal'>, stdoutEnded: boolean): string {
  if (exit.signal !== null) return `was ended by ${exit.signal}`;
  if (exit.exitCode !== null) return `exited with code ${exit.exitCode}`;
  return stdoutEnded ? 'closed its output' : 'was let go';
}
