/**
 * What went with a server. Owns how it is found out: for a process that is gone, from what its session left behind; for a
 * connection, behind which the server may live on, by asking what is still there.
 */
import { readThread } from '../runs/thread-reading.js';
import { findTurn, type TurnFinding } from '../runs/turn/turn-finding.js';
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

/** What became of what a server left. @internal */
export interface Fate {
  readonly lost: LostWork;
  /** What the server behind the next connection still has under way: it is lost when that goes. */
  readonly goesOn: LostWork;
}

/** Nothing was under way. @internal */
export const NOTHING_LEFT: LostWork = { turns: [], approvals: [], threads: [], partialText: [] };

/** All of it is lost. @internal */
export function allLost(left: LostWork): Fate {
  return { lost: left, goesOn: NOTHING_LEFT };
}

/**
 * What has become of what a server left, as the one behind the next connection says; undefined when that connection went before
 * it was all said. Never rejects.
 * @internal
 */
export async function fateOf(left: LostWork, next: Peer): Promise<Fate | undefined> {
  const [turns, threads] = await Promise.all([turnsThere(next, left), threadsThere(next, left)]);
  if (next.closingError !== undefined) return undefined;
  const lost = turns.filter(({ is }) => is === 'lost');
  const running = turns.filter(({ is }) => is === 'running');
  return {
    lost: {
      ...ofTurns(left, lost),
      threads: left.threads.filter((threadId) => !threads.has(threadId)),
    },
    goesOn: {
      ...ofTurns(left, running),
      threads: left.threads.filter((threadId) => threads.get(threadId) === 'loaded'),
    },
  };
}

/**
 * What one server left, and what those before had left of which it was not known to be lost.
 * @param had - the threads of which the last connection was told: what was asked on them it knows best
 * @internal
 */
export function bothLeft(before: LostWork, left: LostWork, had: ReadonlySet<string>): LostWork {
  const unheard = before.approvals.filter(({ threadId }) => threadId === undefined || !had.has(threadId));
  return {
    turns: namedOnce([...before.turns, ...left.turns]),
    approvals: [...unheard, ...left.approvals],
    threads: [...new Set([...before.threads, ...left.threads])],
    // The connection before has the beginning, the last one what came after a while.
    partialText: oneOfEach([...left.partialText, ...before.partialText], ({ itemId }) => itemId),
  };
}

/** A thread has one turn at a time: one without a name is that which has one. */
function namedOnce(turns: readonly LostTurn[]): LostTurn[] {
  const named = new Set(turns.flatMap(({ threadId, turnId }) => (turnId === undefined ? [] : [threadId])));
  const known = turns.filter(({ threadId, turnId }) => turnId !== undefined || !named.has(threadId));
  return oneOfEach(known, ({ threadId, turnId }) => `${threadId} ${turnId}`);
}

/** The last one of each name. */
function oneOfEach<T>(all: readonly T[], nameOf: (one: T) => string): T[] {
  return [...new Map(all.map((one) => [nameOf(one), one])).values()];
}

/** A turn, as the server behind the next connection has it. */
interface FoundTurn {
  readonly turn: LostTurn;
  readonly is: 'lost' | 'running' | 'over';
  /** The items that the server has kept of it. */
  readonly itemIds: ReadonlySet<string>;
}

/** Some turns, with what they asked and wrote. */
function ofTurns(left: LostWork, turns: readonly FoundTurn[]): Omit<LostWork, 'threads'> {
  const ofOne = ({ threadId, turnId }: { threadId: string | undefined; turnId: string | undefined }) =>
    turns.find(({ turn }) => turn.threadId === threadId && (turn.turnId ?? turnId) === turnId);
  return {
    turns: turns.map(({ turn }) => turn),
    approvals: left.approvals.filter((request) => ofOne(request) !== undefined),
    partialText: left.partialText.filter((text) => {
      const found = ofOne(text);
      return found !== undefined && (found.is === 'running' || !found.itemIds.has(text.itemId));
    }),
  };
}

function turnsThere(peer: Peer, { turns }: LostWork): Promise<FoundTurn[]> {
  return Promise.all(
    turns.map(async (turn) => {
      const finding = await findTurn(peer, turn.threadId, turn.turnId ?? '');
      const items = finding.is === 'found' ? finding.turn.items : [];
      return { turn, is: fateIn(finding), itemIds: new Set(items.map(({ id }) => id)) };
    }),
  );
}

/** Whether the turn runs on, or came to its end in the meantime. */
function fateIn(finding: TurnFinding): FoundTurn['is'] {
  if (finding.is === 'missing') return finding.thread.status?.type === 'active' ? 'running' : 'lost';
  if (finding.is !== 'found' || finding.turn.status === 'interrupted') return 'lost';
  return finding.turn.status === 'inProgress' ? 'running' : 'over';
}

/** Those of the threads that the server has: in its memory alone, as far as is known, or kept since. */
async function threadsThere(
  peer: Peer,
  { threads }: LostWork,
): Promise<ReadonlyMap<string, 'loaded' | 'kept'>> {
  if (threads.length === 0) return new Map();
  const loaded = await loadedThreads(peer);
  const there = await Promise.all(
    threads.map(async (threadId) => {
      if (loaded.has(threadId)) return [[threadId, 'loaded'] as const];
      return (await isKept(peer, threadId)) ? [[threadId, 'kept'] as const] : [];
    }),
  );
  return new Map(there.flat());
}

/** The threads that the server has in its memory; none when it cannot say. */
async function loadedThreads(peer: Peer): Promise<ReadonlySet<string>> {
  try {
    // Without a limit one page has all.
    return new Set((await peer.call('thread/loaded/list', {}, { timeoutMs: peer.questionTimeoutMs })).data);
  } catch {
    return new Set();
  }
}

/** It had a turn since, which nobody here was told. */
async function isKept(peer: Peer, threadId: string): Promise<boolean> {
  try {
    await readThread(peer, { threadId }, { timeoutMs: peer.questionTimeoutMs });
    return true;
  } catch {
    return false;
  }
}
