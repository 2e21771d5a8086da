/** Asks the server how a turn stands whose end never came: `thread/read` tells the truth then. */
import type { ThreadStatus, Turn } from '../../protocol/generated.js';
import type { Peer } from '../../session/peer.js';
import type { TurnRecord } from './turn-record.js';

/** The turn, when the server calls it over; undefined while it goes on, or when the server does not say. */
export async function readTurnState(
  peer: Peer,
  threadId: string,
  record: TurnRecord,
): Promise<Turn | undefined> {
  const start = record.start;
  if (start === undefined) return undefined;
  try {
    const { thread } = await peer.request('thread/read', { threadId });
    if (thread.status.type === 'active') return undefined;
    const turn = await readTurn(peer, threadId, start.turn.id);
    if (turn !== undefined && turn.status !== 'inProgress') return turn;
    return { ...(turn ?? start.turn), items: [...record.items], status: statusOf(thread.status, record) };
  } catch {
    // No answer, or one without what it promises: the server does not say.
    return undefined;
  }
}

/** Ephemeral threads have no turns to read. */
async function readTurn(peer: Peer, threadId: string, turnId: string): Promise<Turn | undefined> {
  try {
    const { thread } = await peer.request('thread/read', { threadId, includeTurns: true });
    return thread.turns.find((turn) => turn.id === turnId);
  } catch {
    return undefined;
  }
}

/** The thread is at rest and the turn itself cannot be read: what it said last decides. */
function statusOf(status: ThreadStatus, record: TurnRecord): Turn['status'] {
  if (status.type === 'systemError') return 'failed';
  return record.items.at(-1)?.type === 'agentMessage' ? 'completed' : 'interrupted';
}
