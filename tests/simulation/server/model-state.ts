/** What the model of a server knows: threads, turns, what it asked, and what it was asked. Data alone. */

import type { TurnEndTold, TurnStep } from './turn-script.js';
import type { Params, SentLine } from './wire-book.js';

/** A request of the client, at the server. */
export interface ClientRequest {
  readonly id: number | string;
  readonly method: string;
  readonly params: Params;
  /** How many requests came before it. */
  readonly number: number;
  fate: 'waits' | 'answered' | 'refused' | 'overloaded' | 'dropped';
  /** The line of its answer. */
  answer?: SentLine;
}

/** A request of the server. */
export interface Ask {
  readonly id: number;
  readonly method: string;
  readonly threadId: string | undefined;
  readonly turn: ModelTurn;
  state: 'open' | 'answered' | 'withdrawn';
  /** What the client answered, each time it did. */
  readonly answers: { readonly result?: unknown; readonly error?: unknown }[];
  /** The lines that asked: more than one when it was sent again. */
  readonly lines: SentLine[];
  /** The line that took it back, or the one that ended its turn. */
  withdrawnBy?: SentLine;
}

/** Who a turn is of. */
export type TurnOwner = 'client' | 'other';

/** A turn at the server. */
export interface ModelTurn {
  readonly id: string;
  readonly threadId: string;
  readonly owner: TurnOwner;
  /** The input that started it. */
  readonly label: string;
  readonly script: TurnStep[];
  endTold: TurnEndTold;
  status: 'inProgress' | 'completed' | 'interrupted' | 'failed';
  /** The text of each of its messages. */
  readonly texts: Map<string, string>;
  /** The pieces of its text, in the order of the wire. */
  readonly pieces: string[];
  /** Messages that were completed without a piece say their text then. */
  readonly said: string[];
  ask: Ask | undefined;
  subagentId: string | undefined;
  isInterruptAsked: boolean;
  /** `turn/start` requests that landed in it. */
  joins: number;
  /** The tokens that it was told to have spent. */
  spentTokens: number;
  /** The id of the message that it began with, where it came through the queue. */
  key: string | undefined;
  /** A goal began it. */
  isOfGoal: boolean;
  /** Hears that it reaches its goal, and how it is about to end. */
  told?: (what: 'reached' | 'completed' | 'interrupted' | 'failed') => void;
  /** That message was told. */
  isMessageTold: boolean;
  /** Where its end was told. */
  endLine?: SentLine;
}

/** A turn that waits in a thread's queue. */
export interface QueueItem {
  readonly id: string;
  /** The id that its message is sent with. */
  readonly key: string;
  readonly label: string;
  readonly input: unknown;
}

/** A goal at the server. */
export interface ModelGoal {
  objective: string;
  status: string;
  tokenBudget: number | undefined;
  tokensUsed: number;
  readonly createdAt: number;
}

/** What a request is answered with. */
export type ServedAnswer =
  /** @param after - says what follows the answer */
  { readonly result: Params; readonly after?: () => void } | { readonly refused: string };

/** A thread at the server. */
export interface ModelThread {
  readonly id: string;
  readonly turns: ModelTurn[];
  active: ModelTurn | undefined;
  hasGoal: boolean;
  goal: ModelGoal | undefined;
  /** The next turn of its goal may begin, or the turn of this goal is about to, whatever happens. */
  goalTurn: 'due' | ModelGoal | undefined;
  readonly queue: QueueItem[];
  /** It has left the queue, and its turn is about to begin. */
  pending: QueueItem | undefined;
  /** The queue does not go on by itself. */
  stands: boolean;
  isClosed: boolean;
}

/** It has a turn, or is about to have one. */
export function isTaken({ active, pending, goalTurn }: ModelThread): boolean {
  return active !== undefined || pending !== undefined || typeof goalTurn === 'object';
}

/** A turn as the protocol has it. */
export function turnObject(turn: ModelTurn): Params {
  const error =
    turn.status === 'failed' ? { message: 'failed', codexErrorInfo: null, additionalDetails: null } : null;
  const { id, status } = turn;
  const times = { startedAt: 1, completedAt: null, durationMs: null };
  return { id, rootTurnId: id, items: [], itemsView: 'summary', status, error, ...times };
}

/** A thread as the protocol has it. */
export function threadObject(thread: ModelThread, withTurns: boolean): Params {
  const isActive = isTaken(thread);
  const type = thread.isClosed ? 'notLoaded' : isActive ? 'active' : 'idle';
  return {
    id: thread.id,
    status: isActive ? { type, activeFlags: [] } : { type },
    turns: withTurns ? thread.turns.map(keptTurn) : [],
  };
}

/** The message that a turn of the queue begins with. */
export function messageOf({ id, key }: ModelTurn): Params {
  return { type: 'userMessage', id: `${id}-u`, clientId: key ?? null, content: [] };
}

/** A turn as the thread has it: with what it began with. */
function keptTurn(turn: ModelTurn): Params {
  const isBegun = turn.key === undefined || turn.isMessageTold;
  return { ...turnObject(turn), items: isBegun ? [messageOf(turn)] : [] };
}
