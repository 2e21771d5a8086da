/** The error of a program and a tape that do not fit; in a file of its own, because users compile its declaration. */
import { CodexClientError } from '../../support/errors.js';
import type { TapeMessage } from '../tapes/tape.js';
import type { Difference } from './line-comparison.js';

/**
 * The program sent a line that is not on the tape, or did not send one for which the tape waits. The message shows both. It
 * is the `mismatch` of the replay's report, and the `cause` of the `ServerClosedError` with which the client's calls fail.
 */
export class TapeMismatchError extends CodexClientError {
  readonly code = 'CODEX_TAPE_MISMATCH';
  /** The tape's file. */
  readonly path: string;
  /** The number of the recorded line in that file; undefined where all lines of the tape had come in. */
  readonly line: number | undefined;
  /** The recorded message that was nearest, or waited for; undefined where all had come in. */
  readonly recorded: TapeMessage | undefined;
  /** What the program sent, its secrets masked as on a tape; undefined when it sent nothing. */
  readonly given: TapeMessage | undefined;
  /** Where the two differ, in the order of the recorded one; empty where there is only one of them, or they have nothing in common. */
  readonly differences: readonly Difference[];

  constructor(
    message: string,
    details: {
      readonly path: string;
      readonly line: number | undefined;
      readonly recorded: TapeMessage | undefined;
      readonly given: TapeMessage | undefined;
      readonly differences: readonly Difference[];
    },
  ) {
    super(message);
    this.path = details.path;
    this.line = details.line;
    this.recorded = details.recorded;
    this.given = details.given;
    this.differences = details.differences;
  }
}
