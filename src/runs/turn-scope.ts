/**
 * Which messages belong to a turn: those of its thread that name no other turn and, when asked for, those of the
 * threads that its sub-agents run on. Learns the sub-agents from the messages themselves.
 */
import type { MessageScope, ServerMessage } from '../session/server-message.js';

/** Whose a message is. */
export type Belonging = 'turn' | 'subagent' | 'other';

/** Tells a turn's messages from all others. */
export class TurnScope {
  readonly #threadId: string;
  readonly #includeSubagents: boolean;
  readonly #subagents = new Set<string>();
  /** Known once the server named it. */
  turnId: string | undefined;

  constructor(threadId: string, includeSubagents: boolean) {
    this.#threadId = threadId;
    this.#includeSubagents = includeSubagents;
  }

  /** Notes what a message tells of sub-agents; call it before {@link TurnScope.belongingOf}. */
  learn(message: ServerMessage): void {
    if (!this.#includeSubagents || message.kind === 'request') return;
    if (message.method === 'turn/started') {
      // A sub-agent's first message may come before the parent's item names its thread; its turn names ours.
      const { threadId, turn } = message.params;
      if (turn.rootTurnId !== null && turn.rootTurnId === this.turnId) this.#add(threadId);
    } else if (message.method === 'thread/started') {
      const { id, parentThreadId } = message.params.thread;
      if (parentThreadId !== null && this.#isOurs(parentThreadId)) this.#add(id);
    } else if (message.method === 'item/started' || message.method === 'item/completed') {
      const { item } = message.params;
      if (item.type !== 'collabAgentToolCall' || !this.#isOurs(item.senderThreadId)) return;
      for (const id of item.receiverThreadIds) this.#add(id);
    }
  }

  /** Whose a message of this scope is. */
  belongingOf({ threadId, turnId }: MessageScope): Belonging {
    if (threadId === this.#threadId) {
      return turnId === undefined || this.turnId === undefined || turnId === this.turnId ? 'turn' : 'other';
    }
    return threadId !== undefined && this.#subagents.has(threadId) ? 'subagent' : 'other';
  }

  #add(threadId: string): void {
    if (threadId !== this.#threadId) this.#subagents.add(threadId);
  }

  #isOurs(threadId: string): boolean {
    return threadId === this.#threadId || this.#subagents.has(threadId);
  }
}
