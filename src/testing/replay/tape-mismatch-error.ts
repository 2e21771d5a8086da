/** Stand-in. */
import { CodexClientError } from '../../support/errors.js';
import type { TapeMessage } from '../tapes/tape.js';
import type { Difference } from './line-fit.js';

export interface TapeMismatch {
  readonly path: string;
  readonly line: number | undefined;
  readonly recorded: TapeMessage | undefined;
  readonly given: TapeMessage | undefined;
  readonly differences: readonly Difference[];
}

/** A program and a tape do not fit. */
export class TapeMismatchError extends CodexClientError {
  readonly code = 'CODEX_TAPE_MISMATCH';
  readonly path: string;
  readonly line: number | undefined;
  readonly recorded: TapeMessage | undefined;
  readonly given: TapeMessage | undefined;
  readonly differences: readonly Difference[];

  constructor(message: string, details: TapeMismatch) {
    super(message);
    this.path = details.path;
    this.line = details.line;
    this.recorded = details.recorded;
    this.given = details.given;
    this.differences = details.differences;
  }
}
