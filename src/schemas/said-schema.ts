/**
 * A schema as JSON Schema, with its check where it has one. Owns which schemas are taken: plain JSON Schema, and what says
 * itself as JSON Schema; of either the caller's object is copied, so that nothing of it is changed, or changes.
 */
import { describeValue, isPlainObject, memberOf, rejectArgument } from '../support/argument-checks.js';
import { InvalidArgumentError } from '../support/errors.js';
import { jsonText } from '../support/json-text.js';
import type { StandardJsonSchema, StandardSchema } from './output-schema.js';

/** The dialects that are asked for, the first that a schema can say. */
const TARGETS = ['draft-2020-12', 'draft-07'] as const;

const HOW_TO_SAY_IT =
  'zod has it from 4.2 on (zod/mini with z.toJSONSchema(schema)), ArkType from 2.1.28 on, and Valibot with toStandardJsonSchema(schema) of @valibot/to-json-schema; or give a JSON Schema';

/** The check of a schema, and the part of a Standard Schema that this package calls. */
export type SchemaCheck<Output> = StandardJsonSchema<Output>['~standard'];

/** A schema as it was said. */
export interface SaidSchema<Output> {
  /** A JSON Schema, as JSON. */
  readonly said: unknown;
  /** Undefined for a plain JSON Schema. */
  readonly check: SchemaCheck<Output> | undefined;
}

/** @throws InvalidArgumentError when it is no schema, or one that cannot be said as JSON Schema */
export function saidSchemaOf<Output>(argument: string, schema: unknown): SaidSchema<Output> {
  const check = standardOf<Output>(argument, schema) as SchemaCheck<Output> | undefined;
  const said = check === undefined ? schema : saidBy(argument, schema, check);
  return { said: jsonOf(argument, said), check };
}

/** What a Standard Schema has for others; undefined for a plain one. @throws InvalidArgumentError when it has no check */
export function standardOf<Output>(
  argument: string,
  schema: unknown,
): StandardSchema<Output>['~standard'] | undefined {
  const standard: unknown = Reflect.get(Object(schema), '~standard');
  if (standard === undefined) return undefined;
  if (typeof memberOf(standard, 'validate') !== 'function')
    rejectArgument(`${argument}["~standard"]`, standard, 'a Standard Schema, with validate');
  return standard as StandardSchema<Output>['~standard'];
}

/** The JSON Schema that a schema of a library says. */
function saidBy(argument: string, schema: unknown, check: SchemaCheck<unknown>): unknown {
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

/** A copy as JSON. @throws InvalidArgumentError when it is no schema */
export function jsonOf(argument: string, schema: unknown): unknown {
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema))
    rejectArgument(
      argument,
      schema,
      'a JSON Schema, or a schema of a library that speaks Standard JSON Schema',
    );
  return JSON.parse(jsonText(argument, schema));
}
