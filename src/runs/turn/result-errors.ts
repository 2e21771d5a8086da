/** The errors of runs that carry a result; in a file of their own, because users compile their declarations. */
import type { Turn } from '../../protocol/generated.js';
import { CodexClientError } from '../../support/errors.js';
import type { TurnResult } from './turn-result.js';

/** A turn ended with status `failed`. */
export class TurnFailedError extends CodexClientError {
  readonly code = 'CODEX_TURN_FAILED';
  /** All that a turn which succeeds has; why it failed is in `raw.turn.error`. */
  readonly result: TurnResult<'failed'>;

  constructor(message: string, details: { readonly result: TurnResult<'failed'> }, options?: ErrorOptions) {
    super(message, options);
    this.result = details.result;
  }
}

/** The turn is over, and the server cannot say how it ended; nothing is guessed. */
export class TurnOutcomeUnknownError extends CodexClientError {
  readonly code = 'CODEX_TURN_OUTCOME_UNKNOWN';
  /** What the turn said until then; `status` is the last one that the server told, mostly `inProgress`. */
  readonly result: TurnResult<Turn['status']>;

  constructor(
    message: string,
    details: { readonly result: TurnResult<Turn['status']> },
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.result = details.result;
  }
}
