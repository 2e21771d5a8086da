/**
 * A new turn on a thread, of which it is not known yet whose it is. Owns the stream in which its messages wait until that is known:
 * it becomes the stream of its run, or they go to whoever would have got them (L1).
 */
import type { Peer } from '../../session/peer.js';
import type { OpenStream } from '../../session/streams/open-stream.js';
import { PRECEDENCE } from '../../session/streams/precedence.js';

/** The new turn of one thread. */
export class HeldTurn {
  readonly #peer: Peer;
  readonly #threadId: string;
  #held: { readonly turnId: string; readonly stream: OpenStream } | undefined;

  constructor(peer: Peer, threadId: string) {
    this.#peer = peer;
    this.#threadId = threadId;
  }

  /** The turn whose messages are held. */
  get turnId(): string | undefined {
    return this.#held?.turnId;
  }

  /** What is held of this turn. */
  streamOf(turnId: string): OpenStream | undefined {
    return this.#held?.turnId === turnId ? this.#held.stream : undefined;
  }

  /** A turn begins, whose notifications are held from now on; the one before is released. */
  hold(turnId: string): void {
    this.release();
    const stream = this.#peer.open({
      name: `the queue of thread ${this.#threadId}`,
      keys: { threadId: this.#threadId },
      precedence: PRECEDENCE.turnRun,
      takes: (message, scope) =>
        message.kind === 'notification' && scope.turnId === turnId && this.turnId === turnId,
    });
    this.#held = { turnId, stream };
  }

  /** What is left of it is for others. */
  release(): void {
    const held = this.#held;
    this.#held = undefined;
    held?.stream.handOnOthers(() => false);
    held?.stream.finish();
  }
}
