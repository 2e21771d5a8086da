/**
 * Looks for a turn that may wait in the queue of a server, or may have begun there. Owns that nothing of it is lost meanwhile: a
 * thread that is resumed goes on with its queue by itself, so the turn is expected before that.
 */
import type { TurnStartParams } from '../protocol/generated.js';
import { checkUsageTold } from '../runs/turn/budget.js';
import { deleteByKey, fateOf, itemsOf, type QueuedFate } from '../runs/turn/queued-items.js';
import { checkQueuedRun } from '../runs/turn/queued-params.js';
import { QueuedTurn } from '../runs/turn/queued-turn.js';
import { isDoubtful } from '../runs/turn/turn-finding.js';
import type { TurnRunOptions } from '../runs/turn/turn-options.js';
import type { Peer } from '../session/peer.js';
import type { Life } from './life.js';
import { Looks, type TurnSearch, untilReady } from './turn-search.js';

/** Where a queued turn is. */
export type QueuedFinding =
  /** It waits in the queue, under this id. */
  | { readonly is: 'listed'; readonly itemId: string }
  /** It has begun, or is over, by what the server told meanwhile. */
  | { readonly is: 'begun' }
  /** Its turn, which began before. */
  | Extract<QueuedFate, { is: 'kept' }>
  /** The server has nothing of it. */
  | { readonly is: 'none' };

/** How to look. */
export interface QueuedSearch
  extends Pick<TurnSearch, 'threadId' | 'begunTurnId' | 'mayBeUnderWay' | 'givenUp'> {
  /** What may wait there this run has sent. */
  readonly isOwn: boolean;
}

/** What is asked for: the params have the id of its message. */
export interface AskedItem {
  readonly params: TurnStartParams;
  readonly options: TurnRunOptions;
}

/**
 * Makes the thread ready, and finds the turn there. Whose turn was kept from before goes on as that one, all others as `turn`.
 * Rejects as making the thread ready and the requests do; an item of its own is then taken out, where the server answers: whoever
 * resumes the thread would run it for nobody.
 */
export async function findQueued(
  life: Life,
  asked: AskedItem,
  search: QueuedSearch,
): Promise<{ readonly turn: QueuedTurn; readonly found: QueuedFinding }> {
  const turn = expected(life.peer, asked);
  let found: QueuedFinding | undefined;
  try {
    await untilReady(life, search);
    found = await searchQueued(turn, search);
    return { turn, found };
  } catch (error) {
    if (search.isOwn) await deleteByKey(life.peer, search.threadId, turn.key).catch(() => {});
    throw error;
  } finally {
    if (found === undefined || found.is === 'kept') turn.discard();
  }
}

function expected(peer: Peer, { params, options }: AskedItem): QueuedTurn {
  peer.checkHeldOptions(options);
  checkUsageTold(peer, options.budget);
  checkQueuedRun(peer, params, options);
  const turn = new QueuedTurn(peer, params, options);
  turn.expect();
  turn.noteSent();
  return turn;
}

async function searchQueued(turn: QueuedTurn, search: QueuedSearch): Promise<QueuedFinding> {
  const { peer, threadId, key } = turn;
  const looks = new Looks(search);
  for (let last: QueuedFate | undefined; ; ) {
    const item = (await itemsOf(peer, threadId)).find((one) => one.clientUserMessageId === key);
    if (turn.isNamed) return { is: 'begun' };
    if (item !== undefined) return { is: 'listed', itemId: item.id };
    const fate = await fateOf(peer, threadId, key, search.begunTurnId);
    if (turn.isNamed) return { is: 'begun' };
    const mayChange = search.mayBeUnderWay && fate.is === 'kept' && isDoubtful(fate) && last?.is !== 'kept';
    if (fate.is === 'kept' && !mayChange) return fate;
    if (looks.areGivenUp || (fate.is === 'none' && looks.areEnough)) return { is: 'none' };
    last = fate;
    await looks.pause();
  }
}
