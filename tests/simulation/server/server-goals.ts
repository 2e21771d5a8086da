/**
 * The goals of the server's threads. While one is active its turns begin by themselves, one after the other: some time after it
 * was set, and after each turn that was completed. After one that was interrupted none follows, and the goal stays active.
 */
import type { Random } from '../world/random.js';
import type { Tally } from '../world/tally.js';
import {
  isTaken,
  type ModelGoal,
  type ModelThread,
  type ModelTurn,
  type ServedAnswer,
} from './model-state.js';
import type { Outgoing } from './outgoing.js';
import type { TurnPlayer } from './turn-player.js';
import type { Params } from './wire-book.js';

/** The goals. */
export class ServerGoals {
  readonly #random: Random;
  readonly #out: Outgoing;
  readonly #play: TurnPlayer;
  readonly #tally: Tally;
  #goals = 0;

  constructor(random: Random, out: Outgoing, play: TurnPlayer, tally: Tally) {
    this.#random = random;
    this.#out = out;
    this.#play = play;
    this.#tally = tally;
  }

  /** What a request is answered with; undefined where it is about no goal. */
  answer(method: string, params: Params): ServedAnswer | undefined {
    if (!method.startsWith('thread/goal/')) return undefined;
    const thread = this.#play.thread(String(params['threadId']));
    if (method === 'thread/goal/set') return this.#set(thread, params);
    if (method === 'thread/goal/clear') return this.#clear(thread);
    const { goal, hasGoal } = thread;
    return {
      result: {
        goal: hasGoal ? { status: 'active' } : goal === undefined ? null : goalObject(thread.id, goal),
      },
    };
  }

  /** The next thing that a thread's goal does by itself; false when there is none. */
  goOn(thread: ModelThread): boolean {
    if (typeof thread.goalTurn === 'object') {
      this.#begin(thread, thread.goalTurn);
      return true;
    }
    if (thread.goalTurn !== 'due' || isTaken(thread)) return false;
    // From here on it cannot be stopped any more.
    thread.goalTurn = thread.goal?.status === 'active' ? thread.goal : undefined;
    return true;
  }

  #set(thread: ModelThread, { objective, status, tokenBudget }: Params): ServedAnswer {
    if (typeof objective !== 'string' && thread.goal === undefined) return { refused: 'thread has no goal' };
    const goal = thread.goal ?? this.#anew();
    thread.goal = goal;
    if (typeof objective === 'string') goal.objective = objective;
    if (typeof tokenBudget === 'number') goal.tokenBudget = tokenBudget;
    goal.status = typeof status === 'string' ? status : goal.status;
    this.#tally.count('goal', `set ${goal.status}`);
    if (goal.status === 'active' && thread.goalTurn === undefined) thread.goalTurn = 'due';
    return { result: { goal: goalObject(thread.id, goal) }, after: () => this.#tell(thread, goal, null) };
  }

  #clear(thread: ModelThread): ServedAnswer {
    const cleared = thread.goal !== undefined;
    thread.goal = undefined;
    this.#tally.count('goal', cleared ? 'cleared' : 'cleared when there was none');
    const { id: threadId } = thread;
    const told = () => void this.#out.notify('thread/goal/cleared', { threadId });
    return { result: { cleared }, ...(cleared ? { after: told } : {}) };
  }

  #begin(thread: ModelThread, goal: ModelGoal): void {
    thread.goalTurn = undefined;
    const turn = this.#play.begin(thread, 'client', goal.objective);
    turn.endTold = 'turn/completed';
    turn.isOfGoal = true;
    this.#tally.count('goal', 'turn');
    // The model says that it is done, and its turn goes on to its end.
    if (this.#random.chance(0.35))
      turn.script.splice(this.#random.below(turn.script.length + 1), 0, { do: 'reach the goal' });
    turn.told = (what) => this.#turnTold(thread, turn, goal, what);
    if (thread.goal === goal && this.#random.chance(0.3)) this.#tell(thread, goal, turn.id);
    this.#play.sayStarted(turn);
  }

  /** A turn of a goal reaches it, or is about to say that it is over. */
  #turnTold(thread: ModelThread, turn: ModelTurn, goal: ModelGoal, what: string): void {
    if (thread.goal !== goal) return;
    const isActive = goal.status === 'active';
    if (what !== 'reached') goal.tokensUsed += turn.spentTokens;
    if (what === 'reached') goal.status = 'complete';
    else if (what === 'failed' && isActive) goal.status = 'blocked';
    else if (isActive && goal.tokensUsed >= (goal.tokenBudget ?? Number.POSITIVE_INFINITY))
      goal.status = 'budgetLimited';
    this.#tally.count('goal', `turn ${what}, ${goal.status}`);
    this.#tell(thread, goal, turn.id);
  }

  #anew(): ModelGoal {
    this.#goals += 1;
    const createdAt = this.#goals;
    return { objective: '', status: 'active', tokenBudget: undefined, tokensUsed: 0, createdAt };
  }

  #tell({ id: threadId }: ModelThread, goal: ModelGoal, turnId: string | null): void {
    this.#out.notify('thread/goal/updated', { threadId, turnId, goal: goalObject(threadId, goal) });
  }
}

function goalObject(threadId: string, { tokenBudget, ...goal }: ModelGoal): Params {
  return {
    threadId,
    ...goal,
    tokenBudget: tokenBudget ?? null,
    timeUsedSeconds: 1,
    updatedAt: goal.createdAt,
  };
}
