/**
 * What a run does in place of a loop while only its result or its text is wanted: it refuses what the server asks (L16), and
 * gives a turn up that cannot succeed because nobody is logged in. It reads nothing by itself.
 */
import type { ServerMessage, ServerNotification } from '../../session/messages/server-message.js';
import type { FollowedTurn } from './followed-turn.js';
import { isLoggedOut, isLoginRefused } from './login-state.js';
import { refuse } from './refusal.js';
import { loggedOut } from './turn-errors.js';

/** Stands in for the reader of one run. */
export class StandIn {
  readonly #turn: FollowedTurn;
  #askedForLogin = false;

  constructor(turn: FollowedTurn) {
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
