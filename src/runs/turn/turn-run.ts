/**
 * A turn in the user's hands. Owns what its result is; who reads it is the live run's business, and when the turn starts and
 * how it ends is the lifecycle's.
 */
import type { Peer } from '../../session/peer.js';
import { pointToResult } from '../result-hints.js';
import { checkUsageTold } from './budget.js';
import type { FollowedTurn } from './followed-turn.js';
import { LiveRun } from './live-run.js';
import { checkQueuedRun } from './queued-params.js';
import { QueuedTurn } from './queued-turn.js';
import type { TurnRun } from './run.js';
import { TurnLifecycle } from './turn-lifecycle.js';
import {
  checkTurnRunOptions,
  type PreparedTurn,
  preparedTurn,
  type TurnRunOptions,
  type TurnRunParams,
} from './turn-options.js';
import { TurnOutput } from './turn-output.js';
import type { TurnQueues } from './turn-queues.js';
import { type EndedTurn, RESULT_ONLY, type TurnResult } from './turn-result.js';
import { TurnStart } from './turn-start.js';

/** A turn at a server. */
export class LiveTurnRun<Output = unknown> extends LiveRun<EndedTurn> implements TurnRun<Output> {
  readonly #turn: FollowedTurn;
  readonly #output: TurnOutput<Output>;

  static {
    pointToResult(LiveTurnRun.prototype, RESULT_ONLY);
  }

  /** @internal */
  constructor(turn: FollowedTurn, output: TurnOutput<Output>) {
    super(turn);
    this.#turn = turn;
    this.#output = output;
  }

  /** The turn as it is followed, whoever reads. @internal */
  get turn(): FollowedTurn {
    return this.#turn;
  }

  async result(): Promise<TurnResult<Output>> {
    return this.#output.resultOf(await this.outcome());
  }
}

/**
 * Starts a turn run.
 * @param argument - what the params are called where the caller wrote them
 * @throws InvalidArgumentError when params or options are bad; nothing was sent
 * @internal
 */
export function startTurnRun<Output>(
  peer: Peer,
  queues: TurnQueues,
  params: TurnRunParams,
  options: TurnRunOptions = {},
  argument?: string,
): TurnRun<Output> {
  checkTurnRunOptions(options, peer.serverVersion);
  peer.checkHeldOptions(options);
  checkUsageTold(peer, options.budget);
  const prepared = preparedTurn<Output>(params, peer.serverVersion, argument);
  checkQueuedRun(peer, prepared.params, options, argument);
  return runPrepared(peer, queues, prepared, options);
}

/** Runs a turn whose params and options were checked. @internal */
export function runPrepared<Output>(
  peer: Peer,
  queues: TurnQueues,
  { params, form }: PreparedTurn<Output>,
  options: TurnRunOptions,
): LiveTurnRun<Output> {
  if (options.whenBusy === 'queue') {
    const turn = new QueuedTurn(peer, params, options);
    turn.enter(queues);
    return new LiveTurnRun(turn, new TurnOutput(form));
  }
  const start = new TurnStart(peer, { method: 'turn/start', params }, options);
  const turn = new TurnLifecycle(peer, params.threadId, start, options);
  const run = new LiveTurnRun(turn, new TurnOutput(form));
  turn.enter(queues);
  return run;
}
