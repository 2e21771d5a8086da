/**
 * Which messages belong to a goal: those of the turns that begin while it is followed, those of its thread that name no turn,
 * and those of the threads that its sub-agents run on. Owns the names of its turns; which of them runs is the lifecycle's.
 */
import type { MessageScope, ServerMessage } from '../../session/messages/server-message.js';
import type { Belonging } from '../turn/turn-scope.js';

/** What tells of a turn first: where turns are not told of as such, the first of its items. */
const BEGINNINGS: ReadonlySet<string> = new Set(['turn/started', 'item/started']);

/** Tells a goal's messages from all others. */
export class GoalScope {
  readonly threadId: string;
  /** The threads of sub-agents, of all turns. */
  readonly subagents = new Set<unknown>();
  readonly #turnIds = new Set<string>();
  #announced: string | undefined;

  constructor(threadId: string) {
    this.threadId = threadId;
  }

  /** A turn of the goal has begun under this name. */
  addTurn(turnId: string): void {
    this.#turnIds.add(turnId);
    if (turnId === this.#announced) this.#announced = undefined;
  }

  /** What the goal used was told with this turn, which can be before the turn is. */
  announce(turnId: string | null): void {
    if (turnId !== null && !this.#turnIds.has(turnId)) this.#announced = turnId;
  }

  /** A turn was named that has not been told of. */
  get isTurnAnnounced(): boolean {
    return this.#announced !== undefined;
  }

  /** The turn that a message begins, unless it is known or none of the thread's. */
  newTurnIn(message: ServerMessage, { threadId, turnId }: MessageScope): string | undefined {
    if (!BEGINNINGS.has(message.method) || threadId !== this.threadId) return undefined;
    return turnId === undefined || this.#turnIds.has(turnId) ? undefined : turnId;
  }

  /** A turn of the goal is the root of another, which is then the goal's work. */
  isRoot(rootTurnId: string | null | undefined): boolean {
    return typeof rootTurnId === 'string' && this.#turnIds.has(rootTurnId);
  }

  /** Whose a message of this scope is. */
  belongingOf(message: ServerMessage, { threadId, turnId }: MessageScope): Belonging {
    if (threadId !== this.threadId) return this.subagents.has(threadId) ? 'subagent' : 'other';
    if (message.method === 'thread/goal/updated') return 'turn';
    const isOurs = turnId === undefined ? message.method !== 'thread/started' : this.#turnIds.has(turnId);
    return isOurs ? 'turn' : 'other';
  }
}
