/** Asks the server how a thread and its turn stand, when the messages that should have told never came. */
import type { Turn } from '../../protocol/generated.js';
import type { Peer } from '../../session/peer.js';
import { BackpressureError, CodexClientError, ProtocolError, RpcError } from '../../support/errors.js';
import { readThread } from '../thread-reading.js';
import { turnIn } from './turns-of-thread.js';

/** Questions in a row that the server may leave without an answer; then nobody waits for it any more. */
const MAX_UNANSWERED = 2;

/** How a turn stands, as far as the server says. */
export type TurnStanding =
  /** It goes on. */
  | { readonly is: 'running' }
  /** It is over, and this is how it ended. */
  | { readonly is: 'over'; readonly turn: Turn }
  /** It is over, and the server does not know how: `why` in its words. */
  | { readonly is: 'lost'; readonly why: string; readonly cause: unknown }
  /** There was no room to read an answer, so nothing was asked. */
  | { readonly is: 'unasked' }
  /** The server did not answer, or not with what it promises. */
  | { readonly is: 'unanswered'; readonly cause: unknown };

/** Asks how a turn stands. Never rejects: a refusal is an answer, the server no longer has the thread. */
export async function askForTurn(
  peer: Peer,
  threadId: string,
  turn: Turn | undefined,
): Promise<TurnStanding> {
  try {
    const thread = await readThread(peer, { threadId }, { timeoutMs: peer.questionTimeoutMs });
    const status = thread.status.type;
    if (status === 'active' && !isOthers(peer, threadId, turn)) return { is: 'running' };
    const read = turn === undefined ? undefined : await readTurn(peer, threadId, turn.id);
    if (read !== undefined && read.status !== 'inProgress') return { is: 'over', turn: read };
    if (status === 'systemError' && turn !== undefined)
      return { is: 'over', turn: { ...(read ?? turn), status: 'failed' } };
    return { is: 'lost', why: `the thread is ${status}, and does not hold the turn's end`, cause: undefined };
  } catch (cause) {
    if (cause instanceof RpcError) return { is: 'lost', why: cause.message, cause };
    if (cause instanceof BackpressureError) return { is: 'unasked' };
    return { is: 'unanswered', cause: cause instanceof CodexClientError ? cause : unreadable(cause) };
  }
}

/** Asks again and again how one turn stands. */
export class TurnQuestions {
  #unanswered = 0;

  /** The end of the turn as far as the server says; undefined when it goes on, or nothing is known of it yet. */
  async ask(peer: Peer, threadId: string, turn: Turn | undefined): Promise<TurnEnding | undefined> {
    const standing = await askForTurn(peer, threadId, turn);
    if (standing.is === 'unasked') return undefined;
    this.#unanswered = standing.is === 'unanswered' ? this.#unanswered + 1 : 0;
    const mayYetAnswer = standing.is === 'unanswered' && this.#unanswered < MAX_UNANSWERED;
    return standing.is === 'running' || mayYetAnswer ? undefined : standing;
  }
}

/** Whether the thread has an active goal, which starts turns by itself. A server that does not know of goals has none. */
export async function hasActiveGoal(peer: Peer, threadId: string): Promise<boolean> {
  try {
    const { goal } = await peer.call('thread/goal/get', { threadId }, { timeoutMs: peer.questionTimeoutMs });
    return goal?.status === 'active';
  } catch {
    return false;
  }
}

/** The thread is known to be busy with another turn, so ours is over. */
function isOthers(peer: Peer, threadId: string, turn: Turn | undefined): boolean {
  return turn !== undefined && peer.activity.isOthers(threadId, turn.id);
}

/** Ephemeral threads have no turns to read. */
async function readTurn(peer: Peer, threadId: string, turnId: string): Promise<Turn | undefined> {
  try {
    const limits = { timeoutMs: peer.questionTimeoutMs };
    return turnIn(await readThread(peer, { threadId, includeTurns: true }, limits), turnId);
  } catch (error) {
    if (error instanceof RpcError) return undefined;
    throw error;
  }
}

function unreadable(cause: unknown): ProtocolError {
  const message = 'thread/read was answered without what it promises; the client goes on';
  return new ProtocolError(message, { cause });
}

/** What ends a run when the server was asked: every answer but those after which it goes on. */
export type TurnEnding = Exclude<TurnStanding, { is: 'running' | 'unasked' }>;
