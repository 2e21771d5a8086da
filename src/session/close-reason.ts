/** How a session's end looks from outside: what `client.closed` settles with. A type alone. */
import type { CodexClientError, ServerExit } from '../support/errors.js';

/** Why and how the server went. */
export interface CloseReason extends ServerExit {
  /** `shutdown()` was called before the server went. */
  readonly expected: boolean;
  /** The error that streams and calls got, unless the end was expected. */
  readonly error: CodexClientError | undefined;
}
