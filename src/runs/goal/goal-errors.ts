/** How a goal run ends when it does not end with its goal: the errors that are its own. */
import { type CodexClientError, RequestTimeoutError, ServerClosedError } from '../../support/errors.js';
import { ThreadBusyError } from '../../support/thread-errors.js';
import { budgetExceeded } from '../turn/budget.js';
import type { BudgetWatch } from '../turn/budget-watch.js';
import { isFailed, turnFailed } from '../turn/turn-errors.js';
import type { TurnFacts } from '../turn/turn-result.js';

/** The error of a goal that is over, by its last turn and by what it spent; undefined when its end is an answer. */
export function goalFailure(last: TurnFacts | undefined, spending: BudgetWatch): unknown {
  if (last === undefined) return undefined;
  const { budget, isExceeded, meter } = spending;
  if (isExceeded) return budgetExceeded(budget, meter.spentTokens, last);
  return isFailed(last) ? turnFailed(last) : undefined;
}

/** The run took longer than `timeoutMs`. */
export function goalTimeout(timeoutMs: number): RequestTimeoutError {
  const message = `the goal was not over within ${timeoutMs} ms (timeoutMs); it is being paused, and its turn interrupted`;
  return new RequestTimeoutError(message, { method: 'thread/goal/set', timeoutMs });
}

/** The thread has a goal that is active, and that a new one would end. */
export function goalActive(threadId: string): ThreadBusyError {
  const message = `thread ${threadId} has an active goal already, and a thread has one goal at a time; clear or pause that one first, or let it go on with goalRun({ threadId })`;
  return new ThreadBusyError(message, { threadId });
}

/** What was waited for does not come any more. */
export function goalOver(): DOMException {
  return new DOMException('the goal is over, and no further turn of it begins', 'AbortError');
}

/** The client lets running turns end and starts no more, so the goal was paused. */
export function goalDrained(cause: CodexClientError, result: TurnFacts | undefined): CodexClientError {
  if (!(cause instanceof ServerClosedError)) return cause;
  const message =
    'the client is being shut down and lets running turns end (drainMs), so the goal was paused; goalRun({ threadId }) of a new client lets it go on';
  const { exitCode, signal, stderrTail } = cause;
  return new ServerClosedError(message, { exitCode, signal, stderrTail, result }, { cause });
}
