/**
 * One turn from its place in the queue to its end at the server. Owns the state (queued, starting, running, over; only
 * ever moving right), the run's outcome with its time limit, the stream of the turn's messages, and the ways in which a
 * run ends. It hands messages to nobody and answers nothing; `TurnRun` does.
 *
 * Two ends are told apart. For the user the run is over as soon as its outcome is known. The thread's queue goes on only
 * when the turn is over at the server, because a `turn/start` before that would steer the old turn.
 */
import type { TurnStartParams, TurnStartResponse } from '../../protocol/generated.js';
import type { MessageScope, ServerMessage } from '../../session/messages/server-message.js';
import type { Peer } from '../../session/peer.js';
import type { Follower } from '../../session/streams/followers.js';
import type { OpenStream } from '../../session/streams/open-stream.js';
import { DEFAULT_IDLE_TIMEOUT_MS } from '../../support/defaults.js';
import { type Deferred, deferred, markHandled } from '../../support/deferred.js';
import { RequestTimeoutError } from '../../support/errors.js';
import { Settlement } from '../../support/settlement.js';
import { untilThreadFree } from './thread-wait.js';
import { TurnAnswers } from './turn-answers.js';
import { TurnControl } from './turn-control.js';
import { TurnEnquiry } from './turn-enquiry.js';
import { neverSent, runTimeout, settleTurn, unexplainedEnd } from './turn-errors.js';
import type { TurnRunOptions } from './turn-options.js';
import type { TurnEnding } from './turn-oracle.js';
import type { TurnQueues } from './turn-queues.js';
import { TurnRecord } from './turn-record.js';
import type { EndedTurn } from './turn-result.js';
import { TurnScope } from './turn-scope.js';
import { type StartedTurn, TurnStart } from './turn-start.js';
import { openTurnStream } from './turn-stream.js';

/** Waits for its turn in the thread's queue; nothing was sent. */
const Queued = 0;
/** `turn/start` was called and not answered: the turn may have begun. */
const Starting = 1;
/** The server has named the turn. */
const Running = 2;
/** Over at the server, or never sent. */
const Over = 3;

/** One turn. */
export class TurnLifecycle implements Follower, StartedTurn {
  readonly peer: Peer;
  readonly params: TurnStartParams;
  readonly record: TurnRecord;
  readonly control: TurnControl;
  readonly #options: TurnRunOptions;
  readonly #scope: TurnScope;
  readonly #start: TurnStart;
  readonly #outcome = new Settlement<EndedTurn>((reason) => this.#gaveUp(reason));
  readonly #opened: Deferred<OpenStream> = deferred<OpenStream>();
  readonly #over: Deferred<void> = deferred<void>();
  #state = Queued;
  /** `turn/start` was not answered in time. */
  #isUnanswered = false;
  /** The turn is to be interrupted, which is done once. */
  #isStopping = false;
  #stream: OpenStream | undefined;
  readonly #enquiry: TurnEnquiry;
  readonly #answers: TurnAnswers;

  constructor(peer: Peer, params: TurnStartParams, options: TurnRunOptions) {
    this.peer = peer;
    this.params = params;
    this.#options = options;
    const { collectEvents = false, timeoutMs, signal, standingAnswers } = options;
    this.#scope = new TurnScope(params.threadId);
    this.record = new TurnRecord({ collectEvents });
    this.#start = new TurnStart(peer, params, options);
    this.control = new TurnControl(peer, params.threadId, this.record);
    const told = (standing: TurnEnding) => this.#stands(standing);
    this.#enquiry = new TurnEnquiry({ peer, threadId: params.threadId, record: this.record, told });
    this.#answers = new TurnAnswers(peer, standingAnswers, { scope: this.#scope, record: this.record });
    for (const { promise } of [this.#opened, this.#outcome]) markHandled(promise);
    this.#outcome.limit({ timeoutMs, signal, timeoutError: runTimeout });
  }

  /** Settles with the stream when the turn is about to be started; rejects when the run ended before that. */
  get opened(): Promise<OpenStream> {
    return this.#opened.promise;
  }

  /** Settles with the result, or rejects with what ended the run. */
  get outcome(): Promise<EndedTurn> {
    return this.#outcome.promise;
  }

  /** The turn, once the server has named it in its answer. */
  get turnId(): string | undefined {
    return this.#state >= Running ? this.#scope.turnId : undefined;
  }

  /** The outcome is known. */
  get isSettled(): boolean {
    return this.#outcome.isSettled;
  }

  /** Waits for the thread's earlier turns, then runs this one. */
  enter(queues: TurnQueues): void {
    queues.enter(this.params.threadId, () => this.#run());
  }

  /** Ends the run with a reason, unless it is over; its turn is interrupted. */
  readonly giveUp = (reason: unknown): void => this.#outcome.giveUp(reason);

  /** Interrupts the turn at the server; one that was not sent leaves the queue. Rejects as `turn/interrupt` does. */
  async interrupt(): Promise<void> {
    if (this.#state === Queued) this.#outcome.giveUp(neverSent());
    else await this.control.interrupt();
  }

  /** The reader has left. The turn is interrupted; with `detach`, or when it was only joined, it runs on. */
  leave(): void {
    if (this.#state === Queued) this.#outcome.giveUp(neverSent());
    else if (this.#state === Over || this.#options.detach === true || this.record.joined)
      this.#stream?.close();
    else {
      this.#stream?.leave();
      this.#stopTurn();
    }
  }

  learn(message: ServerMessage, scope: MessageScope): void {
    for (const threadId of this.#scope.learn(message, scope)) {
      this.#stream?.addThread(threadId);
      this.peer.follow(this, threadId);
      this.#answers.enter(threadId);
    }
    // Its sub-agents name it, also before the answer to `turn/start` does.
    const { turnId } = this.#scope;
    if (turnId !== undefined && message.method === 'turn/started') this.peer.follow(this, turnId);
  }

  observe(message: ServerMessage, scope: MessageScope): void {
    const belonging = this.#scope.belongingOf(message, scope);
    if (belonging === 'other') return;
    this.#enquiry.noteMessage(message, scope);
    if (belonging === 'turn') this.#noteOwn(message);
    else if (this.#options.includeSubagents === true) this.record.noteSubagent(message);
  }

  ended(): void {
    const error = this.peer.closingError;
    this.#outcome.reject(error);
    this.#end(error);
  }

  async #run(): Promise<void> {
    const { whenBusy = 'wait', idleTimeoutMs } = this.#options;
    const mustWait = whenBusy === 'wait' && this.peer.activity.isBusy(this.params.threadId);
    if (this.#state === Queued && mustWait) {
      const wait = { threadId: this.params.threadId, idleTimeoutMs, givenUp: this.#over.promise };
      await untilThreadFree(this.peer, wait).catch((error: unknown) => this.#outcome.giveUp(error));
    }
    if (this.#state !== Queued) return;
    if (this.peer.closingError === undefined) markHandled(this.#begin());
    else this.ended();
    await this.#over.promise;
  }

  /** Opens the turn's stream, then sends `turn/start`: no message can fall in the gap. */
  async #begin(): Promise<void> {
    this.#advance(Starting);
    this.#open();
    try {
      await this.#start.send(this);
    } catch (error) {
      this.refused(error);
    }
  }

  #open(): void {
    const { threadId } = this.params;
    const { includeSubagents = false } = this.#options;
    const turn = { threadId, scope: this.#scope, record: this.record, includeSubagents };
    this.#stream = openTurnStream(this.peer, turn);
    this.peer.follow(this, threadId);
    this.#answers.enter(threadId);
    this.#opened.resolve(this.#stream);
  }

  /** The answer to `turn/start`, before any message that follows it on the wire. */
  answered(start: TurnStartResponse, joined: boolean): void {
    if (this.#state === Over) return;
    const turnId = start.turn.id;
    const isOther = this.#scope.turnId !== undefined && this.#scope.turnId !== turnId;
    this.#nameTurn(turnId);
    if (isOther) this.#forget();
    this.record.noteStart(start, joined);
    this.#stream?.lookForRequests();
    if (joined && this.#stream?.isRead === false) this.#stream.close();
    if (this.record.isOver) this.#overAtServer();
    else if (joined && this.isSettled) this.#end();
    else this.#enquiry.begin(this.#options.idleTimeoutMs ?? DEFAULT_IDLE_TIMEOUT_MS);
  }

  /** What was taken for ours was another turn's: it goes to whoever would have got it. */
  #forget(): void {
    this.record.restart();
    this.#stream?.handOnOthers((message, scope) => this.#scope.belongingOf(message, scope) !== 'other');
  }

  #nameTurn(turnId: string): void {
    this.#scope.named(turnId);
    this.#advance(Running);
    this.control.nameTurn(turnId);
    this.peer.follow(this, turnId);
  }

  /** `turn/start` was refused, or was not answered in time although the turn may have begun, or may yet begin. */
  refused(error: unknown): void {
    if (this.#outcome.reject(error)) this.#stream?.stop(error);
    if (!(error instanceof RequestTimeoutError) || this.record.isOver) this.#end(error);
    else {
      this.#isUnanswered = true;
      this.#nameUnanswered();
      this.#stopTurn();
      this.#enquiry.expectEnd();
    }
  }

  /** The answer has the last word on the turn's name; where none will come, it is that of `turn/started`. */
  #nameUnanswered(): void {
    const { turnId } = this.#scope;
    if (this.#isUnanswered && turnId !== undefined) this.#nameTurn(turnId);
  }

  #noteOwn(message: ServerMessage): void {
    this.#nameUnanswered();
    this.record.note(message);
    this.control.updated();
    if (this.record.isOver) this.#overAtServer();
  }

  /** The server was asked, and the turn does not go on. */
  #stands(standing: TurnEnding): void {
    if (this.record.isOver) return;
    if (standing.is === 'lost') this.peer.activity.ended(this.params.threadId, this.#scope.turnId);
    if (standing.is === 'over') {
      this.record.noteRecovered(standing.turn);
      this.#overAtServer();
      return;
    }
    const error = unexplainedEnd(standing, this.record.result());
    this.#outcome.reject(error);
    this.#end(error);
  }

  /** The turn is over at the server. Before `turn/start` was answered the answer, which is on its way, is waited for. */
  #overAtServer(): void {
    const result = this.record.result();
    if (result === undefined || !this.record.isOver || !(this.record.hasStart || this.isSettled)) return;
    settleTurn(this.#outcome, result);
    this.control.nameTurn(result.raw.turn.id);
    // A failed turn ends its stream like any other.
    this.#end();
  }

  /** The run has been given up: by its time limit, its signal, or while it waited. */
  #gaveUp(reason: unknown): void {
    if (this.#state === Queued || this.record.joined || this.record.isOver) this.#end(reason);
    else {
      this.#stream?.stop(reason);
      this.#stopTurn();
    }
  }

  /**
   * Nobody reads any more: the turn is interrupted, and until it is over its messages are read all the same, and asked
   * for, because the thread's queue waits for its end. One that turns out to be another's runs on.
   */
  #stopTurn(): void {
    if (this.#isStopping) return;
    this.#isStopping = true;
    this.#start.takeBack(neverSent());
    this.peer.readUntil(this.#over.promise);
    this.#enquiry.begin(this.#options.idleTimeoutMs || DEFAULT_IDLE_TIMEOUT_MS);
    const { control, record } = this;
    markHandled(control.named.then(() => (record.joined ? undefined : control.interrupt())));
  }

  /** The turn is over at the server, or never began: its thread's queue goes on, its stream takes no more. */
  #end(failure?: unknown): void {
    if (this.#state === Over) return;
    this.#advance(Over);
    if (this.record.isOver) this.peer.activity.ended(this.params.threadId, this.#scope.turnId);
    this.#enquiry.stop();
    this.peer.unfollow(this);
    this.#answers.leave();
    this.#opened.reject(failure);
    this.control.end(failure);
    this.#stream?.finish(failure);
    this.#over.resolve();
  }

  /** States only move right. */
  #advance(state: number): void {
    this.#state = Math.max(this.#state, state);
  }
}
