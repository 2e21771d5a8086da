/**
 * What is asked on a thread whose follower stands in for those who answer. Owns that the requests come here instead of
 * being refused, stay for as long as they are open, and go to others when the follower is closed.
 */
import type { ServerMessage } from '../../session/messages/server-message.js';
import type { Peer } from '../../session/peer.js';
import { claimOf } from '../../session/streams/event-filter.js';
import type { OpenStream } from '../../session/streams/open-stream.js';
import { isThreadRequest } from '../../view/open-requests.js';

/** What settles a request that was not answered here, or follows the answer. */
const SETTLING_METHODS: ReadonlySet<string> = new Set([
  'serverRequest/resolved',
  'item/completed',
  'turn/completed',
  'thread/closed',
]);

/** The open requests of one thread. Nobody reads them here: the view of the thread has them. */
export class HeldRequests {
  readonly #peer: Peer;
  readonly #stream: OpenStream;
  #isLookedAt = false;

  /** Takes along what is unread on the main stream. */
  constructor(peer: Peer, threadId: string) {
    this.#peer = peer;
    const claim = claimOf({ kind: 'request', threadId });
    const name = `the follower of thread ${threadId}`;
    // What no view shows nobody would answer: it goes to whoever gets it otherwise, or is refused.
    const takes = ({ method }: ServerMessage) => isThreadRequest(method);
    this.#stream = peer.open({ ...claim, name, takes }, { takesUnread: true });
  }

  /** Notes a message of the thread, before anybody else hears of it. */
  note(message: ServerMessage): void {
    if (this.#isLookedAt || this.#stream.unread === 0) return;
    if (message.kind === 'notification' && !SETTLING_METHODS.has(message.method)) return;
    this.#isLookedAt = true;
    queueMicrotask(() => {
      this.#isLookedAt = false;
      this.#dropSettled();
    });
  }

  /** What is open goes to whoever would get it without the follower. */
  close(): void {
    this.#dropSettled();
    this.#stream.close();
  }

  #dropSettled(): void {
    this.#stream.takeMatching((message) => message.kind === 'request' && !this.#peer.asked.isOpen(message));
  }
}
