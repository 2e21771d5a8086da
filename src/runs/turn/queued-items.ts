/**
 * What the server has of the turns in a thread's queue: the items that wait, and a turn that began with one. A question that
 * the server does not answer says nothing; who asked looks again.
 */
import type { QueuedSubmission, Thread, Turn } from '../../protocol/generated.js';
import type { Peer } from '../../session/peer.js';
import type { RequestOptions } from '../../session/requests/request-options.js';
import { DEFAULT_REQUEST_TIMEOUT_MS } from '../../support/defaults.js';
import { RpcError } from '../../support/errors.js';
import { paginate } from '../pages.js';

/** What became of an item that waits no more. */
export type QueuedFate =
  /** Its turn, running or over. */
  | { readonly is: 'kept'; readonly turn: Turn; readonly thread: Thread }
  /** No turn began with it. */
  | { readonly is: 'none' }
  /** A turn is about to begin, which may be its. */
  | { readonly is: 'open' };

/**
 * How many items the server lets wait on a thread. All are asked for at once: a page begins where the one before ended by number,
 * so an item would be in neither of two between which the first of the queue began.
 */
const MAX_ITEMS = 100;

/** The items that wait, in order. Rejects as `thread/queue/list` does. */
export async function itemsOf(peer: Peer, threadId: string): Promise<readonly QueuedSubmission[]> {
  const items: QueuedSubmission[] = [];
  const params = { threadId, limit: MAX_ITEMS };
  for await (const item of paginate(peer, 'thread/queue/list', params, limits(peer))) items.push(item);
  return items;
}

/** Takes an item out of the queue; false when it is not there any more. Rejects as `thread/queue/delete` does. */
export async function deleteItem(peer: Peer, threadId: string, itemId: string): Promise<boolean> {
  const params = { threadId, queuedSubmissionId: itemId };
  const answer = peer.call('thread/queue/delete', params, limits(peer), { isBackground: true });
  peer.readUntil(answer);
  return (await answer).deleted === true;
}

/** Takes the item with this key out of the queue; false when none waits there. Rejects as the requests do. */
export async function deleteByKey(peer: Peer, threadId: string, key: string): Promise<boolean> {
  const item = (await itemsOf(peer, threadId)).find((one) => one.clientUserMessageId === key);
  return item !== undefined && deleteItem(peer, threadId, item.id);
}

/** Looks for the turn that began with the item of this key, which is not in the queue. Rejects as `thread/read` does. */
export async function fateOf(
  peer: Peer,
  threadId: string,
  key: string,
  begunTurnId?: string,
): Promise<QueuedFate> {
  const thread = await readThread(peer, threadId);
  const { turns } = thread;
  const turn = turns.find((one) => one.id === begunTurnId || beginsWith(one, key));
  if (turn !== undefined) return { is: 'kept', turn, thread };
  const running = turns.findLast(({ status }) => status === 'inProgress');
  const isOthers = running !== undefined && running.items.length > 0;
  // A turn without its message is one that has just begun: an item leaves the queue some milliseconds before that.
  return thread.status.type === 'active' && !isOthers ? { is: 'open' } : { is: 'none' };
}

/** The turns of a thread that has none yet cannot be read. */
async function readThread(peer: Peer, threadId: string): Promise<Thread> {
  try {
    return (await peer.call('thread/read', { threadId, includeTurns: true }, limits(peer))).thread;
  } catch (error) {
    if (!(error instanceof RpcError)) throw error;
    const { thread } = await peer.call('thread/read', { threadId }, limits(peer));
    return { ...thread, turns: [] };
  }
}

function beginsWith({ items }: Turn, key: string): boolean {
  return items.some((item) => item.type === 'userMessage' && item.clientId === key);
}

/** Also where requests have no time limit a question has one: a silent server is to be noticed. */
function limits({ requestTimeoutMs }: Peer): RequestOptions {
  return { timeoutMs: requestTimeoutMs || DEFAULT_REQUEST_TIMEOUT_MS };
}
