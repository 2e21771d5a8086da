/** One life as the lifeline begins it: a client that is ready, what is to be known of its threads, and what it leaves. */
import type { AsyncClient } from '../client/async-client.js';
import type { TurnQueues } from '../runs/turn/turn-queues.js';
import type { CloseReason } from '../session/close-reason.js';
import type { Peer } from '../session/peer.js';
import { requestKey } from '../view/index.js';
import type { Life, Opened } from './life.js';
import type { LostWork } from './lost-work.js';
import { PartialTexts, TEXT_METHODS } from './partial-texts.js';
import type { QueuedKeys } from './queued-keys.js';
import { LiveThreadReadiness, type ThreadReadiness } from './thread-readiness.js';

/** A server, from its handshake to its end. */
export class LiveLife implements Life {
  readonly client: AsyncClient;
  readonly peer: Peer;
  readonly queues: TurnQueues;
  readonly threads: ThreadReadiness;
  readonly ended: Promise<CloseReason>;
  readonly #texts = new PartialTexts();

  constructor({ client, peer, queues }: Opened, ownKeys: QueuedKeys) {
    this.client = client;
    this.peer = peer;
    this.queues = queues;
    this.threads = new LiveThreadReadiness(peer, ownKeys);
    this.ended = client.closed;
    peer.showTo(this.#texts, { methods: TEXT_METHODS });
  }

  get isOver(): boolean {
    // A process that has gone is read to the end before that is closed, and answers nothing any more.
    return !this.client.isAlive;
  }

  /** What it has left behind, once it has ended. */
  get left(): LostWork {
    const { peer } = this;
    const { turns, requests } = peer.left ?? { turns: [], requests: [] };
    return {
      turns,
      approvals: requests.map((request) => ({ key: requestKey(request.id, peer.epoch), ...request })),
      threads: peer.subscriptions.unkept,
      partialText: this.#texts.all,
    };
  }
}
