/**
 * Steering and interrupting a turn whose id may be out of date. The server refuses a wrong id and names the one
 * that is active; such a call is made once more with that id.
 */

import type { ClientRequests, UserInput } from '../../protocol/generated.js';
import type { Peer } from '../../session/peer.js';
import { RpcError } from '../../support/errors.js';

/** The server's words: "expected active turn id `X` but found `Y`", with and without the quotes. */
const OTHER_ACTIVE_TURN = /expected active turn id .* but found `?([^`\s]+)`?/;
const NO_ACTIVE_TURN = 'no active turn';

/** A turn as its controls see it. */
export interface ControlledTurn {
  readonly threadId: string;
  readonly turnId: string;
  isOver(): boolean;
  /** Settles when the server says something more about the turn, or it is over. */
  moves(): Promise<void>;
}

/** Adds input to the active turn; settles with the id of the turn that took it. */
export async function steerTurn(peer: Peer, turn: ControlledTurn, input: UserInput[]): Promise<string> {
  const { threadId } = turn;
  const answer = await retriedOnce(turn, (expectedTurnId) =>
    peer.request('turn/steer', { threadId, input, expectedTurnId }),
  );
  return answer.turnId;
}

/**
 * Interrupts the turn. A turn that is over by then is as good as interrupted. The server answers `turn/start` before
 * the turn is active and refuses to interrupt it until then, so a refusal waits for the turn's next sign of life.
 */
export async function interruptTurn(peer: Peer, turn: ControlledTurn): Promise<void> {
  const { threadId } = turn;
  while (!turn.isOver()) {
    const moves = turn.moves();
    try {
      // Sent also when unread messages leave room for no demand; who waits for it keeps the pipe being read.
      const call = (turnId: string) =>
        peer.request('turn/interrupt', { threadId, turnId }, {}, { isBackground: true });
      await retriedOnce(turn, call);
      return;
    } catch (error) {
      if (!(error instanceof RpcError)) throw error;
      if (turn.isOver()) return;
      if (!error.message.includes(NO_ACTIVE_TURN)) throw error;
    }
    await moves;
  }
}

type TurnAnswer = ClientRequests['turn/steer' | 'turn/interrupt']['response'];

async function retriedOnce<A extends TurnAnswer>(
  turn: ControlledTurn,
  call: (turnId: string) => Promise<A>,
): Promise<A> {
  try {
    return await call(turn.turnId);
  } catch (error) {
    const active = error instanceof RpcError ? OTHER_ACTIVE_TURN.exec(error.message)?.[1] : undefined;
    if (active === undefined || active === turn.turnId || turn.isOver()) throw error;
    return call(active);
  }
}
