/**
 * What a goal has come to so far: the goal as the server told it last, its turns, and whether it is over. Owns that the first
 * end is the truth: what is told of the goal afterwards changes its numbers and not how it ended.
 */
import type { ThreadGoal, ThreadGoalStatus } from '../../protocol/generated.js';
import type { ServerMessage } from '../../session/messages/server-message.js';
import type { AgentMessage, TurnFacts } from '../turn/turn-result.js';
import { type GoalOutcome, type GoalResult, goalResult } from './goal-result.js';
import type { GoalTurn } from './goal-turn.js';

/** Collects what a goal comes to. */
export class GoalRecord {
  /** No turn of a goal is another's. */
  readonly joined = false;
  readonly mayBeJoined = false;
  readonly #events: ServerMessage[] | undefined;
  readonly #turns: GoalTurn[] = [];
  #goal: ThreadGoal | undefined;
  #end: GoalOutcome | undefined;
  #isReplaced = false;
  /** The server is going to tell that a goal was cleared that was there before this one. */
  #isClearDue = false;
  /** Nothing that comes is the goal's any more. */
  isOver = false;

  constructor(options: { readonly collectEvents: boolean }) {
    this.#events = options.collectEvents ? [] : undefined;
  }

  /** The goal as it was told last; undefined before it is set. */
  get goal(): ThreadGoal | undefined {
    return this.#goal;
  }

  /** How it ended, as far as turns go that begin: the one that runs may go on. */
  get end(): GoalOutcome | undefined {
    return this.#end;
  }

  /** Turns follow each other. */
  get isActive(): boolean {
    return this.#end === undefined && this.#goal?.status === 'active';
  }

  /** It waits for whoever lets it go on. */
  get isPaused(): boolean {
    return this.#end === undefined && this.#goal?.status === 'paused';
  }

  /** No server said that none of its turns begins any more. */
  get mayGoOn(): boolean {
    return this.#end === undefined || this.#end === 'cleared';
  }

  /** The thread has another goal by now. */
  get isReplaced(): boolean {
    return this.#isReplaced;
  }

  get collectsEvents(): boolean {
    return this.#events !== undefined;
  }

  get lastTurn(): GoalTurn | undefined {
    return this.#turns.at(-1);
  }

  /** What each turn came to so far, in order. */
  get turns(): TurnFacts[] {
    return this.#turns.map(({ facts }) => facts);
  }

  /** What the agent has said so far, turn by turn. */
  get agentMessages(): Iterable<AgentMessage> {
    return this.#turns.flatMap(({ record }) => [...record.agentMessages]);
  }

  /** A turn has begun. */
  begin(turn: GoalTurn): void {
    this.#turns.push(turn);
  }

  /** A message of the goal, its turns or their sub-agents. */
  noteEvent(message: ServerMessage): void {
    this.#events?.push(message);
  }

  /** The server told the goal of the thread. One that was made later is another, which took the place of this one. */
  noteGoal(goal: ThreadGoal): void {
    const { createdAt } = this.#goal ?? goal;
    if (goal.createdAt === createdAt) this.#goal = goal;
    if (goal.createdAt === createdAt) this.#end ??= endOf(goal.status);
    if (goal.createdAt <= createdAt) return;
    this.#isReplaced = true;
    this.#end ??= 'cleared';
  }

  /** The goal that was there before is being cleared, or was not there. */
  expectClear(isDue: boolean): void {
    this.#isClearDue = isDue;
  }

  /** The server told that a goal was cleared. */
  noteCleared(): void {
    if (!this.#isClearDue && this.#goal !== undefined) this.#end ??= 'cleared';
    this.#isClearDue = false;
  }

  /** It ended in another way than by its status. */
  noteEnd(end: 'cleared' | 'interrupted'): void {
    this.#end ??= end;
  }

  /** What the turn that runs, or the last one, came to so far. */
  result(): TurnFacts | undefined {
    return this.lastTurn?.facts;
  }

  /** What the goal came to so far; undefined before it is set. */
  resultAs(status: GoalOutcome, spentTokens: number): GoalResult | undefined {
    const { turns } = this;
    const goal = this.#goal;
    return goal && goalResult(status, { goal, turns, spentTokens, events: this.#events });
  }
}

function endOf(status: ThreadGoalStatus): GoalOutcome | undefined {
  return status === 'active' || status === 'paused' ? undefined : status;
}
