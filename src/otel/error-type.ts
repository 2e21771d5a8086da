/** What went wrong, in a word of few values, as `error.type` has it. The message of an error may quote a prompt, so it is not here. */
import type { TurnError } from '../protocol/generated.js';
import { CodexClientError } from '../support/errors.js';

/** The word of the conventions for all that has none. */
const OTHER = '_OTHER';

/** The kind of error that the server tells of, such as `rateLimitExceeded`. */
export function errorTypeOf(error: TurnError | null | undefined): string {
  const info: unknown = error?.codexErrorInfo;
  if (typeof info === 'string') return info === 'other' ? OTHER : info;
  if (typeof info !== 'object' || info === null) return OTHER;
  return Object.keys(info)[0] ?? OTHER;
}

/** The kind of error that a stream ended with: the `code` of an error of this package, or the name of another. */
export function failureType(failure: unknown): string {
  if (failure instanceof CodexClientError) return failure.code;
  return failure instanceof Error ? failure.name : OTHER;
}

/** The text of an error. */
export function failureMessage(failure: unknown): string {
  return failure instanceof Error ? failure.message : String(failure);
}
