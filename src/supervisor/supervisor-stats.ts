/** What a supervisor counts, as its users see it. Types alone. */
import type { ClientStats } from '../client/conversation-types.js';

/** How far a supervisor is; see {@link SupervisorStats.state}. */
export type SupervisorState = 'starting' | 'living' | 'shutDown' | 'givenUp';

/** What a supervisor counts; see `Supervisor.stats`. */
export interface SupervisorStats {
  /**
   * `living` while there is a server; `starting` before the first and between two; `shutDown` from `shutdown()` on;
   * `givenUp` after too many restarts.
   */
  readonly state: SupervisorState;
  /** How often a next server has begun. */
  readonly restarts: number;
  /** The counters of the client that lives; undefined while there is none. */
  readonly client: ClientStats | undefined;
}
