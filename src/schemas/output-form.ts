/**
 * The form of one output: the schema that goes to the server, and the way from the text of an answer to the output. Owns
 * that an answer which does not fit is told apart from one that does; what becomes of it is the run's.
 */
import { withoutAddedNulls } from './added-nulls.js';
import type { SchemaIssue, SchemaValidation } from './output-schema.js';
import { type SchemaCheck, saidSchemaOf } from './said-schema.js';
import { type SchemaNode, SchemaTree } from './schema-nodes.js';
import { strictFormOf, withoutRootReference } from './strict-form.js';

/** What the text of an answer came to. */
export type OutputReading<Output> =
  | { readonly output: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[]; readonly cause?: unknown };

/** What an output looks like. */
export class OutputForm<Output> {
  /** The schema that goes to the server. */
  readonly sent: SchemaNode;
  readonly #tree: SchemaTree;
  readonly #check: SchemaCheck<Output> | undefined;

  /** @throws InvalidArgumentError that names the part of the schema which codex could not be asked for */
  constructor(argument: string, schema: unknown, check: SchemaCheck<Output> | undefined) {
    this.#tree = new SchemaTree(withoutRootReference(argument, schema));
    this.#check = check;
    this.sent = strictFormOf(this.#tree, { argument, isValidated: check !== undefined });
  }

  /** Reads the text of an answer; never rejects. */
  async read(text: string | undefined): Promise<OutputReading<Output>> {
    if (text === undefined) return { issues: [{ message: 'there is no final message' }] };
    let answer: unknown;
    try {
      answer = JSON.parse(text);
    } catch (cause) {
      return { issues: [{ message: 'the final message is no JSON' }], cause };
    }
    return this.#fitted(answer);
  }

  async #fitted(answer: unknown): Promise<OutputReading<Output>> {
    try {
      const value = withoutAddedNulls(this.#tree, answer);
      // Without a check its type is unknown, which every value has.
      if (this.#check === undefined) return { output: value as Output };
      const checked: SchemaValidation<Output> = await this.#check.validate(value);
      return checked.issues === undefined ? { output: checked.value } : { issues: checked.issues };
    } catch (cause) {
      return { issues: [{ message: `the schema could not check it: ${String(cause)}` }], cause };
    }
  }
}

/**
 * The form of an output.
 * @param schema - an `OutputSchema`, or whatever a program without types hands over
 * @throws InvalidArgumentError when it is no schema, or one that codex could not be asked for
 */
export function outputFormOf<Output>(argument: string, schema: unknown): OutputForm<Output> {
  const { said, check } = saidSchemaOf<Output>(argument, schema);
  return new OutputForm(argument, said, check);
}
