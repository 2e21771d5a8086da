/**
 * Waiting for the server on behalf of a run. The one pipe carries answers and events alike, so whoever waits has to
 * keep it being read: waiting is a demand, and fails like one when unread messages fill `buffer.maxBytes`.
 */

import type { Peer } from '../session/peer.js';
import type { ClientMethod, ParamsOf } from '../session/requests/protocol-request.js';
import type { Session } from '../session/session.js';
import { markHandled } from '../support/deferred.js';

/** Settles as `awaited` does, and reads on until then; rejects with {@link BackpressureError} when it cannot. */
export async function whileDemanding<T>(session: Session, awaited: Promise<T>): Promise<T> {
  let withdraw = () => {};
  const failed = new Promise<never>((_resolve, reject) => {
    withdraw = session.demand(reject);
  });
  try {
    return await Promise.race([awaited, failed]);
  } finally {
    withdraw();
  }
}

/**
 * Tells the server that a run has no use for something any more. It is sent even when unread messages leave room for
 * no demand, settles with the answer, and never rejects: what is left of the work ends with the session at the latest.
 */
export async function sendParting<M extends ClientMethod>(
  peer: Peer,
  method: M,
  params: ParamsOf<M>,
): Promise<void> {
  const answer: Promise<unknown> = peer.request(method, params, {}, { isBackground: true });
  markHandled(answer);
  try {
    await whileDemanding(peer.session, answer);
  } catch {
    // Refused because it is over already, or the server is gone, or there is no room to read the answer.
  }
}
