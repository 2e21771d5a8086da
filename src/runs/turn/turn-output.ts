/** The output of a turn: read once, from the final message of a turn that completed. */
import { issueText } from '../../schemas/issue-text.js';
import type { OutputForm, OutputReading } from '../../schemas/output-form.js';
import type { SchemaIssue } from '../../schemas/output-schema.js';
import { OutputMismatchError } from './result-errors.js';
import type { EndedTurn, TurnOutcome, TurnResult } from './turn-result.js';

/** How many issues a message names; all are in the error's `issues`. */
const NAMED_ISSUES = 3;

/** Turns what a turn came to into its result. */
export class TurnOutput<Output> {
  readonly #form: OutputForm<Output> | undefined;
  #reading: Promise<OutputReading<Output>> | undefined;

  constructor(form: OutputForm<Output> | undefined) {
    this.#form = form;
  }

  /** @throws OutputMismatchError when the turn completed, and its final message does not fit */
  async resultOf(ended: EndedTurn): Promise<TurnResult<Output>> {
    const form = this.#form;
    // Without a schema nothing is known of its type, which is `unknown` then.
    if (form === undefined || !isCompleted(ended)) return ended as TurnResult<Output>;
    this.#reading ??= form.read(ended.finalMessage);
    const reading = await this.#reading;
    if (reading.issues !== undefined) throw outputMismatch(ended, [...reading.issues], reading.cause);
    return { ...ended, output: reading.output };
  }
}

type CompletedTurn = TurnOutcome<undefined, 'completed'>;

function isCompleted(ended: EndedTurn): ended is CompletedTurn {
  return ended.status === 'completed';
}

function outputMismatch(
  result: CompletedTurn,
  issues: readonly SchemaIssue[],
  cause: unknown,
): OutputMismatchError {
  const text = result.finalMessage;
  const named = issues.slice(0, NAMED_ISSUES).map(issueText).join('; ');
  const more = issues.length > NAMED_ISSUES ? `; and ${issues.length - NAMED_ISSUES} more` : '';
  const message = `the turn completed, and its output is not what outputSchema asks for: ${named}${more}; the final message is in the error's text`;
  return new OutputMismatchError(
    message,
    { text, issues, result },
    cause === undefined ? undefined : { cause },
  );
}
