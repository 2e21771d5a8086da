/** What a session leaves behind: taken when it closes, before its parts forget it. Types alone. */
import type { OpenRequest } from './answers/server-requests.js';

/** A thread that had a turn when the session closed. */
export interface LeftTurn {
  readonly threadId: string;
  /** The turn, where the server had named it. */
  readonly turnId: string | undefined;
}

/** What was under way when a session closed. */
export interface SessionRemains {
  /** The server requests that waited for an answer, in the order in which they came. */
  readonly requests: readonly OpenRequest[];
  readonly turns: readonly LeftTurn[];
}
