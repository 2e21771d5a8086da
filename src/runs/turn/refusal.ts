/** The refusal of a server request that nobody reads, so that no turn waits for ever (L16). */
import type { ServerRequest } from '../../session/messages/server-message.js';
import type { Peer } from '../../session/peer.js';
import { markHandled } from '../../support/deferred.js';
import { denialOf } from '../approvals.js';

/** JSON-RPC's "method not found": what a server request gets that nobody here can answer. */
const NOBODY_ANSWERS_CODE = -32601;

/** Denies what is asked of a run that nobody reads. What a joined turn asks is its starter's to answer. */
export function refuse(peer: Peer, record: { readonly mayBeJoined: boolean }, request: ServerRequest): void {
  // On a shared server the first answer wins, and it may be a person's.
  if (record.mayBeJoined || !peer.asked.isOpen(request)) return;
  const denial = denialOf(request);
  const answer =
    denial === undefined
      ? peer.respondError(request, NOBODY_ANSWERS_CODE, `nobody answers ${request.method} here`)
      : peer.respond(request, denial);
  // A server that is gone ends the run by itself.
  markHandled(answer);
}
