/**
 * A turn in the user's hands: an async iterable of its messages, with its result and its controls. Owns who
 * drives: the loop that iterates, or `result()` when nobody does.
 */

import type { Peer } from '../../session/peer.js';
import type { ServerMessage, ServerRequest } from '../../session/server-message.js';
import { EventStream } from '../../session/streams/event-stream.js';
import type { Route } from '../../session/streams/router.js';
import { markHandled } from '../../support/deferred.js';
import { denialOf } from '../approvals.js';
import { whileDemanding } from '../demand.js';
import { steerTurn } from './turn-control.js';
import { type TurnInput, userInputOf } from './turn-input.js';
import { TurnCourse } from './turn-lifecycle.js';
import {
  checkTurnRunOptions,
  type TurnRunOptions,
  type TurnRunParams,
  turnStartParamsOf,
} from './turn-options.js';
import type { TurnLines } from './turn-queues.js';
import type { TurnResult } from './turn-record.js';
import { textOf } from './turn-text.js';

/** JSON-RPC's "method not found": what a server request gets that nobody here can answer. */
const NOBODY_ANSWERS_CODE = -32601;

/**
 * One turn. It waits for the earlier turns of its thread, then starts; its messages, server requests included, come
 * to this iterator and to no other stream, up to and including `turn/completed`. Leaving the loop early interrupts
 * the turn (or, with `detach`, lets it run on).
 *
 * The iterator throws what `result()` rejects with, except for a failed turn: that is an answer, and the stream ends.
 */
export class TurnRun implements AsyncIterableIterator<ServerMessage, undefined, undefined>, AsyncDisposable {
  readonly #course: TurnCourse;
  #stream: EventStream | undefined;
  #isIterated = false;
  /** The one who iterates takes only the text, and leaves server requests to whoever wants them. */
  #isTextOnly = false;
  #isLeft = false;
  #drive: Promise<void> | undefined;

  /** @internal */
  constructor(course: TurnCourse) {
    this.#course = course;
  }

  /** The id of the thread it runs on. */
  get threadId(): string {
    return this.#course.params.threadId;
  }

  /** The turn's id; undefined until the server has named it. */
  get turnId(): string | undefined {
    return this.#course.turnId;
  }

  /**
   * The next message of the turn.
   *
   * @throws what {@link TurnRun.result} does, except {@link TurnFailedError}
   * @throws {@link ConcurrentReadError} when a read of this run is waiting already
   */
  next(): Promise<IteratorResult<ServerMessage, undefined>> {
    if (this.#isIterated && this.#stream !== undefined) return this.#stream.next();
    return this.#firstNext();
  }

  /** Leaves the turn: interrupts it unless it is over, or `detach` was set. Idempotent; never rejects. */
  async return(): Promise<IteratorResult<ServerMessage, undefined>> {
    await this.#leave();
    return { done: true, value: undefined };
  }

  /** Leaves the turn, for `await using`; never rejects. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#leave();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /**
   * What the turn came to; works after, instead of, or beside iteration. While nobody iterates it reads the messages
   * itself, and server requests that neither a standing answer nor another open stream takes are denied. An interrupted
   * turn resolves with that status.
   *
   * @throws {@link TurnFailedError} when the turn failed
   * @throws {@link RpcError} when the server refused `turn/start`
   * @throws {@link RequestTimeoutError} after `completionTimeoutMs`
   * @throws {@link ServerClosedError} when the server went before the turn was over
   * @throws {@link BackpressureError} when unread messages of other streams fill `buffer.maxBytes`; the turn goes on
   */
  async result(): Promise<TurnResult> {
    if (!this.#isIterated && !this.#isLeft) this.#drive ??= this.#driveToEnd();
    return this.#whileDemanding(this.#course.outcome);
  }

  /**
   * The text that the agent writes, piece by piece as it comes: `for await (const piece of run.text())`. Server requests
   * are treated as in {@link TurnRun.result}. Leaving it early leaves the run.
   *
   * @throws at its end what {@link TurnRun.result} does
   */
  text(): AsyncGenerator<string, void, undefined> {
    this.#isTextOnly = true;
    this.#course.yieldRequests();
    return textOf(this, (request) => this.#deny(request));
  }

  /**
   * Adds input to the running turn; waits for its start. Settles with the id of the turn that took it.
   *
   * @throws {@link InvalidArgumentError} when the input is bad
   * @throws {@link RpcError} when no turn is active any more
   */
  async steer(input: TurnInput): Promise<{ readonly turnId: string }> {
    const items = userInputOf('input', input);
    const turn = await this.#whileDemanding(this.#course.controlled());
    return { turnId: await steerTurn(this.#course.peer, turn, items) };
  }

  /**
   * Interrupts the turn; it ends with status `interrupted`. A turn that is over stays as it is; one that still waits in
   * line is never sent, and `result()` rejects with an `AbortError`. Settles when the server has taken the interruption.
   *
   * @throws {@link RpcError} when the server refuses it, and the other errors of {@link AsyncClient.request}
   */
  async interrupt(): Promise<void> {
    await this.#whileDemanding(this.#course.interrupt());
  }

  #streamOf(route: Route): EventStream {
    const { session } = this.#course.peer;
    return new EventStream({ buffer: route.buffer, release: () => session.giveBack(route) });
  }

  /** Takes the reading over from `result()`, when that drives, and waits for the turn's place in line. */
  async #firstNext(): Promise<IteratorResult<ServerMessage, undefined>> {
    this.#isIterated = true;
    try {
      const route = await this.#whileDemanding(this.#course.opened);
      this.#course.yieldsRequests = this.#isTextOnly;
      route.buffer.rejectReader(undefined);
      await this.#drive;
      this.#stream ??= this.#streamOf(route);
    } catch (error) {
      if (!this.#isLeft) throw error;
    }
    if (this.#isLeft || this.#stream === undefined) return { done: true, value: undefined };
    return this.#stream.next();
  }

  async #leave(): Promise<void> {
    if (this.#isLeft) return;
    this.#isLeft = true;
    this.#course.leave();
    await this.#stream?.return();
  }

  /**
   * Reads to the end while nobody iterates; what is asked on the way is denied, unless another stream takes it. It
   * begins a turn of the event loop later, so that a loop that starts beside `result()` gets every message.
   */
  async #driveToEnd(): Promise<void> {
    try {
      const { buffer } = await this.#course.opened;
      await new Promise((resolve) => setImmediate(resolve));
      if (this.#isIterated) return;
      this.#course.yieldRequests();
      for (let message = await buffer.take(); message !== undefined; message = await buffer.take()) {
        if (message.kind === 'request') this.#deny(message);
        if (this.#isIterated) return;
      }
    } catch {
      // The outcome carries the error. A read that failed for want of room leaves the rest to the next `result()`.
      this.#drive = undefined;
    }
  }

  #deny(request: ServerRequest): void {
    const { session } = this.#course.peer;
    if (!session.serverRequests.isOpen(request)) return;
    const denial = denialOf(request);
    const answer =
      denial === undefined
        ? session.respondError(
            request,
            NOBODY_ANSWERS_CODE,
            `nobody answers ${request.method} here`,
            undefined,
          )
        : session.respond(request, denial);
    // A server that is gone ends the run by itself.
    markHandled(answer);
  }

  /** Reading goes on while somebody waits, although this run's own buffer may not be read. */
  #whileDemanding<T>(awaited: Promise<T>): Promise<T> {
    return this.#course.isSettled ? awaited : whileDemanding(this.#course.peer.session, awaited);
  }
}

/**
 * Starts a turn run.
 * @throws {@link InvalidArgumentError} when params or options are bad; nothing was sent
 * @internal
 */
export function startTurnRun(
  peer: Peer,
  lines: TurnLines,
  params: TurnRunParams,
  options: TurnRunOptions = {},
): TurnRun {
  checkTurnRunOptions(options);
  const course = new TurnCourse(peer, turnStartParamsOf(params), options);
  const run = new TurnRun(course);
  course.enter(lines);
  return run;
}
