/** The errors of a program that does not say what the tape has. */
import type { Tape, TapeLine, TapeMessage } from '../tapes/tape.js';
import type { Difference } from './line-fit.js';
import { nameOf } from './replay-report.js';
import { TapeMismatchError } from './tape-mismatch-error.js';

/** The program sent a line that stands for none of the tape. */
export function strayLine(
  { path }: Tape,
  given: TapeMessage,
  nearest: TapeLine | undefined,
  differences: readonly Difference[],
): TapeMismatchError {
  const details = { path, line: nearest?.line, recorded: nearest?.message, given, differences };
  const expected = nearest === undefined ? 'all of whose lines have come in' : `line ${nearest.line}`;
  return new TapeMismatchError(`${path}, ${expected}: the program sent ${JSON.stringify(given)}`, details);
}

/** The program did not send a line for which the replay waits. */
export function missingLine({ path }: Tape, entry: TapeLine, stallMs: number): TapeMismatchError {
  const { line, message } = entry;
  const name = nameOf(entry);
  return new TapeMismatchError(
    `${path}: line ${line} of the tape, ${name}, was not sent within ${stallMs} ms`,
    {
      path,
      line,
      recorded: message,
      given: undefined,
      differences: [],
    },
  );
}
