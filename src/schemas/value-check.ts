/**
 * The check of one value by a schema of either kind. Owns that it never throws: a schema that cannot check a value finds it
 * wrong, and says why.
 */
import { memberOf, rejectArgument } from '../support/argument-checks.js';
import { jsonText } from '../support/json-text.js';
import type { SchemaIssue, SchemaValidation } from './output-schema.js';
import { plainIssues } from './plain-check.js';
import { jsonOf, type SaidSchema, standardOf } from './said-schema.js';
import type { SchemaNode } from './schema-nodes.js';

/** Checks values; at once where the schema does. */
export type ValueCheck = (value: unknown) => SchemaValidation<unknown> | Promise<SchemaValidation<unknown>>;

/**
 * The check by a schema that need not be able to say itself. A plain one is told what JSON makes of the value, such as the text
 * of a date.
 * @throws InvalidArgumentError when it is no schema
 */
export function valueCheckOf(argument: string, schema: unknown): ValueCheck {
  const check = standardOf<unknown>(argument, schema);
  if (check !== undefined) return checkBy((value) => check.validate(value));
  const said = jsonOf(argument, schema);
  return checkBy((value) => plainly(said, JSON.parse(jsonText('the value', value))));
}

/** The check by a schema that was said, of a value that came as JSON. */
export function checkOfSaid({ said, check }: SaidSchema<unknown>): ValueCheck {
  return checkBy((value) => (check === undefined ? plainly(said, value) : check.validate(value)));
}

function checkBy(validate: ValueCheck): ValueCheck {
  return (value) => {
    try {
      const checked = validate(value);
      return isPending(checked)
        ? Promise.resolve(checked).then(understood).catch(unchecked)
        : understood(checked);
    } catch (error) {
      return unchecked(error);
    }
  };
}

function plainly(said: unknown, value: unknown): SchemaValidation<unknown> {
  // It was taken for a schema, which is an object.
  const issues = plainIssues(said as SchemaNode, value);
  return issues.length === 0 ? { value } : { issues };
}

/** What a schema answered: without types nothing keeps it from being anything. @throws InvalidArgumentError */
function understood(checked: SchemaValidation<unknown>): SchemaValidation<unknown> {
  if (typeof checked !== 'object' || checked === null)
    rejectArgument('the answer of the schema', checked, 'a value or issues');
  if (checked.issues === undefined) return checked;
  const issues = [...checked.issues];
  if (issues.length === 0 || !issues.every(isIssue))
    rejectArgument('the issues of the schema', checked.issues, 'one at least, each with a message');
  return { issues };
}

function isIssue(issue: SchemaIssue): boolean {
  const path: unknown = memberOf(issue, 'path');
  const isPath = path === undefined || (Array.isArray(path) && path.every((step) => step !== null));
  return typeof memberOf(issue, 'message') === 'string' && isPath;
}

/** Whether it is still being made: a promise of any kind. */
export function isPending<T>(made: T | Promise<T>): made is Promise<T> {
  return typeof memberOf(made, 'then') === 'function';
}

function unchecked(error: unknown): SchemaValidation<unknown> {
  const why = error instanceof Error ? error.message : String(error);
  return { issues: [{ message: `the schema could not check it: ${why}` }] };
}
