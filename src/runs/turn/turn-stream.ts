/**
 * What comes into a run's stream: the turn's messages, those of its sub-agents where they are wanted, and, while nobody
 * reads the run, the server requests that the turn would wait for with nobody to answer them (L16). Owns that rule; whose a
 * message is, the scope knows.
 */
import type { MessageScope, ServerMessage } from '../../session/messages/server-message.js';
import type { Peer } from '../../session/peer.js';
import type { HeldOptions } from '../../session/streams/held-options.js';
import type { OpenStream, StreamClaim } from '../../session/streams/open-stream.js';
import { PRECEDENCE, REQUEST_GROUP } from '../../session/streams/precedence.js';
import type { StreamOpening } from '../../session/streams/streams.js';
import { BackpressureError } from '../../support/errors.js';
import { refuse } from './refusal.js';
import type { TurnRecord } from './turn-record.js';
import type { TurnScope } from './turn-scope.js';

/** Whose stream it is. */
export interface TurnOfStream {
  readonly threadId: string;
  readonly scope: Pick<TurnScope, 'belongingOf'>;
  readonly record: Pick<TurnRecord, 'isOver' | 'joined' | 'mayBeJoined'>;
  /** All that sub-agents say belongs to the stream, and not only what they ask while nobody reads. */
  readonly includeSubagents: boolean;
}

/** Opens the stream of a turn. */
export function openTurnStream(
  peer: Peer,
  turn: TurnOfStream,
  held: HeldOptions,
  opening?: StreamOpening,
): OpenStream {
  let stream: OpenStream | undefined;
  const isUnattended = () => stream?.requestGroup === REQUEST_GROUP.unattended;
  const claim: StreamClaim = {
    ...held,
    name: `the run on thread ${turn.threadId}`,
    // What another's turn asks waits for whoever answers it.
    refuses: turn.record.joined ? undefined : (request) => refuse(peer, turn.record, request),
    keys: { threadId: turn.threadId },
    precedence: PRECEDENCE.turnRun,
    takes: (message, scope) =>
      message.kind === 'notification'
        ? isPart(turn, message, scope)
        : takesRequest(turn, message, scope, isUnattended(), peer),
    // Whoever leaves a run may want to know when its turn is over.
    passesOn: ({ method }) => method === 'turn/completed',
  };
  stream = peer.open(claim, opening);
  return stream;
}

function isPart(
  { scope, record, includeSubagents }: TurnOfStream,
  message: ServerMessage,
  of: MessageScope,
): boolean {
  if (record.isOver) return false;
  const belonging = scope.belongingOf(message, of);
  return belonging === 'turn' || (belonging === 'subagent' && includeSubagents);
}

/**
 * What a joined turn asks, or one that may turn out to be joined, is its starter's to answer, unless a loop over the run
 * reads it. A loop over the main stream is asked before a run that nobody reads about what is not part of the run.
 */
function takesRequest(
  turn: TurnOfStream,
  request: ServerMessage,
  of: MessageScope,
  isUnattended: boolean,
  peer: Peer,
): boolean {
  const { scope, record } = turn;
  if (record.isOver || (isUnattended && record.mayBeJoined)) return false;
  if (isPart(turn, request, of)) return true;
  const isWaitedFor = of.threadId === undefined || scope.belongingOf(request, of) === 'subagent';
  return isUnattended && isWaitedFor && !peer.isMainAttended;
}

/** The next message for `result()`: what was missed while a loop lagged is in the result all the same. */
export async function takePastCut(stream: OpenStream, owner: object): Promise<ServerMessage | undefined> {
  for (;;) {
    try {
      return await stream.take(undefined, owner);
    } catch (error) {
      if (!(error instanceof BackpressureError) || error.missed === 0) throw error;
    }
  }
}
