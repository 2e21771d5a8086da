/**
 * One request from call to settlement: what is asked, under which id it went out last, and how it ends. It settles once,
 * and while somebody waits for it, it is a demand.
 */
import { watchAbort } from '../../support/abort-watch.js';
import { describeValue } from '../../support/argument-checks.js';
import type { Demand } from '../../support/demand.js';
import { ProtocolError, RequestTimeoutError } from '../../support/errors.js';
import { Settlement } from '../../support/settlement.js';
import type { PostedLine } from '../../wire/line-writer.js';
import type { RequestId } from '../../wire/wire-message.js';
import type { Slot } from './request-window.js';

/** A request, ready to be sent: everything that can be wrong with it was checked before. */
export interface CallSpec {
  readonly method: string;
  /** The params as JSON text, made when the call was made. */
  readonly paramsJson: string;
  readonly traceJson: string | undefined;
  /** Milliseconds from the call; 0 for no limit. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  /** It answers only when outside work ends, so it takes a slot of the window only while it is sent. */
  readonly isLongRunning: boolean;
  /** The protocol promises an object for an answer. */
  readonly promisesObject: boolean;
  /** Nobody waits for it by itself: a reader drives the reading that its answer needs. */
  readonly isBackground: boolean;
  /** It goes out at once, however many are unanswered. */
  readonly isProbe?: boolean | undefined;
  /** It ends something at the server, and passes the limit on what waits to be sent. */
  readonly endsWork: boolean;
  /** Firing it takes the request back, unless the pipe has it: it waits for a slot, for a retry, or for the pipe. */
  readonly recall?: AbortSignal | undefined;
  /** Called with the server's refusal while its line is read. It must not throw. */
  readonly onRefused?: ((error: Error) => void) | undefined;
  /** Called with the result while its line is read, before any line behind it is looked at. It must not throw. */
  readonly onResult?: ((result: unknown) => void) | undefined;
  /** Called when the request takes its place among the lines that go out, at each attempt. It must not throw. */
  readonly onSent?: (() => void) | undefined;
  /** Called when the server turned the request away, before it goes out again. It must not throw. */
  readonly onTurnedAway?: (() => void) | undefined;
  /** Called when it was given up before the pipe had it. It must not throw. */
  readonly onTakenBack?: (() => void) | undefined;
}

/** A request that has not settled yet, or has. */
export class Call extends Settlement<unknown> implements Demand {
  readonly spec: CallSpec;
  /** The id under which it was sent last. */
  id: RequestId | undefined;
  /** Its number among all sent requests. */
  sentNumber = 0;
  attempts = 0;
  slot: Slot | undefined;
  /** What was sent last; the pipe may not have it yet. */
  line: PostedLine | undefined;
  /** The size of its text while it waits in line for a slot and is counted. */
  waitingBytes: number | undefined;
  #pause: NodeJS.Timeout | undefined;
  readonly #unwatchRecall: (() => void) | undefined;
  readonly #gaveUp: (call: Call) => void;

  /** @param gaveUp - called when the call ends by something else than its answer */
  constructor(spec: CallSpec, gaveUp: (call: Call) => void) {
    super(() => gaveUp(this));
    this.spec = spec;
    this.#gaveUp = gaveUp;
    const { timeoutMs, signal, recall } = spec;
    if (recall !== undefined) this.#unwatchRecall = watchAbort(recall, () => this.#recalled(recall));
    this.limit({ timeoutMs, signal, timeoutError: () => this.#timeoutError() });
  }

  /** Does something after a pause, unless the call settles before. One thing at a time: the last one counts. */
  after(delayMs: number, act: () => void): void {
    clearTimeout(this.#pause);
    this.#pause = setTimeout(act, delayMs);
  }

  /** Settles with the server's result, or fails when it is not what the protocol promises. */
  answer(result: unknown): void {
    if (this.isSettled) return;
    if (this.spec.promisesObject && (typeof result !== 'object' || result === null)) {
      this.refuse(noObject(this.spec.method, result));
      return;
    }
    this.spec.onResult?.(result);
    this.resolve(result);
  }

  /** Settles with the server's refusal. */
  refuse(error: Error): void {
    if (this.isSettled) return;
    this.spec.onRefused?.(error);
    this.reject(error);
  }

  /** Ends without an answer. */
  fail(error: unknown): void {
    if (this.reject(error)) this.#gaveUp(this);
  }

  protected override settled(): void {
    clearTimeout(this.#pause);
    this.#unwatchRecall?.();
  }

  #recalled(recall: AbortSignal): void {
    if (this.id === undefined) this.fail(recall.reason);
    // A line of this turn of the event loop goes out with it; one that still waits then waits for a server that reads.
    else queueMicrotask(() => (this.line?.isQueued === true ? this.fail(recall.reason) : undefined));
  }

  #timeoutError(): RequestTimeoutError {
    const { method, timeoutMs } = this.spec;
    return new RequestTimeoutError(
      `${method} was not answered within ${timeoutMs} ms; ${this.#whereabouts()}`,
      {
        method,
        timeoutMs,
      },
    );
  }

  #whereabouts(): string {
    if (this.attempts === 0) return 'it was still in the queue and was not sent';
    if (this.line?.isQueued === true && !this.spec.endsWork)
      return 'the server does not read, and it was not sent';
    return 'a late answer will be ignored';
  }
}

function noObject(method: string, result: unknown): ProtocolError {
  const message = `${method} was answered with ${describeValue(result)} where the protocol promises an object; only this call fails, the client goes on`;
  return new ProtocolError(message);
}
