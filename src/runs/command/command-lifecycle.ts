/**
 * One command from its start to its end at the server. Owns its outcome and the ways in which it ends: the server
 * answers, the user gives up, the time is up, the server goes. A command that was given up is terminated, and its output
 * is dropped until the server says that it is over.
 */

import type { CommandExecParams, CommandExecResponse } from '../../protocol/generated.js';
import type { Peer } from '../../session/peer.js';
import { watchAbort } from '../../support/abort-watch.js';
import { type Deferred, deferred, markHandled } from '../../support/deferred.js';
import { RequestTimeoutError } from '../../support/errors.js';
import { sendParting, whileDemanding } from '../demand.js';
import { CommandOutput } from './command-output.js';
import type { CommandRunOptions } from './command-params.js';

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
  #unwatchAbort: (() => void) | undefined;
  readonly #sent: Deferred<void> = deferred<void>();
  #wasSent = false;
  /** Takes `command/exec` out of the line in which it waits. */
  readonly #recall = new AbortController();

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

  /** Settles when `command/exec` goes out, or when it never will: what is sent from then on follows it. Never rejects. */
  get sent(): Promise<void> {
    return this.#sent.promise;
  }

  /** Sends `command/exec`, once. Its output was claimed before, so that none can fall in the gap. */
  start(execParams: CommandExecParams): void {
    const { signal, timeoutMs = 0 } = this.#options;
    if (signal?.aborted === true) {
      this.#isOver = true;
      this.#sent.resolve();
      this.#settleFailed(signal.reason);
      this.output.end(signal.reason);
      return;
    }
    if (signal !== undefined) this.#unwatchAbort = watchAbort(signal, () => this.#giveUp(signal.reason));
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
    const requestOptions = { timeoutMs: 0, trace: this.#options.trace, signal: this.#recall.signal };
    const onSent = () => {
      this.#wasSent = true;
      this.#sent.resolve();
    };
    try {
      const traits = { isBackground: true, onSent };
      const answer = await this.peer.request('command/exec', execParams, requestOptions, traits);
      this.#settle(() => this.#outcome.resolve(answer));
      this.output.end();
    } catch (error) {
      this.#settleFailed(error);
      this.output.end(error);
    } finally {
      this.#isOver = true;
      this.#sent.resolve();
      this.#stopObserving?.();
    }
  }

  #giveUp(reason: unknown): void {
    this.#settleFailed(reason);
    this.output.fail(reason);
    markHandled(this.#terminate());
  }

  /** One that still waits in line is never sent. */
  #terminate(): Promise<void> {
    if (!this.#wasSent) {
      this.#recall.abort(neverSent());
      return Promise.resolve();
    }
    return sendParting(this.peer, 'command/exec/terminate', { processId: this.processId });
  }

  #settleFailed(error: unknown): void {
    this.#settle(() => this.#outcome.reject(error));
  }

  #settle(settle: () => void): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    clearTimeout(this.#timer);
    this.#unwatchAbort?.();
    settle();
  }
}

function neverSent(): DOMException {
  return new DOMException('the command was left while it waited in line; it was never sent', 'AbortError');
}

function ranTooLong(timeoutMs: number): RequestTimeoutError {
  const message = `the command was not over within ${timeoutMs} ms (timeoutMs), so it is being terminated`;
  return new RequestTimeoutError(message, { method: 'command/exec', timeoutMs });
}
