/** Lets the turns that run come to their end before a shutdown. */
import { ServerClosedError } from '../support/errors.js';
import { pause } from '../support/pause.js';
import type { CloseReason } from './close-reason.js';
import type { Flow } from './streams/flow.js';
import { readUntil } from './streams/reading-on.js';
import type { ThreadActivity } from './thread-activity.js';
import type { TurnGate } from './turn-gate.js';

/** The parts of a session that know of turns, and what reads on for them. */
export interface DrainedParts {
  readonly activity: ThreadActivity;
  readonly turnGate: TurnGate;
  readonly flow: Flow;
  readonly closed: Promise<CloseReason>;
}

/**
 * Lets no turn start any more, and settles when no thread has a turn, after `drainMs` milliseconds, or when the session has
 * closed. It is read until then, whoever reads. Never rejects.
 */
export async function drain(
  { activity, turnGate, flow, closed }: DrainedParts,
  { drainMs, stderrTail }: { readonly drainMs: number; readonly stderrTail: string },
): Promise<void> {
  turnGate.close(noMoreTurns(stderrTail));
  const idle = turnGate.untilEmpty().then(() => activity.untilAllIdle());
  const over = pause(drainMs, Promise.race([idle, closed]));
  readUntil(flow, over);
  await over;
}

function noMoreTurns(stderrTail: string): ServerClosedError {
  const message =
    'the client is being shut down, lets running turns end (drainMs) and starts no more, so this turn was not sent; start a new client to go on';
  return new ServerClosedError(message, { exitCode: null, signal: null, stderrTail });
}
