/**
 * What a run does in place of a loop while only its result or its text is wanted: it refuses what the server asks (L16), and
 * gives a turn up that cannot succeed because nobody is logged in. It reads nothing by itself.
 */
import type {
  ServerMessage,
  ServerNotification,
  ServerRequest,
} from '../../session/messages/server-message.js';
import { markHandled } from '../../support/deferred.js';
import { denialOf } from '../approvals.js';
import { isLoggedOut, isLoginRefused } from './login-state.js';
import { loggedOut } from './turn-errors.js';
import type { TurnLifecycle } from './turn-lifecycle.js';

/** JSON-RPC's "method not found": what a server request gets that nobody here can answer. */
const NOBODY_ANSWERS_CODE = -32601;

/** Stands in for the reader of one run. */
export class StandIn {
  readonly #turn: TurnLifecycle;
  #askedForLogin = false;

  constructor(turn: TurnLifecycle) {
    this.#turn = turn;
  }

  /** A message was taken that no loop sees. */
  attend(message: ServerMessage): void {
    if (message.kind === 'request') this.#deny(message);
    else if (message.method === 'error') this.#noteError(message);
  }

  #deny(request: ServerRequest): void {
    const { peer, record } = this.#turn;
    // What a joined turn asks is its starter's to answer: the first answer wins, and it may be a person's.
    if (record.mayBeJoined || !peer.isOpen(request)) return;
    const denial = denialOf(request);
    const answer =
      denial === undefined
        ? peer.respondError(request, NOBODY_ANSWERS_CODE, `nobody answers ${request.method} here`)
        : peer.respond(request, denial);
    // A server that is gone ends the run by itself.
    markHandled(answer);
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
