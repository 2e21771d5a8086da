/**
 * One command from its start to its end at the server. Owns its outcome and the ways in which it ends: the server
 * answers, the user gives up, the time is up, the server goes. A command that was given up is terminated, and its output
 * is dropped until the server says that it is over.
 */
import { type Deferred, deferred, markHandled } from '../deferred.js';
import { RequestTimeoutError } from '../errors.js';
import type { CommandExecParams, CommandExecResponse } from '../protocol/generated.js';
import type { Peer } from '../session/peer.js';
import { CommandOutput } from './command-output.js';
import type { CommandRunOptions } from './command-params.js';
import { sendParting, whileDemanding } from './demand.js';

/** One command. */
export class CommandCourse {
  readonly peer: Peer;
  readonly processId: string;
  readonly output: CommandOutput;
  readonly #options: CommandRunOptions;
  readonly #outcome: Deferred<CommandExecResponse> = deferred<CommandExecResponse>();
  #isSettled = false;
  /** The server runs the command no more, or never did. */
  #isOver = false;
  #stopObserving: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;
  readonly #abort = (): void => this.#giveUp(this.#options.signal?.reason);

  constructor(peer: Peer, processId: string, options: CommandRunOptions) {
    this.peer = peer;
    this.processId = processId;
    this.#options = options;
    this.output = new CommandOutput(peer.session, processId);
    markHandled(this.#outcome.promise);
  }

  /** Settles with the answer to `command/exec`, or rejects with what ended the run; reads on until then. */
  get outcome(): Promise<CommandExecResponse> {
    return this.#isSettled ? this.#outcome.promise : whileDemanding(this.peer.session, this.#outcome.promise);
  }

  /** The server runs the command no more, or never did. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Sends `command/exec`, once. Its output was claimed before, so that none can fall in the gap. */
  start(execParams: CommandExecParams): void {
    const { signal, timeoutMs = 0 } = this.#options;
    if (signal?.aborted === true) {
      this.#isOver = true;
      this.#settleFailed(signal.reason);
      this.output.end(signal.reason);
      return;
    }
    signal?.addEventListener('abort', this.#abort, { once: true });
    if (timeoutMs > 0) this.#timer = setTimeout(() => this.#giveUp(ranTooLong(timeoutMs)), timeoutMs);
    this.#stopObserving = this.peer.session.router.observe({
      observe: () => {},
      // A command that was cut off fails, also when the session ends cleanly.
      ended: () => this.output.end(this.peer.session.closingError),
    });
    markHandled(this.#run(execParams));
  }

  /** The readers have left: the command is terminated. Settles when the server has taken that; never rejects. */
  async leave(): Promise<void> {
    this.output.leave();
    if (!this.#isOver) await this.#terminate();
  }

  /** The reader drives the reading: a command whose output is not read waits, and so does its answer. */
  async #run(execParams: CommandExecParams): Promise<void> {
    const requestOptions = { timeoutMs: 0, trace: this.#options.trace };
    try {
      const answer = await this.peer.request('command/exec', execParams, requestOptions, {
        isBackground: true,
      });
      this.#settle(() => this.#outcome.resolve(answer));
      this.output.end();
    } catch (error) {
      this.#settleFailed(error);
      this.output.end(error);
    } finally {
      this.#isOver = true;
      this.#stopObserving?.();
    }
  }

  #giveUp(reason: unknown): void {
    this.#settleFailed(reason);
    this.output.fail(reason);
    markHandled(this.#terminate());
  }

  #terminate(): Promise<void> {
    return sendParting(this.peer, 'command/exec/terminate', { processId: this.processId });
  }

  #settleFailed(error: unknown): void {
    this.#settle(() => this.#outcome.reject(error));
  }

  #settle(settle: () => void): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    clearTimeout(this.#timer);
    this.#options.signal?.removeEventListener('abort', this.#abort);
    settle();
  }
}

function ranTooLong(timeoutMs: number): RequestTimeoutError {
  const message = `the command was not over within ${timeoutMs} ms (timeoutMs), so it is being terminated`;
  return new RequestTimeoutError(message, { method: 'command/exec', timeoutMs });
}
