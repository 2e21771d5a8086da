/** How a turn run ends: its outcome, and the errors that it may be. */
import {
  AlreadyReadError,
  type CodexClientError,
  ProtocolError,
  RequestTimeoutError,
  ServerClosedError,
} from '../../support/errors.js';
import type { Settlement } from '../../support/settlement.js';
import { ThreadBusyError, TurnNotFoundError, TurnRemovedError } from '../../support/thread-errors.js';
import { isLoginRefused } from './login-state.js';
import { TurnFailedError, TurnOutcomeUnknownError } from './result-errors.js';
import type { TurnEnding } from './turn-oracle.js';
import type { EndedTurn, TurnFacts, TurnOutcome } from './turn-result.js';

/** Settles a run with what its turn came to: a turn that failed rejects. */
export function settleTurn(outcome: Settlement<EndedTurn>, result: TurnFacts): void {
  if (isFailed(result)) outcome.reject(turnFailed(result));
  // The protocol has no other ends.
  else outcome.resolve(result as EndedTurn);
}

/** The server ended the turn with status `failed`. */
export function isFailed(result: TurnFacts): result is FailedTurn {
  return result.status === 'failed';
}

type FailedTurn = TurnOutcome<undefined, 'failed'>;

/** What to do when the model's provider does not take the login. */
const LOG_IN = 'run `codex login`, or log in with client.login(); a provider of your own needs its key';

/** The server ended the turn with status `failed`. */
export function turnFailed(result: FailedTurn): TurnFailedError {
  const { error } = result.raw.turn;
  const reason = error?.message ?? 'the server gave no reason';
  const hint = isLoginRefused(error) ? `; ${LOG_IN}` : '';
  return new TurnFailedError(`the turn failed: ${reason}${hint}`, { result });
}

/** The turn cannot succeed, so its end is not waited for. */
export function loggedOut(result: TurnFacts): TurnFailedError {
  const message = `the turn failed: nobody is logged in, and the model's provider answered 401; ${LOG_IN}`;
  return new TurnFailedError(message, { result: { ...result, status: 'failed' } });
}

/** The run took longer than `timeoutMs`. */
export function runTimeout(timeoutMs: number): RequestTimeoutError {
  const message = `the run was not over within ${timeoutMs} ms (timeoutMs); a turn that it started is being interrupted`;
  return new RequestTimeoutError(message, { method: 'turn/start', timeoutMs });
}

/** The turn took longer than `timeoutMs` of the run that adopted it. */
export function adoptTimeout(timeoutMs: number): RequestTimeoutError {
  const message = `the turn that was adopted was not over within ${timeoutMs} ms (timeoutMs); it goes on`;
  return new RequestTimeoutError(message, { method: 'thread/read', timeoutMs });
}

/** The server was asked twice for a turn that was adopted, and no message of it has come. */
export function noSuchTurn(
  { threadId, turnId }: { readonly threadId: string; readonly turnId: string },
  { cause }: { readonly cause: unknown },
): TurnNotFoundError {
  const message = `thread ${threadId} has no turn ${turnId} that the server knows of: it does not run, and is not among the turns that are kept; look at threadRead({ threadId, includeTurns: true })`;
  return new TurnNotFoundError(message, { threadId, turnId }, cause === undefined ? undefined : { cause });
}

/** The messages that a loop asks for were read by another. */
export function alreadyRead(reader: string, collectsEvents: boolean): AlreadyReadError {
  const wayOut = collectsEvents
    ? 'they are in the events of the result'
    : 'iterate the run before or beside result(), or set collectEvents and read the events of the result';
  return new AlreadyReadError(
    `${reader} has read the messages of this run, each is handed out once; ${wayOut}`,
  );
}

/** The run was left or interrupted before its turn was sent. */
export function neverSent(): DOMException {
  const message = 'the run was ended while it waited for an earlier turn of its thread; it was never sent';
  return new DOMException(message, 'AbortError');
}

/** The run was left or interrupted while its turn waited in the server's queue. */
export function takenOut(): DOMException {
  const message =
    "the run was ended while its turn waited in the server's queue; it was taken out of the queue, and no model has seen it";
  return new DOMException(message, 'AbortError');
}

/** The turn is not in the server's queue any more, and the thread has none that began with it. */
export function turnRemoved(threadId: string, clientUserMessageId: string): TurnRemovedError {
  const message = `the turn is not in the queue of thread ${threadId} any more, and none began with its message: somebody else took it out, or it was ended before its message was kept; run it again if it is still wanted`;
  return new TurnRemovedError(message, { threadId, clientUserMessageId });
}

/** What `thread/queue/add` was answered with names no item. */
export function notAnItem(): ProtocolError {
  return new ProtocolError('thread/queue/add was answered without an item; the client goes on');
}

/** The run was left or interrupted, and its server went before it kept the turn. */
export function neverKept(): DOMException {
  const message =
    'the run was ended, and its server went before it kept anything of the turn; it is not sent again';
  return new DOMException(message, 'AbortError');
}

/** Why a run ends of whose turn the server cannot say how it ended, or says nothing. */
export function unexplainedEnd(
  standing: Exclude<TurnEnding, { is: 'over' }>,
  result: TurnFacts | undefined,
): unknown {
  if (standing.is === 'unanswered') return standing.cause;
  if (result === undefined)
    return new DOMException('turn/start was not answered in time, and the turn never began', 'AbortError');
  const { why, cause } = standing;
  const message = `turn ${result.raw.turn.id} is over, and the server cannot say how it ended: ${why}; read the thread, or look at what the error's result holds`;
  return new TurnOutcomeUnknownError(message, { result }, cause === undefined ? undefined : { cause });
}

/** The session ended in the middle of the turn: why it did, with what the turn had come to where the server had named it. */
export function cutShort(
  error: CodexClientError | undefined,
  result: ServerClosedError['result'],
): CodexClientError | undefined {
  if (!(error instanceof ServerClosedError) || result === undefined) return error;
  const { message, exitCode, signal, stderrTail } = error;
  return new ServerClosedError(message, { exitCode, signal, stderrTail, result }, { cause: error });
}

/** The thread has an active goal, which starts one turn after another. */
export function threadBusy(threadId: string): ThreadBusyError {
  const message = `thread ${threadId} is busy with an active goal, which starts turns by itself; pause or clear the goal first, or add to its turn with whenBusy: 'steer'`;
  return new ThreadBusyError(message, { threadId });
}
