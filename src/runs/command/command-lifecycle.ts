/**
 * One command from its start to its end at the server. Owns the state (queued, running, terminating, over; only ever
 * moving right), its outcome, and the ways in which it ends: the server answers, the user gives up, the time is up, the
 * server goes. A command that was given up is terminated, and its output is dropped until the server says that it is over.
 */
import type { CommandExecParams, CommandExecResponse } from '../../protocol/generated.js';
import type { Peer } from '../../session/peer.js';
import { type Deferred, deferred, markHandled } from '../../support/deferred.js';
import { RequestTimeoutError, RpcError } from '../../support/errors.js';
import { Settlement } from '../../support/settlement.js';
import { CommandOutput } from './command-output.js';
import type { CommandRunOptions } from './command-params.js';

/** `command/exec` waits for a slot among the requests; nothing was sent. */
const Queued = 0;
/** It went out. */
const Running = 1;
/** The server was told to end it. */
const Terminating = 2;
/** The server runs the command no more, or never did. */
const Over = 3;

/** The server's words for a process that it does not know (any more). */
const NOT_RUNNING = 'no active command/exec';

/** One command. */
export class CommandLifecycle {
  readonly peer: Peer;
  readonly processId: string;
  readonly output: CommandOutput;
  readonly #options: CommandRunOptions;
  readonly #outcome = new Settlement<CommandExecResponse>((reason) => this.#gaveUp(reason));
  /** Settled while `command/exec` is at the server, as far as is known, and for good when it is over. */
  #sent: Deferred<void> = deferred<void>();
  /** Takes `command/exec` back while it is not at the server. */
  readonly #recall = new AbortController();
  #state = Queued;
  /** It is at the server, as far as is known: it went out and was not turned away since. */
  #wentOut = false;
  /** How often the server was too busy for it. */
  #turnedAway = 0;

  constructor(peer: Peer, processId: string, options: CommandRunOptions) {
    this.peer = peer;
    this.processId = processId;
    this.#options = options;
    this.output = new CommandOutput(peer, processId, options);
    markHandled(this.#outcome.promise);
  }

  /** Settles with the answer to `command/exec`, or rejects with what ended the run; reads on until then. */
  get outcome(): Promise<CommandExecResponse> {
    const { promise, isSettled } = this.#outcome;
    return isSettled ? promise : this.peer.waitFor(promise);
  }

  /** The server runs the command no more, or never did. */
  get isOver(): boolean {
    return this.#state === Over;
  }

  /** Settles when `command/exec` goes out, or when it never will: what is sent from then on follows it. Never rejects. */
  get sent(): Promise<void> {
    return this.#sent.promise;
  }

  /**
   * Tells the server something about the command, once `command/exec` went out. When that was turned away meanwhile, the
   * server did not know the command; it is told again after the next attempt. About a command that was never sent
   * nothing is told: its outcome says why.
   */
  async tell(call: () => Promise<unknown>): Promise<void> {
    for (;;) {
      await this.sent;
      if (!this.#wentOut) {
        await this.outcome;
        return;
      }
      const turnedAway = this.#turnedAway;
      try {
        await call();
        return;
      } catch (error) {
        if (this.#turnedAway === turnedAway || !isNotRunning(error)) throw error;
      }
    }
  }

  /** Sends `command/exec`, once. Its output was claimed before, so that none can fall in the gap. */
  start(execParams: CommandExecParams): void {
    const { signal, timeoutMs } = this.#options;
    this.#outcome.limit({ timeoutMs, signal, timeoutError: ranTooLong });
    markHandled(this.#run(execParams));
  }

  /** The readers have left: the command is terminated. Waits for nothing. */
  leave(): void {
    this.output.leave();
    this.#terminate();
  }

  /** The reader drives the reading: a command whose output is not read waits, and so does its answer. */
  async #run(execParams: CommandExecParams): Promise<void> {
    const { trace } = this.#options;
    const internal = {
      isBackground: true,
      onSent: () => this.#goesOut(),
      onTurnedAway: () => this.#wasTurnedAway(),
      recall: this.#recall.signal,
    };
    try {
      const answer = await this.peer.call('command/exec', execParams, { trace }, internal);
      this.#outcome.resolve(answer);
      this.#end();
    } catch (error) {
      this.#outcome.reject(error);
      this.#end(error);
    }
  }

  #goesOut(): void {
    this.#wentOut = true;
    this.#advance(Running);
    this.#sent.resolve();
  }

  /** It goes out again after a pause: what is said about it waits until then. */
  #wasTurnedAway(): void {
    this.#turnedAway += 1;
    this.#wentOut = false;
    this.#sent = deferred<void>();
  }

  #end(failure?: unknown): void {
    this.#advance(Over);
    this.output.end(failure);
    this.#sent.resolve();
  }

  #gaveUp(reason: unknown): void {
    this.output.fail(reason);
    this.#terminate();
  }

  /** One that waits, for a slot or for a retry, is not sent (again). */
  #terminate(): void {
    this.#recall.abort(neverSent());
    if (this.#state !== Running || !this.#wentOut) return;
    this.#advance(Terminating);
    markHandled(this.peer.part('command/exec/terminate', { processId: this.processId }));
  }

  /** States only move right; a request that is retried after an overload goes out again. */
  #advance(state: number): void {
    this.#state = Math.max(this.#state, state);
  }
}

/** The server does not know the command: it is over, or never came to it. */
export function isNotRunning(error: unknown): boolean {
  return error instanceof RpcError && error.message.includes(NOT_RUNNING);
}

function neverSent(): DOMException {
  return new DOMException(
    'the command was left while it waited for its turn; it was never sent',
    'AbortError',
  );
}

function ranTooLong(timeoutMs: number): RequestTimeoutError {
  const message = `the command was not over within ${timeoutMs} ms (timeoutMs), so it is being terminated`;
  return new RequestTimeoutError(message, { method: 'command/exec', timeoutMs });
}
