/**
 * How a session ends, whatever ends it: `shutdown()`, the process going away, its stdout closing, a write
 * that fails, or a line that is no message. States only move right: open, closing, closed.
 *
 * The invariant: all that was received is handed to streams and calls first; then every pending call settles
 * and every stream ends, with one error that says why. It waits for the process's `exit`, not for its pipes to
 * close: a grandchild may hold those open for ever.
 */
import type { ServerProcess } from '../app-server/lifetime/server-process.js';
import { deferred } from '../support/deferred.js';
import {
  type CodexClientError,
  type ProtocolError,
  ServerClosedError,
  type ServerExit,
} from '../support/errors.js';
import type { CloseReason } from './close-reason.js';

/** Turns of the event loop without a byte after which a pipe whose writer exited is empty. */
const IDLE_TURNS = 10;
/** What may be read after the exit: pipes hold far less, and only a grandchild can write more. */
const LEFTOVER_MAX_BYTES = 16 * 1024 * 1024;

/** What the end asks of the session. */
export interface SessionEndOwner {
  /** The server is being stopped; a server whose output is not read does not go by itself. */
  stopping(): void;
  /** Reads what is left, without looking at limits. */
  readToEnd(): void;
  stopReading(): void;
  /** Judges the unfinished last line. */
  takeLastLine(): void;
  /** No answer can come any more, although the process may take a while to go. */
  broken(error: CodexClientError): void;
  /** Nothing will come any more. */
  ended(streamFailure: CodexClientError | undefined, callError: CodexClientError): void;
}

/** Ends a session. */
export class SessionEnd {
  readonly #process: ServerProcess;
  readonly #owner: SessionEndOwner;
  readonly #closed = deferred<CloseReason>();
  #isShutdown = false;
  #isClosed = false;
  #stdoutEnded = false;
  #bytesSeen = 0;
  #cause: unknown;
  #protocolError: ProtocolError | undefined;
  #callError: CodexClientError | undefined;
  #stopping: Promise<void> | undefined;

  constructor(process: ServerProcess, owner: SessionEndOwner) {
    this.#process = process;
    this.#owner = owner;
    const stdoutEnded = () => this.#stdoutGone();
    process.stdout.once('end', stdoutEnded).once('close', stdoutEnded).once('error', stdoutEnded);
    process.exited.then(() => this.#processGone());
  }

  /** Settles when it is over; never rejects. */
  get closed(): Promise<CloseReason> {
    return this.#closed.promise;
  }

  /** The server is being stopped and may still write. */
  get isStopping(): boolean {
    return this.#stopping !== undefined && !this.#isClosed;
  }

  /** The error for calls made from now on; undefined while the session is open. */
  get callError(): CodexClientError | undefined {
    return this.#callError;
  }

  /** Bytes arrived. */
  sawBytes(count: number): void {
    this.#bytesSeen += count;
  }

  /** Ends the server and waits until it is over. */
  async shutdown(): Promise<void> {
    if (this.#callError === undefined) {
      this.#isShutdown = true;
      this.#callError = this.#shutdownError();
    }
    await this.#stop();
    await this.closed;
  }

  /** The server wrote what is no message: calls fail at once, streams when they are read to their end. */
  protocolBroken(error: ProtocolError): void {
    if (this.#protocolError !== undefined || this.#isClosed) return;
    this.#protocolError = error;
    this.#callError = error;
    this.#owner.stopReading();
    this.#process.stdout.resume();
    this.#owner.broken(error);
    this.#stop();
  }

  /** A write failed: the server reads no more. What it still writes is read until it is gone. */
  writeFailed(cause: unknown): void {
    this.#cause ??= cause;
    this.#stop();
  }

  #stdoutGone(): void {
    if (this.#stdoutEnded) return;
    this.#stdoutEnded = true;
    if (!this.#process.hasExited) this.#stop();
  }

  /** The ladder runs once; when it is done and the process was not ours to end, we let go of it. */
  #stop(): Promise<void> {
    if (this.#stopping !== undefined) return this.#stopping;
    this.#stopping = this.#process.stop().then(() => {
      if (!this.#process.hasExited) this.#finish({ exitCode: null, signal: null });
    });
    this.#owner.stopping();
    return this.#stopping;
  }

  async #processGone(): Promise<void> {
    const exit = await this.#process.exited;
    this.#owner.readToEnd();
    await this.#pipeEmpty();
    await this.#process.stderr.ended;
    this.#finish(exit);
  }

  async #pipeEmpty(): Promise<void> {
    const limit = this.#bytesSeen + LEFTOVER_MAX_BYTES;
    let seen = this.#bytesSeen;
    for (let idleTurns = 0; idleTurns < IDLE_TURNS && !this.#stdoutEnded && seen < limit; idleTurns += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      if (this.#bytesSeen !== seen) idleTurns = 0;
      seen = this.#bytesSeen;
    }
  }

  #finish(exit: Pick<ServerExit, 'exitCode' | 'signal'>): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (this.#protocolError === undefined) this.#owner.takeLastLine();
    this.#owner.stopReading();
    const failure = this.#protocolError ?? (this.#isShutdown ? undefined : this.#closedError(exit));
    this.#callError = failure ?? this.#callError ?? this.#shutdownError();
    this.#owner.ended(failure, this.#callError);
    this.#process.release();
    const stderrTail = this.#process.stderr.tail;
    this.#closed.resolve({ ...exit, stderrTail, expected: this.#isShutdown, error: failure });
  }

  #closedError(exit: Pick<ServerExit, 'exitCode' | 'signal'>): ServerClosedError {
    const stderrTail = this.#process.stderr.tail;
    const how = describeExit(exit, this.#stdoutEnded);
    const said = stderrTail === '' ? 'it wrote nothing to stderr' : `the end of its stderr:\n${stderrTail}`;
    const options = this.#cause === undefined ? undefined : { cause: this.#cause };
    return new ServerClosedError(
      `the codex app-server ${how}; start a new client to go on; ${said}`,
      { ...exit, stderrTail },
      options,
    );
  }

  #shutdownError(): ServerClosedError {
    const details = { exitCode: null, signal: null, stderrTail: this.#process.stderr.tail };
    return new ServerClosedError(
      'the client was shut down, so this call was not answered; start a new client to go on',
      details,
    );
  }
}

function describeExit(exit: Pick<ServerExit, 'exitCode' | 'signal'>, stdoutEnded: boolean): string {
  if (exit.signal !== null) return `was ended by ${exit.signal}`;
  if (exit.exitCode !== null) return `exited with code ${exit.exitCode}`;
  return stdoutEnded ? 'closed its output' : 'was let go';
}
