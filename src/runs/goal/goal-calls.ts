/**
 * What is asked of the server about one thread's goal. Owns the params of each request and its time limit; when which is sent
 * is the lifecycle's business.
 */
import type {
  Thread,
  ThreadGoal,
  ThreadGoalClearResponse,
  ThreadGoalSetParams,
  ThreadGoalSetResponse,
} from '../../protocol/generated.js';
import type { Peer } from '../../session/peer.js';
import type { InternalRequestOptions } from '../../session/requests/internal-request.js';
import { readThread } from '../thread-reading.js';
import type { GoalRunOptions, GoalRunParams } from './goal-options.js';

/** Who hears an answer before any message behind it. None may throw. */
type Hearing<M extends 'thread/goal/set' | 'thread/goal/clear'> = Pick<
  InternalRequestOptions<M>,
  'onResult' | 'onSent'
>;

/** How the requests that begin a goal are sent. */
export type BeginOptions = Pick<GoalRunOptions, 'startTimeoutMs' | 'trace'>;

/** Calls about one goal. Sent also when unread messages leave no room; who waits for them keeps the pipe being read. */
export class GoalCalls {
  readonly #peer: Peer;
  readonly #threadId: string;

  constructor(peer: Peer, threadId: string) {
    this.#peer = peer;
    this.#threadId = threadId;
  }

  /** The goal that the thread has; `null` when it has none. */
  async get(timeoutMs: number | undefined = this.#limitMs): Promise<ThreadGoal | null> {
    const params = { threadId: this.#threadId };
    return (await this.#peer.call('thread/goal/get', params, { timeoutMs }, { isBackground: true })).goal;
  }

  /** Sets a goal, or lets the one that is there go on. */
  begin(
    { threadId, objective, tokenBudget }: GoalRunParams,
    { startTimeoutMs: timeoutMs, trace }: BeginOptions,
    hearing: Hearing<'thread/goal/set'>,
  ): Promise<ThreadGoalSetResponse> {
    const params: ThreadGoalSetParams = { threadId, objective, status: 'active', tokenBudget };
    return this.#peer.call(
      'thread/goal/set',
      params,
      { timeoutMs, trace },
      { ...hearing, isBackground: true },
    );
  }

  /** Pauses the goal, or lets it go on. */
  setStatus(
    status: 'active' | 'paused',
    onResult: (answer: ThreadGoalSetResponse) => void,
  ): Promise<ThreadGoalSetResponse> {
    const params: ThreadGoalSetParams = { threadId: this.#threadId, status };
    const internal = { onResult, isBackground: true };
    return this.#peer.call('thread/goal/set', params, { timeoutMs: this.#limitMs }, internal);
  }

  /** Takes the goal away. */
  clear(
    hearing: Hearing<'thread/goal/clear'> = {},
    timeoutMs = this.#limitMs,
  ): Promise<ThreadGoalClearResponse> {
    const params = { threadId: this.#threadId };
    return this.#peer.call('thread/goal/clear', params, { timeoutMs }, { ...hearing, isBackground: true });
  }

  /** The thread as the server has it. */
  read(): Promise<Thread> {
    const limits = { timeoutMs: this.#limitMs };
    return readThread(this.#peer, { threadId: this.#threadId }, limits, { isBackground: true });
  }

  /** A silent server is to be noticed, also where requests have no time limit. */
  get #limitMs(): number {
    return this.#peer.questionTimeoutMs;
  }
}
