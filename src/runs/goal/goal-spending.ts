/** What a goal spends: counted over all its turns, also where it has no budget. */
import type { Peer } from '../../session/peer.js';
import { BudgetWatch, type MeteredWork } from '../turn/budget-watch.js';
import { TokenMeter } from '../turn/token-meter.js';
import type { FollowedGoalOptions } from './goal-options.js';

/** What is counted without a limit. */
const UNLIMITED = { totalTokens: Number.POSITIVE_INFINITY };

/** Watches what a goal spends. */
export function goalSpending(
  peer: Peer,
  scope: MeteredWork['scope'],
  { budget = UNLIMITED, meter = new TokenMeter() }: FollowedGoalOptions,
): BudgetWatch {
  return new BudgetWatch(peer, budget, { scope, meter });
}
