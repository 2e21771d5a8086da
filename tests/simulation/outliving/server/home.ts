/**
 * What outlives a process of the small codex: its threads, and the turns that it has kept. A turn is kept once the message of
 * its user was completed; a thread without one is forgotten with the process. Data, and what a process that goes leaves of it.
 */
import type { Random } from '../../world/random.js';

/** An item that was completed. */
export interface KeptItem {
  readonly type: 'userMessage' | 'agentMessage';
  readonly id: string;
  readonly text: string;
  /** The `clientUserMessageId` that it came with. */
  readonly clientId: string | null;
}

/** A turn, running or over. */
export interface HomeTurn {
  readonly id: string;
  readonly threadId: string;
  /** The text of the input that began it. */
  readonly label: string;
  /** Began by itself: of a goal, of the queue, or somebody else's. */
  readonly isForeign: boolean;
  status: 'inProgress' | 'completed' | 'interrupted' | 'failed';
  readonly items: KeptItem[];
  /** It would be there after a crash. */
  isKept: boolean;
  /** What was kept in the last moment is read only after a resume. */
  isRepaired: boolean;
}

/** A thread. */
export interface HomeThread {
  readonly id: string;
  turns: HomeTurn[];
  /** What would start a turn when the thread is resumed. */
  spends: 'goal' | 'queue' | undefined;
  /** How often somebody has agreed to that, and it was not made use of. */
  consents: number;
}

/** The folder that all processes share. */
export class CodexHome {
  readonly threads = new Map<string, HomeThread>();
  #turns = 0;
  #started = 0;

  /** A thread that was there before. */
  add(id: string): HomeThread {
    const thread: HomeThread = { id, turns: [], spends: undefined, consents: 0 };
    this.threads.set(id, thread);
    return thread;
  }

  /** A thread with one turn, which is over. */
  addUsed(id: string): HomeThread {
    const thread = this.add(id);
    const turn = this.begin(thread, 'before', true);
    this.keep(turn, 'before', null);
    turn.status = 'completed';
    return thread;
  }

  start(): HomeThread {
    this.#started += 1;
    return this.add(`started-${this.#started}`);
  }

  begin(thread: HomeThread, label: string, isForeign: boolean): HomeTurn {
    this.#turns += 1;
    const id = `turn-${this.#turns}`;
    const turn: HomeTurn = {
      id,
      threadId: thread.id,
      label,
      isForeign,
      status: 'inProgress',
      items: [],
      isKept: false,
      isRepaired: true,
    };
    thread.turns.push(turn);
    return turn;
  }

  /** The message of the user was completed. */
  keep(turn: HomeTurn, text: string, clientId: string | null): KeptItem {
    const item: KeptItem = { type: 'userMessage', id: `${turn.id}-u${turn.items.length}`, text, clientId };
    turn.items.push(item);
    turn.isKept = true;
    return item;
  }

  /** The process has gone: what it had in hand is interrupted, or was never there. A turn may be kept without its message. */
  processGone(random: Random): void {
    for (const thread of this.threads.values()) {
      thread.turns = thread.turns.filter(
        ({ isKept, status }) => isKept || status !== 'inProgress' || random.chance(0.3),
      );
      for (const turn of thread.turns) {
        if (turn.status !== 'inProgress') continue;
        turn.status = 'interrupted';
        turn.isRepaired = turn.items.length > 1 || random.chance(0.7);
      }
      if (!thread.turns.some(({ isKept }) => isKept)) this.threads.delete(thread.id);
    }
  }
}

/** It can be resumed: a thread is stored with its first turn. */
export function isStored({ turns }: HomeThread): boolean {
  return turns.some(({ isKept }) => isKept);
}

/** A turn as the protocol has it. */
export function turnOf(
  { id, status, items, isRepaired }: HomeTurn,
  withItems: boolean,
): Record<string, unknown> {
  const error =
    status === 'failed' ? { message: 'failed', codexErrorInfo: null, additionalDetails: null } : null;
  return {
    id,
    rootTurnId: id,
    items: withItems && isRepaired ? items.map(itemOf) : [],
    itemsView: withItems ? 'full' : 'summary',
    status,
    error,
    startedAt: 1,
    completedAt: null,
    durationMs: null,
  };
}

/** An item as the protocol has it. */
export function itemOf({ type, id, text, clientId }: KeptItem): Record<string, unknown> {
  return type === 'userMessage'
    ? { type, id, clientId, content: [{ type: 'text', text, text_elements: [] }] }
    : { type, id, text, phase: null, memoryCitation: null };
}
