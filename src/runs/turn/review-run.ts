/**
 * A review as a run. Owns what `review/start` takes and what is refused; the turn that it starts is a run's own like any
 * other: it waits for its place, what it asks is refused when nobody answers, and leaving it interrupts it.
 */
import type { ReviewStartParams } from '../../protocol/generated.js';
import type { Peer } from '../../session/peer.js';
import { checkRequiredText, isPlainObject, rejectArgument } from '../../support/argument-checks.js';
import { InvalidArgumentError } from '../../support/errors.js';
import type { TurnRun } from './run.js';
import { TurnLifecycle } from './turn-lifecycle.js';
import { checkTurnRunOptions, type TurnRunOptions } from './turn-options.js';
import { TurnOutput } from './turn-output.js';
import type { TurnQueues } from './turn-queues.js';
import { LiveTurnRun } from './turn-run.js';
import { TurnStart } from './turn-start.js';

/**
 * Options of a review: those of a turn run, but for `whenBusy` and `budget`. A review is added to no turn, it waits for its
 * end, and the server does not tell what it spends.
 */
export type ReviewRunOptions = Omit<TurnRunOptions, keyof typeof SENSELESS>;

/** Options of a turn, and why a review has none. */
const SENSELESS = {
  whenBusy: 'it cannot be added to a turn, and waits for its end',
  budget: 'the server does not tell what it spends',
} as const satisfies Partial<Record<keyof TurnRunOptions, string>>;

/**
 * Starts a review.
 * @throws InvalidArgumentError when params or options are bad; nothing was sent
 * @internal
 */
export function startReviewRun(
  peer: Peer,
  queues: TurnQueues,
  params: ReviewStartParams,
  options: ReviewRunOptions = {},
): TurnRun {
  if (isPlainObject(options)) refuseSenseless(options);
  checkTurnRunOptions(options, peer.serverVersion);
  peer.checkHeldOptions(options);
  checkReview(peer, params);
  const start = new TurnStart(peer, { method: 'review/start', params }, options);
  const turn = new TurnLifecycle(peer, params.threadId, start, options);
  const run = new LiveTurnRun(turn, new TurnOutput(undefined));
  turn.enter(queues);
  return run;
}

function checkReview(peer: Peer, params: ReviewStartParams): void {
  if (!isPlainObject(params)) rejectArgument('params', params, 'an object with threadId and target');
  peer.checkParams('review/start', params);
  const { threadId, target, delivery } = params;
  checkRequiredText('params.threadId', threadId);
  if (!isPlainObject(target) || typeof target['type'] !== 'string')
    rejectArgument('params.target', target, 'what to review, such as { type: "uncommittedChanges" }');
  // Servers of old took "detached", too, whose turn runs on a thread of its own.
  if (delivery !== undefined && delivery !== null && delivery !== 'inline')
    rejectArgument(
      'params.delivery',
      delivery,
      '"inline"; to review on another thread, start one and give its id',
    );
}

function refuseSenseless(options: object): void {
  for (const [name, why] of Object.entries(SENSELESS)) {
    if (!(name in options)) continue;
    const message = `options.${name}: a review takes no such option: ${why}`;
    throw new InvalidArgumentError(`options.${name}`, message);
  }
}
