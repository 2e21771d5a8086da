/**
 * The form of one output: the schema that goes to the server, and the way from the text of an answer to the output. Owns
 * which schemas are taken, and that an answer which does not fit is told apart from one that does; what becomes of it is
 * the run's.
 */
import { describeValue, isPlainObject, memberOf, rejectArgument } from '../support/argument-checks.js';
import { InvalidArgumentError } from '../support/errors.js';
import { jsonText } from '../support/json-text.js';
import { withoutAddedNulls } from './added-nulls.js';
import type { SchemaIssue, SchemaValidation, StandardJsonSchema } from './output-schema.js';
import { type SchemaNode, SchemaTree } from './schema-nodes.js';
import { strictFormOf, withoutRootReference } from './strict-form.js';

/** The dialects that are asked for, the first that a schema can say. */
const TARGETS = ['draft-2020-12', 'draft-07'] as const;

const HOW_TO_SAY_IT =
  'zod has it from 4.2 on (zod/mini with z.toJSONSchema(schema)), ArkType from 2.1.28 on, and Valibot with toStandardJsonSchema(schema) of @valibot/to-json-schema; or give a JSON Schema';

/** What the text of an answer came to. */
export type OutputReading<Output> =
  | { readonly output: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[]; readonly cause?: unknown };

/** The check of a schema, and the part of a Standard Schema that this package calls. */
type Check<Output> = StandardJsonSchema<Output>['~standard'];

/** What an output looks like. */
export class OutputForm<Output> {
  /** The schema that goes to the server. */
  readonly sent: SchemaNode;
  readonly #tree: SchemaTree;
  readonly #check: Check<Output> | undefined;

  /** @throws InvalidArgumentError that names the part of the schema which codex could not be asked for */
  constructor(argument: string, schema: unknown, check: Check<Output> | undefined) {
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
  const standard: unknown = Reflect.get(Object(schema), '~standard');
  if (standard === undefined) return new OutputForm(argument, jsonOf(argument, schema), undefined);
  if (typeof memberOf(standard, 'validate') !== 'function')
    rejectArgument(`${argument}["~standard"]`, standard, 'a Standard Schema, with validate');
  const check = standard as Check<Output>;
  return new OutputForm(argument, jsonOf(argument, saidBy(argument, schema, check)), check);
}

/** The JSON Schema that a schema of a library says. */
function saidBy(argument: string, schema: unknown, check: Check<unknown>): unknown {
  if (isSaidAlready(schema)) return schema;
  if (typeof memberOf(check.jsonSchema, 'input') !== 'function') {
    const message = `${argument}: expected a schema that can say itself as JSON Schema, got a Standard Schema of ${describeValue(check.vendor)} that cannot; ${HOW_TO_SAY_IT}`;
    throw new InvalidArgumentError(argument, message);
  }
  const failures: unknown[] = [];
  for (const target of TARGETS) {
    try {
      return check.jsonSchema.input({ target });
    } catch (cause) {
      failures.push(cause);
    }
  }
  const [cause] = failures;
  const message = `${argument}: the schema of ${describeValue(check.vendor)} cannot be said as JSON Schema: ${String(cause)}`;
  throw new InvalidArgumentError(argument, message, { cause });
}

/** What `z.toJSONSchema()` gives: JSON Schema, with its check where JSON does not show it. */
function isSaidAlready(schema: unknown): boolean {
  if (!isPlainObject(schema) || !('type' in schema || '$ref' in schema)) return false;
  return Object.getOwnPropertyDescriptor(schema, '~standard')?.enumerable === false;
}

/** A copy as JSON, so that nothing of the caller's is changed, or changes. */
function jsonOf(argument: string, schema: unknown): unknown {
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema))
    rejectArgument(
      argument,
      schema,
      'a JSON Schema, or a schema of a library that speaks Standard JSON Schema',
    );
  return JSON.parse(jsonText(argument, schema));
}
