/** The errors with which a turn run ends. */
import { RequestTimeoutError, TurnFailedError } from '../../support/errors.js';
import type { TurnResult } from './turn-record.js';

/** The server ended the turn with status `failed`. */
export function turnFailed({ turn, items }: TurnResult): TurnFailedError {
  const reason = turn.error?.message ?? 'the server gave no reason';
  return new TurnFailedError(`the turn failed: ${reason}`, { turn, items });
}

/** The turn took longer than `completionTimeoutMs`. */
export function completionTimeout(timeoutMs: number): RequestTimeoutError {
  const message = `the turn was not over within ${timeoutMs} ms (completionTimeoutMs), so it is being interrupted`;
  return new RequestTimeoutError(message, { method: 'turn/start', timeoutMs });
}

/** The run was left or interrupted before its turn was sent. */
export function neverSent(): DOMException {
  const message = 'the run was ended while it waited for an earlier turn of its thread; it was never sent';
  return new DOMException(message, 'AbortError');
}
