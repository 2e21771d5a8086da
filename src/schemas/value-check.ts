/**
 * The check of one value by a schema of either kind. Owns that it never throws: a schema that cannot check a value finds it
 * wrong, and says why.
 */
import { memberOf, rejectArgument } from '../support/argument-checks.js';
import type { SchemaValidation, StandardSchema } from './output-schema.js';
import { plainIssues } from './plain-check.js';
import { jsonOf, type SaidSchema, standardOf } from './said-schema.js';
import type { SchemaNode } from './schema-nodes.js';

/** Checks values; at once where the schema does. */
export type ValueCheck = (value: unknown) => SchemaValidation<unknown> | Promise<SchemaValidation<unknown>>;

/** The check by a schema that need not be able to say itself. @throws InvalidArgumentError when it is no schema */
export function valueCheckOf(argument: string, schema: unknown): ValueCheck {
  const check = standardOf<unknown>(argument, schema);
  return checkBy(check, check === undefined ? jsonOf(argument, schema) : undefined);
}

/** The check by a schema that was said. */
export function checkOfSaid({ said, check }: SaidSchema<unknown>): ValueCheck {
  return checkBy(check, said);
}

function checkBy(check: StandardSchema['~standard'] | undefined, said: unknown): ValueCheck {
  return (value) => {
    try {
      if (check === undefined) return plainly(said as SchemaNode, value);
      const checked = check.validate(value);
      return isPending(checked)
        ? Promise.resolve(checked).then(understood).catch(unchecked)
        : understood(checked);
    } catch (error) {
      return unchecked(error);
    }
  };
}

function plainly(schema: SchemaNode, value: unknown): SchemaValidation<unknown> {
  const issues = plainIssues(schema, value);
  return issues.length === 0 ? { value } : { issues };
}

/** What a schema answered: without types nothing keeps it from being anything. @throws InvalidArgumentError */
function understood(checked: SchemaValidation<unknown>): SchemaValidation<unknown> {
  if (typeof checked !== 'object' || checked === null)
    rejectArgument('the answer of the schema', checked, 'a value or issues');
  return checked.issues === undefined ? checked : { issues: [...checked.issues] };
}

/** Whether it is still being made: a promise of any kind. */
export function isPending<T>(made: T | Promise<T>): made is Promise<T> {
  return typeof memberOf(made, 'then') === 'function';
}

function unchecked(error: unknown): SchemaValidation<unknown> {
  const why = error instanceof Error ? error.message : String(error);
  return { issues: [{ message: `the schema could not check it: ${why}` }] };
}
