/** The errors with which a turn run ends. */
import { RequestTimeoutError, ThreadBusyError, TurnFailedError } from '../../support/errors.js';
import { isLoginRefused } from './login-state.js';
import type { TurnEnding } from './turn-oracle.js';
import { TurnOutcomeUnknownError } from './turn-outcome-unknown.js';
import type { TurnResult } from './turn-record.js';

/** What to do when the model's provider does not take the login. */
const LOG_IN = 'run `codex login`, or log in with client.login(); a provider of your own needs its key';

/** The server ended the turn with status `failed`. */
export function turnFailed({ turn, items }: TurnResult): TurnFailedError {
  const reason = turn.error?.message ?? 'the server gave no reason';
  const hint = isLoginRefused(turn.error) ? `; ${LOG_IN}` : '';
  return new TurnFailedError(`the turn failed: ${reason}${hint}`, { turn, items });
}

/** The turn cannot succeed, so its end is not waited for. */
export function loggedOut({ turn, items }: TurnResult): TurnFailedError {
  const message = `the turn failed: nobody is logged in, and the model's provider answered 401; ${LOG_IN}`;
  return new TurnFailedError(message, { turn, items });
}

/** The run took longer than `timeoutMs`. */
export function runTimeout(timeoutMs: number): RequestTimeoutError {
  const message = `the run was not over within ${timeoutMs} ms (timeoutMs); a turn that it started is being interrupted`;
  return new RequestTimeoutError(message, { method: 'turn/start', timeoutMs });
}

/** The run was left or interrupted before its turn was sent. */
export function neverSent(): DOMException {
  const message = 'the run was ended while it waited for an earlier turn of its thread; it was never sent';
  return new DOMException(message, 'AbortError');
}

/** Why a run ends of whose turn the server cannot say how it ended, or says nothing. */
export function unexplainedEnd(
  standing: Exclude<TurnEnding, { is: 'over' }>,
  result: TurnResult | undefined,
): unknown {
  if (standing.is === 'unanswered') return standing.cause;
  if (result === undefined)
    return new DOMException('turn/start was not answered in time, and the turn never began', 'AbortError');
  const { why, cause } = standing;
  const message = `turn ${result.turn.id} is over, and the server cannot say how it ended: ${why}; read the thread, or look at what the error's result holds`;
  return new TurnOutcomeUnknownError(message, { result }, cause === undefined ? undefined : { cause });
}

/** The thread has an active goal, which starts one turn after another. */
export function threadBusy(threadId: string): ThreadBusyError {
  const message = `thread ${threadId} is busy with an active goal, which starts turns by itself; pause or clear the goal first, or add to its turn with whenBusy: 'steer'`;
  return new ThreadBusyError(message, { threadId });
}
