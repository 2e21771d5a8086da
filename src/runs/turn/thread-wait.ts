/**
 * Waits until a thread has no turn that is not ours: another client's, a goal's, one that was started by hand. It is best
 * effort: what the server has not said yet is not known, and a turn can begin between the look and the start.
 */

import type { Peer } from '../../session/peer.js';
import { DEFAULT_IDLE_TIMEOUT_MS } from '../../support/defaults.js';
import { SilenceWatch } from './silence-watch.js';
import { threadBusy } from './turn-errors.js';
import { hasActiveGoal, TurnQuestions } from './turn-oracle.js';

/** How long to wait for a thread, and what for. */
export interface ThreadWait {
  readonly threadId: string;
  /** Silence after which the server is asked whether the thread is still busy, in milliseconds; `0` never asks. */
  readonly idleTimeoutMs: number | undefined;
  /** Settles when there is nobody to wait for any more. */
  readonly givenUp: Promise<unknown>;
}

/**
 * Settles when the thread is free, or when the wait is given up; keeps the pipe being read until then.
 * @throws ThreadBusyError when the thread has an active goal
 */
export async function untilThreadFree(peer: Peer, wait: ThreadWait): Promise<void> {
  const { threadId, givenUp, idleTimeoutMs = DEFAULT_IDLE_TIMEOUT_MS } = wait;
  let isGivenUp = false;
  const questions = new TurnQuestions();
  const gaveUp = givenUp.then(() => {
    isGivenUp = true;
  });
  // The end of the other turn may never have been told, and a server that says nothing holds up nobody for ever.
  const ask = async () => {
    const ending = await questions.ask(peer, threadId, undefined);
    if (ending !== undefined) peer.activity.ended(threadId, undefined);
  };
  while (peer.activity.isBusy(threadId) && !isGivenUp) {
    const idle = Promise.race([peer.activity.untilIdle(threadId), gaveUp]);
    const silence = idleTimeoutMs > 0 ? new SilenceWatch(idleTimeoutMs, ask) : undefined;
    peer.readUntil(idle);
    try {
      await Promise.race([idle, refuseGoal(peer, threadId, idle)]);
    } finally {
      silence?.stop();
    }
  }
}

/** Rejects when the thread has an active goal; otherwise settles with the wait. */
async function refuseGoal(peer: Peer, threadId: string, idle: Promise<void>): Promise<void> {
  if (await hasActiveGoal(peer, threadId)) throw threadBusy(threadId);
  await idle;
}
