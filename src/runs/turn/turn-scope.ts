/**
 * Which messages belong to a turn: those that name it, those of its thread that name no turn and, when asked for,
 * those of the threads that its sub-agents run on. Learns the turn's id and the sub-agents from the messages.
 */
import type {
  MessageScope,
  ServerMessage,
  ServerNotification,
} from '../../session/messages/server-message.js';

/** Whose a message is. */
export type Belonging = 'turn' | 'subagent' | 'other';

/** Tells a turn's messages from all others. */
export class TurnScope {
  readonly #threadId: string;
  readonly #subagents: Set<unknown>;
  /** Known once the server named it, in the answer to `turn/start` or in `turn/started`. */
  #turnId: string | undefined;
  /** The turn of the thread that began last, and the turn whose work it is. */
  #begun: { readonly turnId: string | undefined; readonly rootTurnId: unknown } | undefined;

  /** @param subagents - the threads of sub-agents that are known already, which grow with what is learned */
  constructor(threadId: string, subagents = new Set<unknown>()) {
    this.#threadId = threadId;
    this.#subagents = subagents;
  }

  get turnId(): string | undefined {
    return this.#turnId;
  }

  /**
   * The turn by the name that the server takes for it while it runs: a review runs as a turn of its own within the turn that
   * its items name, and only that one can be interrupted.
   */
  get activeTurnId(): string | undefined {
    const { turnId, rootTurnId } = this.#begun ?? {};
    return turnId !== undefined && rootTurnId === this.#turnId ? turnId : this.#turnId;
  }

  /** The turn is the root of another, which is then its work, when that names it so. */
  isRoot(rootTurnId: string | null | undefined): boolean {
    return rootTurnId === this.#turnId;
  }

  /** The answer to `turn/start` has named the turn. */
  named(turnId: string): void {
    this.#turnId = turnId;
  }

  /** What was taken for the turn is another: the next one that begins may be it. */
  unnamed(): void {
    this.#turnId = undefined;
    this.#begun = undefined;
  }

  /** The turn, which was named, runs under this name. */
  runsAs(activeTurnId: string): void {
    this.#begun = { turnId: activeTurnId, rootTurnId: this.#turnId };
  }

  /**
   * Notes what a message tells of the turn and its sub-agents; call it before {@link TurnScope.belongingOf}. Gives back
   * the threads of sub-agents that became known by it.
   */
  learn(message: ServerMessage, { threadId, turnId }: MessageScope): readonly string[] {
    if (message.kind === 'request' || threadId === undefined) return NONE;
    if (message.method === 'turn/started' && threadId === this.#threadId) {
      // It may come before the answer to `turn/start`, which has the last word.
      this.#turnId ??= turnId;
      this.#begun = { turnId, rootTurnId: message.params.turn?.rootTurnId };
      return NONE;
    }
    return this.#subagentsIn(message).filter((id) => this.#add(id));
  }

  /** Whose a message of this scope is. */
  belongingOf(message: ServerMessage, { threadId, turnId }: MessageScope): Belonging {
    if (threadId === this.#threadId) {
      // A turn that is not ours may be the one before, whose last messages are late. `thread/started` is the thread's.
      return this.#isOfTurn(message, turnId) ? 'turn' : 'other';
    }
    return this.#subagents.has(threadId) ? 'subagent' : 'other';
  }

  #isOfTurn({ method }: ServerMessage, turnId: string | undefined): boolean {
    if (turnId === undefined) return method !== 'thread/started';
    return turnId === this.#turnId || (method === 'turn/started' && turnId === this.activeTurnId);
  }

  #subagentsIn(message: ServerNotification): readonly string[] {
    switch (message.method) {
      case 'turn/started': {
        // A sub-agent's first message may come before the parent's item names its thread; its turn names ours.
        const { threadId, turn } = message.params;
        return this.#turnId !== undefined && turn?.rootTurnId === this.#turnId ? [threadId] : NONE;
      }
      case 'thread/started': {
        const { thread } = message.params;
        return this.#isOurs(thread?.parentThreadId) ? [thread.id] : NONE;
      }
      case 'item/started':
      case 'item/completed': {
        const { item } = message.params;
        const isSpawn = item?.type === 'collabAgentToolCall' && this.#isOurs(item.senderThreadId);
        return isSpawn ? item.receiverThreadIds : NONE;
      }
      default:
        return NONE;
    }
  }

  #add(threadId: string): boolean {
    if (threadId === this.#threadId || this.#subagents.has(threadId)) return false;
    this.#subagents.add(threadId);
    return true;
  }

  #isOurs(threadId: string | null | undefined): boolean {
    return threadId === this.#threadId || this.#subagents.has(threadId);
  }
}

const NONE: readonly string[] = [];
