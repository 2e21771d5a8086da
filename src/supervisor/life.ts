/**
 * What the supervisor's parts know of the servers: the one that lives, how to come by it, and what it is asked for. Types
 * alone; who starts them is the lifeline.
 */
import type { AsyncClient } from '../client/async-client.js';
import type { TurnQueues } from '../runs/turn/turn-queues.js';
import type { CloseReason } from '../session/close-reason.js';
import type { Peer } from '../session/peer.js';
import type { ThreadReadiness } from './thread-readiness.js';

/** A client whose handshake is done, with what its runs need. */
export interface Opened {
  readonly client: AsyncClient;
  readonly peer: Peer;
  readonly queues: TurnQueues;
}

/** One server, or one connection to it, from its handshake to its end. */
export interface Life extends Opened {
  /** The threads that this connection has. */
  readonly threads: ThreadReadiness;
  /** Its end has begun: what fails now may have failed for that. */
  readonly isOver: boolean;
  /** Settles when it is over, and all that was received was handed out; never rejects. */
  readonly ended: Promise<CloseReason>;
}

/** The lives of one supervisor, one after another. */
export interface Lives {
  /** It is connections that begin and end: the server behind them may live on. */
  readonly areConnections: boolean;
  /** No more lives come because of `shutdown()`; {@link Lives.current} rejects then. */
  readonly isShutDown: boolean;
  /** The one that lives, also while it is being shut down; undefined while there is none. */
  readonly living: Life | undefined;
  /** The one that lives, whose end has not begun; waits for the next one. Rejects once there will be none. */
  current(): Promise<Life>;
}
