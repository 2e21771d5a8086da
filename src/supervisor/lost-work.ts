/**
 * What went with a server. Owns how it is found out: for a process that is gone, from what its session left behind; for a
 * connection, behind which the server may live on, by asking what is still there.
 */
import { findTurn } from '../runs/turn/turn-finding.js';
import type { Peer } from '../session/peer.js';
import type { RequestId } from '../wire/wire-message.js';
import type { PartialText } from './partial-texts.js';

/** A turn that ran when its server went. */
export interface LostTurn {
  /** The thread on which it ran. */
  readonly threadId: string;
  /** The turn; undefined when the server had not named it. */
  readonly turnId: string | undefined;
}

/** A request that its server does not wait for any more. */
export interface LostRequest {
  /** The name by which views have it; answering it is a `StaleRequestError` from now on. */
  readonly key: string;
  /** The id that the server gave it, which another request of the next server may have. */
  readonly id: RequestId;
  /** What was asked, for example `item/commandExecution/requestApproval`. */
  readonly method: string;
  /** The thread that asked, where the request names one. */
  readonly threadId: string | undefined;
  /** The turn that asked, where the request names one. */
  readonly turnId: string | undefined;
  /** The item, or the tool call, that it was about, where the request names one. */
  readonly itemId: unknown;
}

/** What went with a server; see `Supervisor.restarts`. */
export interface LostWork {
  /** Turns that ran: they are interrupted now, and what the server had kept of them is in their threads. */
  readonly turns: readonly LostTurn[];
  /** What was asked and not answered: nobody asks it again. */
  readonly approvals: readonly LostRequest[];
  /** Threads that were started and had no turn yet, and ephemeral ones: the next server does not know them. */
  readonly threads: readonly string[];
  /** What the agents had said of messages that they had not completed: it is nowhere else. */
  readonly partialText: readonly PartialText[];
}

/**
 * What a server left, less what the one behind the next connection still has.
 * @param next - the next connection, when the server behind it may be the same
 */
export async function lostWith(left: LostWork, next: Peer | undefined): Promise<LostWork> {
  if (next === undefined) return left;
  const loaded = left.threads.length === 0 ? new Set() : await loadedThreads(next);
  const turns = new Set<LostTurn>();
  await Promise.all(
    left.turns.map(async (turn) => {
      if (!(await goesOn(next, turn))) turns.add(turn);
    }),
  );
  const isLost = ({ threadId, turnId }: { threadId: string | undefined; turnId: string | undefined }) =>
    [...turns].some((turn) => turn.threadId === threadId && (turn.turnId ?? turnId) === turnId);
  return {
    turns: left.turns.filter((turn) => turns.has(turn)),
    approvals: left.approvals.filter(isLost),
    threads: left.threads.filter((threadId) => !loaded.has(threadId)),
    partialText: left.partialText.filter(isLost),
  };
}

/** The turn runs on, or came to its end in the meantime. */
async function goesOn(peer: Peer, { threadId, turnId }: LostTurn): Promise<boolean> {
  const finding = await findTurn(peer, threadId, turnId ?? '');
  if (finding.is === 'found') return finding.turn.status !== 'interrupted';
  return finding.is === 'missing' && finding.thread.status?.type === 'active';
}

/** The threads that the server has in its memory; none when it cannot say. */
async function loadedThreads(peer: Peer): Promise<ReadonlySet<string>> {
  try {
    // Without a limit one page has all.
    return new Set((await peer.call('thread/loaded/list')).data);
  } catch {
    // The next connection may have gone, too.
    return new Set();
  }
}
