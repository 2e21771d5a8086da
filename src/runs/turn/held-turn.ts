/**
 * A new turn on a thread, of which it is not known yet whose it is. Owns the stream in which its messages wait until that is known:
 * it becomes the stream of its run, or they go to whoever would have got them (L1), who is told what is missing (L5).
 */
import type { ServerMessage } from '../../session/messages/server-message.js';
import type { Peer } from '../../session/peer.js';
import type { OpenStream } from '../../session/streams/open-stream.js';
import { PRECEDENCE } from '../../session/streams/precedence.js';

/** What is held of a turn. */
interface Held {
  readonly turnId: string;
  readonly stream: OpenStream;
  /** The message that told of it. */
  readonly started: ServerMessage;
  /** Its run has it. */
  isTaken: boolean;
}

/** The new turn of one thread. */
export class HeldTurn {
  readonly #peer: Peer;
  readonly #threadId: string;
  #held: Held | undefined;

  constructor(peer: Peer, threadId: string) {
    this.#peer = peer;
    this.#threadId = threadId;
  }

  /** The turn whose messages are held. */
  get turnId(): string | undefined {
    return this.#held?.turnId;
  }

  /** What is held of this turn, for the run whose it is. */
  take(turnId: string): OpenStream | undefined {
    if (this.#held?.turnId !== turnId) return undefined;
    this.#held.isTaken = true;
    return this.#held.stream;
  }

  /** A turn begins, whose notifications are held from now on; the one before is released. */
  hold(started: ServerMessage, turnId: string): void {
    this.release();
    const stream = this.#peer.open({
      name: `the queue of thread ${this.#threadId}`,
      keys: { threadId: this.#threadId },
      precedence: PRECEDENCE.turnRun,
      takes: (message, scope) =>
        message.kind === 'notification' && scope.turnId === turnId && this.turnId === turnId,
    });
    this.#held = { turnId, stream, started, isTaken: false };
  }

  /** What is left of it is for others. */
  release(): void {
    if (this.#held === undefined) return;
    const { stream, started, isTaken } = this.#held;
    this.#held = undefined;
    stream.handOnOthers(() => false);
    if (!isTaken) stream.handOnCut(started);
    stream.finish();
  }
}
