/**
 * One turn from its place in line to its end at the server. Owns the states (in line, starting, running, over;
 * only ever moving right), the route that takes the turn's messages, and the ways in which a turn ends: the
 * server says so, the user gives up, the time is up, the server goes. It hands messages to nobody and answers
 * nothing; `TurnRun` does.
 *
 * Two ends are told apart. For the user the run is over as soon as its outcome is known. The thread's line goes
 * on only when the turn is over at the server, because a `turn/start` before that would steer the old turn.
 */

import type { TurnStartParams, TurnStartResponse } from '../../protocol/generated.js';
import type { Peer } from '../../session/peer.js';
import type { MessageScope, ServerMessage } from '../../session/server-message.js';
import type { Route } from '../../session/streams/router.js';
import { watchAbort } from '../../support/abort-watch.js';
import { DEFAULT_IDLE_TIMEOUT_MS } from '../../support/defaults.js';
import { type Deferred, deferred, markHandled } from '../../support/deferred.js';
import { RpcError, TurnFailedError } from '../../support/errors.js';
import { SilenceWatch } from './silence-watch.js';
import { type ControlledTurn, interruptTurn } from './turn-control.js';
import { completionTimeout, neverSent, turnFailed } from './turn-errors.js';
import type { TurnRunOptions } from './turn-options.js';
import type { TurnLines } from './turn-queues.js';
import { TurnRecord, type TurnResult } from './turn-record.js';
import { readTurnState } from './turn-recovery.js';
import { TurnScope } from './turn-scope.js';

/** A run's claim outranks filters by thread and turn: who runs a turn reads it. */
const TURN_RUN_SPECIFICITY = 12;

/** One turn. */
export class TurnCourse {
  readonly params: TurnStartParams;
  readonly options: TurnRunOptions;
  readonly peer: Peer;
  readonly record: TurnRecord;
  /** A server request reaches the turn's route only when no other stream wants it. */
  yieldsRequests = false;
  readonly #scope: TurnScope;
  readonly #opened: Deferred<Route> = deferred<Route>();
  readonly #outcome: Deferred<TurnResult> = deferred<TurnResult>();
  /** Settles when the turn is over at the server, or never began. */
  readonly #overAtServer: Deferred<void> = deferred<void>();
  /** Settles with the turn's id as soon as the server names it. */
  readonly #started: Deferred<string> = deferred<string>();
  #route: Route | undefined;
  #isSettled = false;
  #wasSent = false;
  /** The user has left: what still comes is read and dropped. */
  #isLeft = false;
  #nextMove: Deferred<void> | undefined;
  #stopObserving: (() => void) | undefined;
  #silence: SilenceWatch | undefined;
  #completionTimer: NodeJS.Timeout | undefined;
  readonly #unwatchAbort: (() => void) | undefined;

  constructor(peer: Peer, params: TurnStartParams, options: TurnRunOptions) {
    this.peer = peer;
    this.params = params;
    this.options = options;
    const { includeSubagents = false, collectEvents = false } = options;
    this.#scope = new TurnScope(params.threadId, includeSubagents);
    this.record = new TurnRecord({ hasOutputSchema: (params.outputSchema ?? null) !== null, collectEvents });
    for (const { promise } of [this.#opened, this.#outcome, this.#started]) markHandled(promise);
    const { signal } = options;
    if (signal === undefined) return;
    if (signal.aborted) this.#giveUp(signal.reason);
    else this.#unwatchAbort = watchAbort(signal, () => this.#giveUp(signal.reason));
  }

  /** Settles with the route when the turn's place in line has come; rejects when it ended before that. */
  get opened(): Promise<Route> {
    return this.#opened.promise;
  }

  /** Settles with the result, or rejects with what ended the run. */
  get outcome(): Promise<TurnResult> {
    return this.#outcome.promise;
  }

  get turnId(): string | undefined {
    return this.#scope.turnId;
  }

  /** The outcome is known. */
  get isSettled(): boolean {
    return this.#isSettled;
  }

  /** Waits for the thread's earlier turns, then runs this one. */
  enter(lines: TurnLines): void {
    lines.enter(this.params.threadId, () => this.#run());
  }

  /** Interrupts the turn at the server; one that waits in line leaves it. Rejects as `turn/interrupt` does. */
  async interrupt(): Promise<void> {
    if (!this.#wasSent) this.#giveUp(neverSent());
    else if (!this.record.isOver) await interruptTurn(this.peer, await this.controlled());
  }

  /** The turn as its controls see it, once the server has named it. */
  async controlled(): Promise<ControlledTurn> {
    return {
      threadId: this.params.threadId,
      turnId: await this.#started.promise,
      isOver: () => this.record.isOver || this.peer.session.closingError !== undefined,
      moves: () => {
        this.#nextMove ??= deferred<void>();
        return this.#nextMove.promise;
      },
    };
  }

  /** The reader has left. The turn is interrupted, or with `detach` runs on without the run. */
  leave(): void {
    if (this.#isLeft) return;
    if (this.record.isOver || (this.#wasSent && this.options.detach === true)) {
      if (this.#route !== undefined) this.peer.session.close(this.#route);
    } else if (!this.#wasSent) this.#giveUp(neverSent());
    else {
      this.#stopReading();
      if (this.#route !== undefined) this.peer.session.giveBack(this.#route);
      markHandled(this.interrupt());
    }
  }

  /** From now on a server request, also one that is unread, reaches this turn's route only when no other wants it. */
  yieldRequests(): void {
    this.yieldsRequests = true;
    if (this.#route !== undefined) this.peer.session.yieldRequests(this.#route);
  }

  async #run(): Promise<void> {
    if (this.peer.session.closingError !== undefined) this.#serverGone();
    if (this.#isSettled) return;
    this.#open();
    // Without room to read the answer those who wait for the run fail, not the turn, which may have begun.
    const withdraw = this.peer.session.demand(() => {});
    try {
      const { timeoutMs, trace } = this.options;
      this.#wasSent = true;
      // The turn's first message may follow the answer in the same chunk.
      const traits = {
        isBackground: true,
        onResult: (start: TurnStartResponse) => this.#scope.answered(start),
      };
      const start = await this.peer.request('turn/start', this.params, { timeoutMs, trace }, traits);
      this.record.noteStart(start);
      this.#started.resolve(start.turn.id);
      this.#watch();
      if (this.record.isOver) this.#overAtServerNow();
    } catch (error) {
      this.#startFailed(error);
    } finally {
      withdraw();
    }
    await this.#overAtServer.promise;
  }

  /** `turn/start` was refused, or its answer did not come although the turn may have begun. */
  #startFailed(error: unknown): void {
    const mayRun = this.#scope.turnId !== undefined && !(error instanceof RpcError);
    if (mayRun) this.#giveUp(error);
    this.#started.reject(error);
    this.#settleFailed(error);
    // One that runs will say when it is over; one that was over before will say nothing more.
    if (!mayRun || this.record.isOver) this.#overAtServerNow();
  }

  #open(): void {
    const route = this.peer.session.open({
      matches: (message, scope) => this.#takes(message, scope),
      discards: () => this.#isLeft,
      specificity: TURN_RUN_SPECIFICITY,
      yieldsRequests: () => this.yieldsRequests,
      takesUnread: false,
    });
    this.#route = route;
    this.#stopObserving = this.peer.session.router.observe({
      observe: (message, scope) => this.#observe(message, scope),
      ended: () => this.#serverGone(),
    });
    this.#opened.resolve(route);
  }

  #takes(message: ServerMessage, scope: MessageScope): boolean {
    if (this.#scope.belongingOf(message, scope) === 'other') return false;
    if (this.#isLeft) return message.kind === 'notification';
    return !this.record.isOver || message.method === 'turn/completed';
  }

  #watch(): void {
    const { completionTimeoutMs = 0, idleTimeoutMs = DEFAULT_IDLE_TIMEOUT_MS } = this.options;
    // Answered with the server's last words: a timer would outlive it.
    if (this.record.isOver || this.peer.session.closingError !== undefined) return;
    if (completionTimeoutMs > 0) {
      this.#completionTimer = setTimeout(
        () => this.#giveUp(completionTimeout(completionTimeoutMs)),
        completionTimeoutMs,
      );
    }
    if (idleTimeoutMs > 0) this.#silence = new SilenceWatch(idleTimeoutMs, () => this.#askWhetherOver());
  }

  /** Called for every message of the server, when it is read. */
  #observe(message: ServerMessage, scope: MessageScope): void {
    this.#scope.learn(message, scope);
    const belonging = this.#scope.belongingOf(message, scope);
    if (belonging === 'other') return;
    this.#silence?.noteActivity();
    if (belonging === 'subagent') {
      this.record.noteSubagent(message);
      return;
    }
    if (message.method === 'turn/started' && scope.turnId !== undefined) this.#started.resolve(scope.turnId);
    if (message.method === 'turn/completed' && scope.turnId === undefined) return;
    this.record.note(message);
    this.#moved();
    if (message.method === 'thread/status/changed' && message.params.status?.type !== 'active')
      this.#silence?.expectEnd();
    // The end is settled after the message has reached its buffer, which is when this chunk has been read.
    if (message.method === 'turn/completed') queueMicrotask(() => this.#overAtServerNow());
  }

  /** L15: what never came is asked for. */
  async #askWhetherOver(): Promise<void> {
    if (!this.#isLeft && this.#route !== undefined && this.#route.buffer.count > 0) return;
    const turn = await readTurnState(this.peer, this.params.threadId, this.record);
    if (turn === undefined || this.record.isOver) return;
    this.record.noteRecovered(turn);
    this.#overAtServerNow();
  }

  /** The turn is over at the server: its outcome is known, its line goes on, its route takes no more. */
  #overAtServerNow(): void {
    const result = this.record.result();
    if (result !== undefined && result.turn.status === 'failed') {
      this.#settleFailed(turnFailed(result));
    } else if (result !== undefined) this.#settle(() => this.#outcome.resolve(result));
    // Over before `turn/start` was answered: the answer, which is on its way, is part of the result.
    else if (!this.#isSettled) return;
    this.#stopObserving?.();
    this.#silence?.stop();
    clearTimeout(this.#completionTimer);
    if (this.#route !== undefined) this.peer.session.router.seal(this.#route);
    this.#overAtServer.resolve();
    this.#moved();
  }

  /** The user gives up, or the time is up: the run is over, and the turn is interrupted. */
  #giveUp(reason: unknown): void {
    if (this.#isSettled) return;
    if (this.#wasSent) {
      markHandled(this.interrupt());
      this.#stopReading();
    } else {
      this.#started.reject(reason);
      this.#overAtServer.resolve();
    }
    this.#settleFailed(reason);
  }

  /** Nobody reads any more; until the turn is over at the server, its messages are read all the same, and dropped. */
  #stopReading(): void {
    this.#isLeft = true;
    const withdraw = this.peer.session.demand(() => {});
    this.#overAtServer.promise.then(withdraw);
  }

  #moved(): void {
    this.#nextMove?.resolve();
    this.#nextMove = undefined;
  }

  #serverGone(): void {
    // The turn's end may have been the server's last line.
    if (this.record.isOver) this.#overAtServerNow();
    const error = this.peer.session.closingError;
    this.#started.reject(error);
    this.#settleFailed(error);
    this.#overAtServerNow();
  }

  #settleFailed(error: unknown): void {
    this.#settle(() => {
      this.#opened.reject(error);
      this.#outcome.reject(error);
      // A failed turn ends its stream like any other; everything else that ends a run is an error of its stream.
      if (!(error instanceof TurnFailedError)) this.#route?.buffer.end(error);
    });
  }

  #settle(settle: () => void): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#unwatchAbort?.();
    settle();
  }
}
