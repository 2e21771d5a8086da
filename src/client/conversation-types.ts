/** What a conversation takes and tells: option and result types of its calls. */
import type { RequestOptions } from '../session/requests/request-options.js';
import type { SessionStats } from '../session/session-stats.js';

/** How far a client is. It only moves right, except that a handshake that failed can be tried again. */
export type ClientState = 'spawned' | 'initializing' | 'ready' | 'closing' | 'closed';

/** Options of `AsyncClient.initialize`. */
export interface InitializeOptions extends RequestOptions {
  /** Sends `initialized` as soon as the server has answered. @defaultValue true */
  readonly sendInitialized?: boolean | undefined;
}

/** Options of `AsyncClient.shutdown` and `Supervisor.shutdown`. */
export interface ShutdownOptions {
  /**
   * How long running turns may go on before the server is ended, in milliseconds; it is ended as soon as no thread of this
   * connection has a turn. From the call on no turn starts: runs that were not sent yet, `turn/start` and `review/start`
   * reject with `ServerClosedError`. All else goes on, so that answers, interrupts and reads are possible, and the server is
   * read whether anybody reads or not. `shutdown()` without it ends the wait at once. @defaultValue 0
   */
  readonly drainMs?: number | undefined;
}

/** What a client counts; see `AsyncClient.stats`. */
export interface ClientStats extends SessionStats {
  /** The server's stderr, which is read whether it is taken or not. */
  readonly stderr: {
    readonly receivedBytes: number;
    /** Lines dropped because nobody took stderr, or the one who did lags. */
    readonly droppedLines: number;
  };
}
