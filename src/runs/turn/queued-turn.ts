/**
 * A turn that a run leaves to the server's own queue. Owns what becomes of it when nobody wants it any more: until it begins its
 * item is taken out again. When it begins, and which turn it is, the queue of its thread tells; from then on it is a turn of ours
 * like any other.
 *
 * Its states: queued (in our line, nothing was sent), starting (its item is in the server's queue, or on the way there),
 * running, over.
 */
import type { Turn, TurnStartParams } from '../../protocol/generated.js';
import type { MessageScope, ServerMessage } from '../../session/messages/server-message.js';
import type { Peer } from '../../session/peer.js';
import type { OpenStream } from '../../session/streams/open-stream.js';
import type { GatedTurn } from '../../session/turn-gate.js';
import { DEFAULT_IDLE_TIMEOUT_MS } from '../../support/defaults.js';
import { markHandled } from '../../support/deferred.js';
import { type CodexClientError, InvalidArgumentError, RequestTimeoutError } from '../../support/errors.js';
import { RUN_STATE } from './followed-run.js';
import { FollowedTurn } from './followed-turn.js';
import { type EnteredTurn, QueueEntry } from './queue-entry.js';
import { queuedParamsOf } from './queued-params.js';
import { type ThreadQueue, threadQueueOf, type WaitingTurn } from './thread-queue.js';
import { neverSent, runTimeout, takenOut, turnRemoved } from './turn-errors.js';
import type { TurnRunOptions } from './turn-options.js';
import type { TurnQueues } from './turn-queues.js';
import { unknownTurn } from './turns-of-thread.js';

/** One turn of ours in the server's queue. */
export class QueuedTurn extends FollowedTurn implements WaitingTurn, EnteredTurn, GatedTurn {
  declare protected readonly options: TurnRunOptions;
  readonly #entry: QueueEntry;
  /** Known while it is expected there. */
  #queue: ThreadQueue | undefined;
  /** Why the run ended before its turn began, which its loop is told also where that begins all the same. */
  #failure: unknown;
  #isUnwanted = false;
  /** The turn is to be taken out or interrupted, which is done once. */
  #isStopping = false;
  #isLeft = false;
  #isResumed = false;

  constructor(peer: Peer, params: TurnStartParams, options: TurnRunOptions) {
    super(peer, params.threadId, options);
    this.#entry = new QueueEntry(peer, queuedParamsOf(params), options);
    this.limit(runTimeout);
  }

  get key(): string {
    return this.#entry.key;
  }

  get itemId(): string | undefined {
    return this.#entry.itemId;
  }

  get isWanted(): boolean {
    return !this.#isUnwanted;
  }

  /** Its turn has begun, or it is over. */
  get isNamed(): boolean {
    return this.state >= RUN_STATE.running;
  }

  override get wasSent(): boolean {
    return this.#entry.wasSent;
  }

  override get isResumed(): boolean {
    return this.#isResumed;
  }

  /** The server has it in its order, or it is over. */
  override get begun(): Promise<unknown> {
    return this.#entry.settled;
  }

  /**
   * Waits until the thread's earlier turns have begun, then adds the item.
   * @throws InvalidArgumentError when an item with its id waits already; nothing was sent
   */
  enter(queues: TurnQueues): void {
    // Its signal may have fired already.
    if (this.state === RUN_STATE.over) return;
    this.expect();
    this.goOn(queues);
  }

  /**
   * Its turn may begin before it is known whether the server has the item: what is told of that is kept for it.
   * @throws InvalidArgumentError when an item with its id waits already
   */
  expect(): void {
    const queue = threadQueueOf(this.peer, this.threadId);
    if (queue.has(this.key)) throw this.#refusedKey();
    this.#queue = queue;
    queue.expect(this, this.options.idleTimeoutMs ?? DEFAULT_IDLE_TIMEOUT_MS);
  }

  /** The server may have its item from before. */
  noteSent(): void {
    this.#entry.noteSent();
  }

  /** Takes its place in the line. @param itemId - its item in the queue; it is added where it has none and has not begun */
  goOn(queues: TurnQueues, itemId?: string): void {
    if (this.state === RUN_STATE.over) return;
    if (itemId !== undefined) this.#entry.noteAdded(itemId);
    else if (!this.isNamed) this.#entry.noteNotSent();
    this.peer.turnGate.enter(this);
    queues.enterBeside(this.threadId, () => this.#run(), this.begun);
  }

  /** It is not to be added, and has not begun: it is forgotten. */
  discard(): void {
    this.end();
  }

  /** No turn starts any more: one that has not begun is taken out of the queue. */
  turnedBack(error: CodexClientError): void {
    if (this.state === RUN_STATE.queued) this.settlement.giveUp(error);
    else markHandled(this.#takeOut(error));
  }

  /** Takes it out of the queue, or interrupts its turn. Rejects as `turn/interrupt` does. */
  override async interrupt(): Promise<void> {
    if (this.state === RUN_STATE.queued) this.settlement.giveUp(neverSent());
    else if (!(await this.#takeOut(takenOut()))) await this.control.interrupt();
  }

  /** The reader has left. It is taken out or interrupted; with `detach` it stays in the queue, and runs. */
  override leave(): void {
    this.#isLeft = true;
    super.leave();
  }

  added(): void {
    if (!this.#isUnwanted) this.#queue?.lookAtRest();
  }

  /** It was refused, or not answered in time although the server may have it. */
  refused(error: unknown): void {
    // Its turn tells more than the answer does.
    if (this.state !== RUN_STATE.starting) return;
    if (this.settlement.reject(error)) this.#failure = error;
    if (error instanceof RequestTimeoutError && this.wasSent) {
      this.#entry.settle();
      this.stop();
      this.enquiry.expectEnd();
    } else this.end(error);
  }

  began(turnId: string, held?: OpenStream): void {
    if (this.state === RUN_STATE.over) return;
    this.#name(turnId, held);
    this.record.noteFound(unknownTurn(turnId));
    this.#nowRuns();
  }

  startedAs(turn: Turn, held?: OpenStream): void {
    if (this.state === RUN_STATE.over) return;
    this.#name(turn.id, held);
    this.record.noteStart({ turn }, false);
    this.#nowRuns();
  }

  foundAs(turn: Turn): void {
    if (this.state === RUN_STATE.over) return;
    this.#isResumed = true;
    this.#name(turn.id, undefined);
    this.record.noteFound({ ...turn, status: 'inProgress' });
    if (turn.status !== 'inProgress') this.record.noteRecovered(turn);
    this.#nowRuns();
  }

  takeBack(): void {
    markHandled(this.#takeOut(takenOut()));
  }

  gone(cause?: unknown): void {
    const reason = cause ?? turnRemoved(this.threadId, this.key);
    this.settlement.reject(reason);
    this.end(reason);
  }

  protected override end(failure?: unknown): void {
    super.end(failure);
    this.#queue?.leave(this);
    this.#entry.settle();
    this.peer.turnGate.leave(this);
  }

  protected override gaveUp(reason: unknown): void {
    if (!this.endsWhenGivenUp) this.#failure = reason;
    super.gaveUp(reason);
  }

  /** A server before this one may have its item. */
  protected override get endsWhenGivenUp(): boolean {
    return this.record.isOver || (this.state === RUN_STATE.queued && !this.wasSent);
  }

  async #run(): Promise<void> {
    if (this.peer.closingError !== undefined) this.ended();
    if (this.state === RUN_STATE.queued) {
      this.advance(RUN_STATE.starting);
      if (this.itemId === undefined) markHandled(this.#entry.send(this));
      else if (this.#isStopping) markHandled(this.#takeOut(takenOut()));
      else this.added();
    }
    await this.over.promise;
  }

  protected override stop(): void {
    if (this.#isStopping) return;
    this.#isStopping = true;
    this.interruptUnread();
    markHandled(this.#takeOut(takenOut()));
  }

  /** Takes it out of the queue, so that it ends for this reason; false where it has begun, or is about to. */
  async #takeOut(reason: unknown): Promise<boolean> {
    if (this.state !== RUN_STATE.starting) return this.state === RUN_STATE.over;
    this.#isUnwanted = true;
    const isOut = await this.#entry.remove(reason).catch(() => false);
    if (!isOut) this.#queue?.lookSoon();
    else if (this.state === RUN_STATE.starting) {
      this.settlement.reject(reason);
      this.end(reason);
    }
    // Others may wait behind it, in a queue that stands still.
    if (isOut) this.#queue?.lookAtRest();
    return isOut;
  }

  #refusedKey(): InvalidArgumentError {
    const error = sameKey(this.threadId, this.key);
    this.settlement.reject(error);
    this.end(error);
    return error;
  }

  #name(turnId: string, held: OpenStream | undefined): void {
    this.scope.named(turnId);
    this.advance(RUN_STATE.running);
    this.#entry.settle();
    const unread: [ServerMessage, MessageScope][] = [];
    this.open({
      takesFrom: held,
      takesAlong: (_, scope) => scope.turnId === turnId,
      tookAlong: (...told) => unread.push(told),
    });
    this.peer.follow(this, turnId);
    this.control.nameTurn(turnId);
    for (const told of unread) {
      this.learn(...told);
      this.observe(...told);
    }
  }

  /** What happened while it had no stream is made up for. */
  #nowRuns(): void {
    const { stream } = this;
    if (this.#isLeft && this.options.detach === true) stream?.close();
    else if (this.#isLeft) stream?.leave();
    else if (this.isSettled) stream?.stop(this.#failure);
    stream?.lookForRequests();
    this.heedBudget();
    if (this.record.isOver) this.overAtServer();
    else this.enquiry.begin(this.options.idleTimeoutMs ?? DEFAULT_IDLE_TIMEOUT_MS);
  }
}

function sameKey(threadId: string, key: string): InvalidArgumentError {
  const message = `params.clientUserMessageId: a turn with the id ${JSON.stringify(key)} waits in the queue of thread ${threadId} already; expected an id of its own, by which the turn is known again`;
  return new InvalidArgumentError('params.clientUserMessageId', message);
}
