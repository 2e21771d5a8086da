/** What a run may spend: the option, its checks, and the error of a run that spent more. */

import type { Turn } from '../../protocol/generated.js';
import type { Peer } from '../../session/peer.js';
import { checkKnownKeys, checkWholeNumber, rejectArgument } from '../../support/argument-checks.js';
import { InvalidArgumentError } from '../../support/errors.js';
import { BudgetExceededError } from './result-errors.js';
import type { TurnFacts } from './turn-result.js';

/** How much a run may spend. */
export interface Budget {
  /**
   * The tokens of all model calls since the run began, those of its sub-agents included: input, cached or not, and output, as
   * the server counts them. A whole number, 1 or more.
   */
  readonly totalTokens: number;
}

/** @throws InvalidArgumentError when it is neither undefined nor a budget */
export function checkBudget(argument: string, budget: Budget | undefined): void {
  if (budget === undefined) return;
  checkKnownKeys(argument, budget, ['totalTokens']);
  const name = `${argument}.totalTokens`;
  const range = { min: 1, unit: 'tokens' };
  if (budget.totalTokens === undefined)
    rejectArgument(name, undefined, 'a whole number of tokens, 1 or more');
  checkWholeNumber(name, budget.totalTokens, range);
}

/** @throws InvalidArgumentError when there is a budget, and the server was asked not to tell what is spent @internal */
export function checkUsageTold(peer: Peer, budget: Budget | undefined, argument = 'options.budget'): void {
  const { untold } = peer.usage;
  if (budget === undefined || untold === undefined) return;
  const message = `${argument}: a budget needs to be told what is spent, and by which sub-agents, and this client opted out of ${untold}; leave that out of optOutNotificationMethods`;
  throw new InvalidArgumentError(argument, message);
}

const ENDS: Readonly<Record<Turn['status'], string>> = {
  interrupted: 'its turn was interrupted',
  completed: 'its turn was over with that',
  failed: 'its turn failed',
  inProgress: 'its turn is not its own, and goes on',
};

/** The run spent more than it may. */
export function budgetExceeded(
  { totalTokens }: Budget,
  spentTokens: number,
  result: TurnFacts,
): BudgetExceededError {
  const message = `the run spent ${spentTokens} tokens, more than its budget of ${totalTokens} (budget.totalTokens); ${ENDS[result.status]}`;
  return new BudgetExceededError(message, { totalTokens, spentTokens, result });
}
