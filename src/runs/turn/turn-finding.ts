/** Asks the server for one turn that this client did not start: what it has of it, and whether it may still run. */
import type { Thread, Turn } from '../../protocol/generated.js';
import type { Peer } from '../../session/peer.js';
import { FIRST_LOOK_PAUSE_MS } from '../../support/defaults.js';
import { RpcError } from '../../support/errors.js';
import { pause } from '../../support/pause.js';
import { readThread } from '../thread-reading.js';
import { turnIn } from './turns-of-thread.js';

/** What the server has of a turn. */
export type TurnFinding =
  /** It has the turn, running or over. */
  | { readonly is: 'found'; readonly turn: Turn; readonly thread: Thread }
  /** It does not have it, or not yet: the first moments of a turn, and the turns of ephemeral threads, are not kept. */
  | { readonly is: 'missing'; readonly thread: Thread }
  /** It does not let the thread be read. */
  | { readonly is: 'refused'; readonly cause: RpcError }
  /** It did not answer, or not with what it promises, or there was no room to read it. */
  | { readonly is: 'unanswered' };

/** Finds a turn. Never rejects. */
export async function findTurn(peer: Peer, threadId: string, turnId: string): Promise<TurnFinding> {
  const finding = await lookForTurn(peer, threadId, turnId);
  if (finding.is !== 'found' || !isDoubtful(finding)) return finding;
  await pause(FIRST_LOOK_PAUSE_MS);
  return lookForTurn(peer, threadId, turnId);
}

/**
 * What the server says may be about to change: for some milliseconds as a turn begins, and as it ends, a server calls it
 * interrupted on an idle thread. A turn that somebody interrupted has a time at which that was; one that went with its server
 * has none, and is the same when it is looked at again.
 */
export function isDoubtful({ turn, thread }: { readonly turn: Turn; readonly thread: Thread }): boolean {
  return turn.status === 'interrupted' && turn.completedAt === null && thread.status?.type === 'idle';
}

async function lookForTurn(peer: Peer, threadId: string, turnId: string): Promise<TurnFinding> {
  try {
    const thread = await readTurns(peer, threadId);
    const turn = turnIn(thread, turnId);
    return turn === undefined ? { is: 'missing', thread } : { is: 'found', turn, thread };
  } catch (cause) {
    return cause instanceof RpcError ? { is: 'refused', cause } : { is: 'unanswered' };
  }
}

/** Ephemeral threads, and those whose first turn has just begun, have no turns to read. */
async function readTurns(peer: Peer, threadId: string): Promise<Thread> {
  const limits = { timeoutMs: peer.questionTimeoutMs };
  try {
    return await readThread(peer, { threadId, includeTurns: true }, limits);
  } catch (error) {
    if (!(error instanceof RpcError)) throw error;
    return readThread(peer, { threadId }, limits);
  }
}
