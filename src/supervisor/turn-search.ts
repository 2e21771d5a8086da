/**
 * Looks for a turn that goes by a key until it is sure whether the server kept it. Owns how long that takes: a thread that
 * has a turn is waited for, and a server that lived on while the connection was cut may not have the message yet.
 */
import { untilThreadFree } from '../runs/turn/thread-wait.js';
import type { TurnRunOptions } from '../runs/turn/turn-options.js';
import type { Peer } from '../session/peer.js';
import { FIRST_LOOK_PAUSE_MS, LONGEST_LOOK_PAUSE_MS, UNDER_WAY_MS } from '../support/defaults.js';
import { type Keeping, keptTurn, type SoughtTurn } from './kept-turn.js';

/** How to look. */
export interface TurnSearch extends SoughtTurn {
  /** The turn may be under way at this very server: once is not enough. */
  readonly mayBeUnderWay: boolean;
  readonly options: Pick<TurnRunOptions, 'whenBusy' | 'idleTimeoutMs'>;
  /** Settles when nobody wants to know any more. */
  readonly givenUp: Promise<unknown>;
}

/**
 * Settles with what the server kept, or when the search is given up.
 * @throws ThreadBusyError when the thread has another turn, and an active goal
 */
export async function searchTurn(peer: Peer, search: TurnSearch): Promise<Keeping> {
  const { threadId, givenUp, options, mayBeUnderWay } = search;
  const { whenBusy = 'wait', idleTimeoutMs } = options;
  const surely = performance.now() + (mayBeUnderWay ? UNDER_WAY_MS : 0);
  let isGivenUp = false;
  const gaveUp = givenUp.then(() => {
    isGivenUp = true;
  });
  for (let pauseMs = FIRST_LOOK_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_LOOK_PAUSE_MS)) {
    const keeping = await keptTurn(peer, search);
    if (keeping.is !== 'nothing' || isGivenUp) return keeping;
    const mustWait = keeping.isBusy && whenBusy === 'wait';
    if (performance.now() >= surely && !mustWait) return keeping;
    if (mustWait && peer.activity.isBusy(threadId))
      await untilThreadFree(peer, { threadId, idleTimeoutMs, givenUp });
    else await pause(pauseMs, gaveUp);
  }
}

/** Settles after the time, or with the promise. */
async function pause(ms: number, sooner: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([over, sooner]);
  clearTimeout(timer);
}
