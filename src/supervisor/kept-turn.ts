/**
 * What a server kept of a turn that goes by a key. Owns how it is known again: by the id that its message was sent with; and
 * what the refusals of a thread's turns mean. It only looks where the thread was resumed: before that the server may not tell
 * of a message that it has.
 */
import type { Thread, ThreadReadResponse, Turn } from '../protocol/generated.js';
import { readThread } from '../runs/thread-reading.js';
import type { FoundTurn } from '../runs/turn/reclaimed-turn.js';
import type { Peer } from '../session/peer.js';
import { ProtocolError, RpcError } from '../support/errors.js';

/** The server's words for a thread of which nothing was kept yet; where it keeps pages of turns it has a code for that. */
const NOTHING_KEPT = 'before first user message';
const NO_TURNS_YET_CODE = -32601;
/** The server's words for a thread of which nothing is ever kept. */
const NEVER_KEPT = 'ephemeral threads do not support includeTurns';

/** What is looked for. */
export interface SoughtTurn {
  readonly threadId: string;
  readonly key: string;
  /** The turn whose message had begun when its server went: it is that, also where the message is missing. */
  readonly begunTurnId: string | undefined;
}

/** What the server has of it. */
export type Keeping =
  /** `isOwn`: the turn began with the message, which was not added to another's turn. */
  | ({ readonly is: 'kept'; readonly isOwn: boolean } & FoundTurn)
  /** `isBusy`: the thread has another turn. */
  | { readonly is: 'nothing'; readonly isBusy: boolean }
  /** The thread's turns can never be read. */
  | { readonly is: 'unknowable' };

/** Looks for the turn. Rejects as `thread/read` does, but for refusals that are an answer. */
export async function keptTurn(peer: Peer, sought: SoughtTurn): Promise<Keeping> {
  const thread = await readTurns(peer, sought.threadId);
  if (thread === 'unknowable') return { is: 'unknowable' };
  const turn = thread.turns.find((one) => isSought(one, sought));
  if (turn !== undefined) return { is: 'kept', isOwn: beginsWith(turn, sought), turn, thread };
  return { is: 'nothing', isBusy: isActive(thread) };
}

async function readTurns(peer: Peer, threadId: string): Promise<Thread | 'unknowable'> {
  const limits = { timeoutMs: peer.questionTimeoutMs };
  // Before any message behind the answer is looked at, such as the end of that turn.
  const onResult = ({ thread }: ThreadReadResponse) => noteRunning(peer, thread);
  const read = async (includeTurns: boolean) => {
    const thread = await readThread(peer, { threadId, includeTurns }, limits, { onResult });
    if (Array.isArray(thread?.turns)) return thread;
    throw new ProtocolError('thread/read was answered without the turns of its thread; the client goes on');
  };
  try {
    return await read(true);
  } catch (error) {
    if (!(error instanceof RpcError)) throw error;
    if (error.message.includes(NEVER_KEPT)) return 'unknowable';
    const hasNone = error.rpcCode === NO_TURNS_YET_CODE || error.message.includes(NOTHING_KEPT);
    if (hasNone) return read(false);
    throw error;
  }
}

/** A turn that began before this connection is one that those who start turns wait for. */
function noteRunning({ activity }: Peer, thread: Thread | undefined): void {
  if (thread === undefined || !isActive(thread) || activity.isBusy(thread.id)) return;
  const running = thread.turns?.findLast(({ status }) => status === 'inProgress');
  if (running === undefined) return;
  activity.startSent(thread.id);
  activity.startSettled(thread.id, running.id);
}

function isActive({ status }: Thread): boolean {
  return status?.type === 'active';
}

function isSought(turn: Turn, { key, begunTurnId }: SoughtTurn): boolean {
  return turn.id === begunTurnId || inputIdsOf(turn).includes(key);
}

function beginsWith(turn: Turn, { key, begunTurnId }: SoughtTurn): boolean {
  return turn.id === begunTurnId || inputIdsOf(turn)[0] === key;
}

/** The ids that its input was sent with, in order. */
function inputIdsOf({ items = [] }: Turn): (string | null)[] {
  return items.flatMap((item) => (item.type === 'userMessage' ? [item.clientId] : []));
}
