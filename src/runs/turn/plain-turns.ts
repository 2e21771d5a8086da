/**
 * `turn/start` and `turn/steer` as plain requests, with input as a turn run takes it. They own nothing: no queue, no
 * stream, no end.
 */
import type {
  SentUserInput,
  TurnStartParams,
  TurnStartResponse,
  TurnSteerParams,
  TurnSteerResponse,
} from '../../protocol/generated.js';
import type { Peer } from '../../session/peer.js';
import type { RequestOptions } from '../../session/requests/request-options.js';
import { isPlainObject, rejectArgument } from '../../support/argument-checks.js';
import { type TurnInput, userInputOf, type WithTurnInput } from './turn-input.js';

/** Sends `turn/start`; rejects as `request` does. */
export async function turnStart(
  peer: Peer,
  params: WithTurnInput<TurnStartParams>,
  options?: RequestOptions,
): Promise<TurnStartResponse> {
  return peer.call('turn/start', withItems(peer, 'turn/start', params), options);
}

/** Sends `turn/steer`; rejects as `request` does. */
export async function turnSteer(
  peer: Peer,
  params: WithTurnInput<TurnSteerParams>,
  options?: RequestOptions,
): Promise<TurnSteerResponse> {
  return peer.call('turn/steer', withItems(peer, 'turn/steer', params), options);
}

/** The params with items for input. @throws InvalidArgumentError when they cannot be right */
function withItems<P extends { input: TurnInput }>(
  peer: Peer,
  method: string,
  params: P,
): Omit<P, 'input'> & { input: SentUserInput[] } {
  if (!isPlainObject(params)) rejectArgument('params', params, 'an object with threadId and input');
  // First, so that one who wrote `prompt` is told of `input`.
  peer.checkParams(method, params);
  return { ...params, input: itemsOf(params.input) };
}

// Unlike a run these pass an empty input on: `toolOutput` may stand in its place.
function itemsOf(input: TurnInput): SentUserInput[] {
  return Array.isArray(input) && input.length === 0 ? [] : userInputOf('params.input', input);
}
