/**
 * What a run does in place of a loop while only its result or its text is wanted: it refuses what the server asks (L16), and
 * gives a turn up that cannot succeed because nobody is logged in. It reads nothing by itself.
 */
import type { ServerMessage, ServerNotification } from '../../session/messages/server-message.js';
import type { Peer } from '../../session/peer.js';
import { isLoggedOut, isLoginRefused } from './login-state.js';
import { refuse } from './refusal.js';
import { loggedOut } from './turn-errors.js';
import type { TurnFacts } from './turn-result.js';

/** What runs while nobody reads it. */
export interface StoodInFor {
  readonly peer: Peer;
  /** The turn that runs, once the server has named it. */
  readonly turnId: string | undefined;
  readonly record: {
    readonly joined: boolean;
    readonly mayBeJoined: boolean;
    /** What the turn came to so far. */
    result(): TurnFacts | undefined;
  };
  /** Ends the run with a reason, unless it is over. */
  giveUp(reason: unknown): void;
}

/** Stands in for the reader of one run. */
export class StandIn {
  readonly #turn: StoodInFor;
  #askedForLogin = false;

  constructor(turn: StoodInFor) {
    this.#turn = turn;
  }

  /** A message was taken that no loop sees. */
  attend(message: ServerMessage): void {
    if (message.kind === 'request') refuse(this.#turn.peer, this.#turn.record, message);
    else if (message.method === 'error') this.#noteError(message);
  }

  /** A turn that nobody follows does not try on for seconds when nobody is logged in. */
  #noteError({ params }: ServerNotification<'error'>): void {
    const turn = this.#turn;
    const isOwn = params.turnId === turn.turnId && !turn.record.joined;
    if (!isOwn || !params.willRetry || this.#askedForLogin || !isLoginRefused(params.error)) return;
    this.#askedForLogin = true;
    void isLoggedOut(turn.peer).then((isOut) => {
      const result = turn.record.result();
      if (isOut && result !== undefined) turn.giveUp(loggedOut(result));
    });
  }
}
