/**
 * One item in the server's queue, from `thread/queue/add` to the moment at which it is taken out, or its turn begins. Owns what is
 * known of it: whether the server may have it, and under which id.
 */
import type { ThreadQueueAddParams, ThreadQueueAddResponse } from '../../protocol/generated.js';
import type { Peer } from '../../session/peer.js';
import { deferred } from '../../support/deferred.js';
import { deleteByKey, deleteItem } from './queued-items.js';
import { notAnItem } from './turn-errors.js';
import type { TurnRunOptions } from './turn-options.js';

/** Who hears of the answer, before any message that follows it on the wire. None may throw. */
export interface EnteredTurn {
  /** The server has it. */
  added(): void;
  /** The server's refusal, or an answer that lacks what it promises, or none in time. */
  refused(error: unknown): void;
}

/** An item of the queue. */
export class QueueEntry {
  readonly #peer: Peer;
  readonly #params: ThreadQueueAddParams;
  readonly #options: TurnRunOptions;
  readonly #recall = new AbortController();
  readonly #settled = deferred<void>();
  #itemId: string | undefined;
  #wasSent = false;

  constructor(peer: Peer, params: ThreadQueueAddParams, options: TurnRunOptions) {
    this.#peer = peer;
    this.#params = params;
    this.#options = options;
  }

  /** The id that its message is sent with. */
  get key(): string {
    return this.#params.clientUserMessageId;
  }

  /** Its id in the queue, once the server has named it. */
  get itemId(): string | undefined {
    return this.#itemId;
  }

  /** The server may have it. */
  get wasSent(): boolean {
    return this.#wasSent;
  }

  /** Settles when nothing more will be known of it before its turn begins. */
  get settled(): Promise<void> {
    return this.#settled.promise;
  }

  /** The server may have it from before. */
  noteSent(): void {
    this.#wasSent = true;
  }

  /** The server turned out not to have it. */
  noteNotSent(): void {
    this.#wasSent = false;
  }

  /** The server has it under this id. */
  noteAdded(itemId: string): void {
    this.#itemId = itemId;
    this.#settled.resolve();
  }

  /** It is over, or its turn has begun. */
  settle(): void {
    this.#settled.resolve();
  }

  /** Adds it; settles as the request does. */
  async send(turn: EnteredTurn): Promise<void> {
    const { startTimeoutMs: timeoutMs, trace } = this.#options;
    const notSent = () => this.noteNotSent();
    const internal = {
      isBackground: true,
      onResult: (answer: ThreadQueueAddResponse) => this.#hear(answer, turn),
      onRefused: (error: Error) => turn.refused(error),
      onSent: () => this.noteSent(),
      onTurnedAway: notSent,
      onTakenBack: notSent,
      recall: this.#recall.signal,
    };
    const answer = this.#peer.callTyped('thread/queue/add', this.#params, { timeoutMs, trace }, internal);
    this.#peer.readUntil(answer);
    await answer.then(() => {}, turn.refused.bind(turn));
  }

  /**
   * Takes it back, or out of the queue; false when the server does not have it there, and rejects as the requests do.
   * @param reason - what {@link QueueEntry.send} fails with when it was never sent
   */
  async remove(reason: unknown): Promise<boolean> {
    this.#recall.abort(reason);
    await this.settled;
    const { threadId } = this.#params;
    const isOut =
      this.#itemId === undefined
        ? await deleteByKey(this.#peer, threadId, this.key)
        : await deleteItem(this.#peer, threadId, this.#itemId);
    if (isOut) this.noteNotSent();
    return isOut;
  }

  #hear(answer: ThreadQueueAddResponse, turn: EnteredTurn): void {
    const itemId: unknown = answer.queuedSubmission?.id;
    if (typeof itemId !== 'string') {
      turn.refused(notAnItem());
      return;
    }
    this.noteAdded(itemId);
    turn.added();
  }
}
