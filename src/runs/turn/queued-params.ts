/** What a turn takes that goes through the server's own queue: the params that `thread/queue/add` can carry, and no other. */
import { randomUUID } from 'node:crypto';
import type { ThreadQueueAddParams, TurnStartParams } from '../../protocol/generated.js';
import type { Peer } from '../../session/peer.js';
import { checkRequiredText } from '../../support/argument-checks.js';
import { InvalidArgumentError } from '../../support/errors.js';
import type { TurnRunOptions } from './turn-options.js';

/** The params of `turn/start` that a queued turn can have. */
const QUEUED_PARAMS: ReadonlySet<string> = new Set([
  'threadId',
  'input',
  'clientUserMessageId',
  'responsesapiClientMetadata',
] satisfies readonly (keyof TurnStartParams)[]);

/**
 * Checks a run that is to go through the server's queue; any other run passes.
 * @param argument - what the params are called where the caller wrote them
 * @throws InvalidArgumentError when the queue cannot carry a param, or the connection has no queue
 */
export function checkQueuedRun(
  peer: Pick<Peer, 'hasExperimentalApi'> | undefined,
  params: TurnStartParams,
  { whenBusy }: Pick<TurnRunOptions, 'whenBusy'>,
  argument = 'params',
): void {
  if (whenBusy !== 'queue') return;
  if (peer?.hasExperimentalApi === false) throw notExperimental();
  for (const [name, value] of Object.entries(params))
    if (value !== undefined && value !== null && !QUEUED_PARAMS.has(name)) throw notCarried(argument, name);
  const { clientUserMessageId } = params;
  if (clientUserMessageId !== undefined && clientUserMessageId !== null)
    checkRequiredText(`${argument}.clientUserMessageId`, clientUserMessageId);
}

/** The params as the queue takes them: the id that its message is sent with is the one by which the turn is known again. */
export function queuedParamsOf(params: TurnStartParams): ThreadQueueAddParams {
  const { threadId, input, clientUserMessageId, responsesapiClientMetadata } = params;
  const named = { threadId, input, clientUserMessageId: clientUserMessageId ?? randomUUID() };
  return responsesapiClientMetadata === undefined ? named : { ...named, responsesapiClientMetadata };
}

function notCarried(argument: string, name: string): InvalidArgumentError {
  const carried = [...QUEUED_PARAMS].join(', ');
  const message = `${argument}.${name}: a turn in the server's queue (whenBusy: "queue") runs with the settings of its thread, and has no params but ${carried}; set it on the thread, or take whenBusy: "wait"`;
  return new InvalidArgumentError(`${argument}.${name}`, message);
}

function notExperimental(): InvalidArgumentError {
  const message =
    'options.whenBusy: "queue" needs a client with experimentalApi: true, the server has its queue for no other; or take "wait"';
  return new InvalidArgumentError('options.whenBusy', message);
}
