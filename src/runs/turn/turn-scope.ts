/**
 * Which messages belong to a turn: those that name it, those of its thread that name no turn and, when asked for,
 * those of the threads that its sub-agents run on. Learns the turn's id and the sub-agents from the messages.
 */
import type { TurnStartResponse } from '../../protocol/generated.js';
import type { MessageScope, ServerMessage, ServerNotification } from '../../session/server-message.js';

/** Whose a message is. */
export type Belonging = 'turn' | 'subagent' | 'other';

/** Tells a turn's messages from all others. */
export class TurnScope {
  readonly #threadId: string;
  readonly #includeSubagents: boolean;
  readonly #subagents = new Set<string>();
  /** Known once the server named it, in the answer to `turn/start` or in `turn/started`. */
  #turnId: string | undefined;

  constructor(threadId: string, includeSubagents: boolean) {
    this.#threadId = threadId;
    this.#includeSubagents = includeSubagents;
  }

  get turnId(): string | undefined {
    return this.#turnId;
  }

  /** The answer to `turn/start`, which names the turn. Like all here it bears an answer that lacks members. */
  answered(start: TurnStartResponse | null): void {
    this.#turnId = start?.turn?.id ?? this.#turnId;
  }

  /** Notes what a message tells of the turn and its sub-agents; call it before {@link TurnScope.belongingOf}. */
  learn(message: ServerMessage, { threadId, turnId }: MessageScope): void {
    if (message.kind === 'request' || threadId === undefined) return;
    if (message.method === 'turn/started' && threadId === this.#threadId) {
      // It may come before the answer to `turn/start`.
      this.#turnId ??= turnId;
    } else if (this.#includeSubagents) this.#learnSubagents(message);
  }

  /** Whose a message of this scope is. */
  belongingOf(message: ServerMessage, { threadId, turnId }: MessageScope): Belonging {
    if (threadId === this.#threadId) {
      // A turn that is not ours may be the one before, whose last messages are late. `thread/started` is the thread's.
      const isOurs = turnId === undefined ? message.method !== 'thread/started' : turnId === this.#turnId;
      return isOurs ? 'turn' : 'other';
    }
    return threadId !== undefined && this.#subagents.has(threadId) ? 'subagent' : 'other';
  }

  #learnSubagents(message: ServerNotification): void {
    if (message.method === 'turn/started') {
      // A sub-agent's first message may come before the parent's item names its thread; its turn names ours.
      const { threadId, turn } = message.params;
      if (this.#turnId !== undefined && turn?.rootTurnId === this.#turnId) this.#add(threadId);
    } else if (message.method === 'thread/started') {
      const parentThreadId = message.params.thread?.parentThreadId ?? null;
      if (parentThreadId !== null && this.#isOurs(parentThreadId)) this.#add(message.params.thread.id);
    } else if (message.method === 'item/started' || message.method === 'item/completed') {
      const { item } = message.params;
      if (item?.type !== 'collabAgentToolCall' || !this.#isOurs(item.senderThreadId)) return;
      for (const id of item.receiverThreadIds) this.#add(id);
    }
  }

  #add(threadId: string): void {
    if (threadId !== this.#threadId) this.#subagents.add(threadId);
  }

  #isOurs(threadId: string): boolean {
    return threadId === this.#threadId || this.#subagents.has(threadId);
  }
}
