/** The one error of runs that carries a result; in a file of its own, because users compile its declaration. */
import { CodexClientError } from '../../support/errors.js';
import type { TurnResult } from './turn-record.js';

/** The turn is over, and the server cannot say how it ended; nothing is guessed. */
export class TurnOutcomeUnknownError extends CodexClientError {
  readonly code = 'CODEX_TURN_OUTCOME_UNKNOWN';
  /** What the turn said until then; `status` is the last one that the server told, mostly `inProgress`. */
  readonly result: TurnResult;

  constructor(message: string, details: { readonly result: TurnResult }, options?: ErrorOptions) {
    super(message, options);
    this.result = details.result;
  }
}
