/**
 * Looks for a turn that goes by a key until it is sure whether the server kept it. Owns how long that takes: a thread that
 * has a turn is waited for, and a server that lived on while the connection was cut may not have the message yet.
 */

import { untilThreadFree } from '../runs/turn/thread-wait.js';
import { isDoubtful } from '../runs/turn/turn-finding.js';
import type { TurnRunOptions } from '../runs/turn/turn-options.js';
import type { Peer } from '../session/peer.js';
import { FIRST_LOOK_PAUSE_MS, LONGEST_LOOK_PAUSE_MS, UNDER_WAY_MS } from '../support/defaults.js';
import { RpcError } from '../support/errors.js';
import { pause } from '../support/pause.js';
import { type Keeping, keptTurn, type SoughtTurn } from './kept-turn.js';
import type { Life } from './life.js';

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
  const { threadId, givenUp, options } = search;
  const { whenBusy = 'wait', idleTimeoutMs } = options;
  const looks = new Looks(search);
  for (;;) {
    const keeping = await keptForSure(peer, search, looks);
    if (keeping.is !== 'nothing' || looks.areGivenUp) return keeping;
    const mustWait = keeping.isBusy && whenBusy === 'wait';
    if (looks.areEnough && !mustWait) return keeping;
    if (mustWait && peer.activity.isBusy(threadId))
      await untilThreadFree(peer, { threadId, idleTimeoutMs, givenUp });
    else await looks.pause();
  }
}

/** A server that lived on may be at that very turn: what it says is then looked at once more. */
async function keptForSure(peer: Peer, search: TurnSearch, looks: Looks): Promise<Keeping> {
  const keeping = await keptTurn(peer, search);
  const mayChange = search.mayBeUnderWay && keeping.is === 'kept' && isDoubtful(keeping);
  if (!mayChange) return keeping;
  await looks.pause();
  return keptTurn(peer, search);
}

/**
 * Settles when the thread can be used. A server that lived on while the connection was cut may refuse to resume a thread whose
 * first turn it has just begun; it is asked again for a while.
 */
export async function untilReady(
  { threads }: Pick<Life, 'threads'>,
  search: Pick<TurnSearch, 'threadId' | 'mayBeUnderWay' | 'givenUp'>,
): Promise<void> {
  const looks = new Looks(search);
  for (;;) {
    try {
      await Promise.race([threads.ready(search.threadId), search.givenUp]);
      return;
    } catch (error) {
      if (!(error instanceof RpcError) || looks.areEnough) throw error;
    }
    await looks.pause();
  }
}

/** How often it is looked, and for how long: the pauses double, and one ends when it has been long enough. */
export class Looks {
  readonly #enoughAtMs: number;
  readonly #gaveUp: Promise<void>;
  #areGivenUp = false;
  #pauseMs = FIRST_LOOK_PAUSE_MS;

  constructor({ mayBeUnderWay, givenUp }: Pick<TurnSearch, 'mayBeUnderWay' | 'givenUp'>) {
    this.#enoughAtMs = performance.now() + (mayBeUnderWay ? UNDER_WAY_MS : 0);
    this.#gaveUp = givenUp.then(() => {
      this.#areGivenUp = true;
    });
  }

  get areGivenUp(): boolean {
    return this.#areGivenUp;
  }

  get areEnough(): boolean {
    return performance.now() >= this.#enoughAtMs;
  }

  async pause(): Promise<void> {
    const leftMs = Math.ceil(this.#enoughAtMs - performance.now());
    const pauseMs = leftMs > 0 ? Math.min(this.#pauseMs, leftMs) : this.#pauseMs;
    this.#pauseMs = Math.min(this.#pauseMs * 2, LONGEST_LOOK_PAUSE_MS);
    await pause(pauseMs, this.#gaveUp);
  }
}
