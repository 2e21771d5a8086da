/**
 * The `thread/start` of one thread run. Owns its limits: who gives the run up waits no longer, yet hears of a thread that
 * the server starts all the same.
 */
import type { ThreadStartParams, ThreadStartResponse } from '../../protocol/generated.js';
import type { Peer } from '../../session/peer.js';
import { ProtocolError, RequestTimeoutError } from '../../support/errors.js';
import { Settlement } from '../../support/settlement.js';

/** How long a thread may take to start. */
export interface ThreadStartLimits {
  /** The run's, in milliseconds; `0` for none. */
  readonly timeoutMs: number;
  /** The request's, in milliseconds; undefined for the client's. */
  readonly startTimeoutMs: number | undefined;
  readonly signal: AbortSignal | undefined;
}

/** Who is told of the thread. None may throw. */
export interface ThreadStartHearer {
  /** The answer has come, perhaps after the run was given up. */
  heard(answer: ThreadStartResponse): void;
  /** The request was handed to the pipe; false when the server turned it away, or it was taken back. */
  sent(isSent: boolean): void;
}

/** Starts a thread; one that is not at the server when it is given up is never started. */
export function startThread(
  peer: Peer,
  params: ThreadStartParams,
  { timeoutMs, startTimeoutMs, signal }: ThreadStartLimits,
  hearer: ThreadStartHearer,
): Promise<ThreadStartResponse> {
  const refusal = peer.turnGate.refusal;
  if (refusal !== undefined) return Promise.reject(refusal);
  const recall = new AbortController();
  const started = new Settlement<ThreadStartResponse>((reason) => recall.abort(reason));
  started.limit({ timeoutMs, signal, timeoutError: notStarted });
  const notSent = () => hearer.sent(false);
  const internal = {
    recall: recall.signal,
    onResult: (answer: ThreadStartResponse | null) => {
      if (isThread(answer)) hearer.heard(answer);
    },
    onSent: () => hearer.sent(true),
    onTurnedAway: notSent,
    onTakenBack: notSent,
  };
  peer.call('thread/start', params, { timeoutMs: startTimeoutMs }, internal).then(
    (answer) => (isThread(answer) ? started.resolve(answer) : started.reject(noThread())),
    (error: unknown) => started.reject(error),
  );
  return started.promise;
}

function isThread(answer: ThreadStartResponse | null): answer is ThreadStartResponse {
  return typeof answer?.thread?.id === 'string';
}

function noThread(): ProtocolError {
  return new ProtocolError('thread/start was answered without a thread; the client goes on');
}

function notStarted(timeoutMs: number): RequestTimeoutError {
  const message = `the run was not over within ${timeoutMs} ms (timeoutMs); its thread was not started by then`;
  return new RequestTimeoutError(message, { method: 'thread/start', timeoutMs });
}
