/** What a schema found wrong, in words. */
import type { SchemaIssue } from './output-schema.js';

/** Where it is, and what: `tags.0: expected a string`. */
export function issueText({ message, path = [] }: SchemaIssue): string {
  // Libraries have paths of their own classes.
  const keys = Array.from(path, (step) => String(typeof step === 'object' ? step.key : step));
  return keys.length === 0 ? message : `${keys.join('.')}: ${message}`;
}
