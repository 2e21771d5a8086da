/** The errors of runs that hold a result; in a file of their own, because users compile their declarations. */
import type { Turn } from '../../protocol/generated.js';
import type { SchemaIssue } from '../../schemas/output-schema.js';
import { CodexClientError } from '../../support/errors.js';
import type { TurnResult } from './turn-result.js';

/** A turn ended with status `failed`. */
export class TurnFailedError extends CodexClientError {
  readonly code = 'CODEX_TURN_FAILED';
  /** All that a turn which succeeds has; why it failed is in `raw.turn.error`. */
  readonly result: TurnResult<unknown, 'failed'>;

  constructor(
    message: string,
    details: { readonly result: TurnResult<unknown, 'failed'> },
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.result = details.result;
  }
}

/** The turn is over, and the server cannot say how it ended; nothing is guessed. */
export class TurnOutcomeUnknownError extends CodexClientError {
  readonly code = 'CODEX_TURN_OUTCOME_UNKNOWN';
  /** What the turn said until then; `status` is the last one that the server told, mostly `inProgress`. */
  readonly result: TurnResult<unknown, Turn['status']>;

  constructor(
    message: string,
    details: { readonly result: TurnResult<unknown, Turn['status']> },
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.result = details.result;
  }
}

/**
 * The run spent more than its `budget`, its sub-agents' tokens included. Its turn was interrupted at the first usage past the
 * budget and is over; it may as well have completed with that. Only a turn that is another's goes on, `result.joined`.
 */
export class BudgetExceededError extends CodexClientError {
  readonly code = 'CODEX_BUDGET_EXCEEDED';
  /** The budget, in tokens. */
  readonly totalTokens: number;
  /** What was spent when the run ended, in tokens: more than the budget, by the model calls that were under way. */
  readonly spentTokens: number;
  /** What the turn came to until then; its output is not read. */
  readonly result: TurnResult<unknown, Turn['status']>;

  constructor(
    message: string,
    details: {
      readonly totalTokens: number;
      readonly spentTokens: number;
      readonly result: TurnResult<unknown, Turn['status']>;
    },
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.totalTokens = details.totalTokens;
    this.spentTokens = details.spentTokens;
    this.result = details.result;
  }
}

/**
 * The turn completed, and its final message is not what its `outputSchema` asks for: there is none, it is no JSON, or the
 * schema finds fault with it. Only `result()` rejects with it; that of a thread run has it for the `cause` of a
 * `ThreadRunError`. `text` is the message, `issues` say what is wrong with it, `result` is all else of the turn.
 */
export class OutputMismatchError extends CodexClientError {
  readonly code = 'CODEX_OUTPUT_MISMATCH';
  /** The final message, as received; undefined when there was none. */
  readonly text: string | undefined;
  /** What is wrong with it, as the schema says; one at least. */
  readonly issues: readonly SchemaIssue[];
  /** All else that the turn came to. */
  readonly result: TurnResult<undefined, 'completed'>;

  constructor(
    message: string,
    details: {
      readonly text: string | undefined;
      readonly issues: readonly SchemaIssue[];
      readonly result: TurnResult<undefined, 'completed'>;
    },
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.text = details.text;
    this.issues = details.issues;
    this.result = details.result;
  }
}
