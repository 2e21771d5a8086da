/**
 * Who asked: the session that a server request came by, found by the request itself, so that whoever holds one can answer it
 * without the client. It keeps no session alive, and changes nothing in the request.
 */
import type { AnyServerMessage, AnyServerRequest } from '../messages/server-message.js';

/** What answers a request. */
export interface Asker {
  /** Answers it; see {@link Session.respond}. */
  respond(request: AnyServerRequest, result: unknown): Promise<void>;
  /** Fires when it is withdrawn; see {@link ServerRequests.withdrawalOf}. */
  signalOf(request: AnyServerRequest): AbortSignal;
}

const askers = new WeakMap<object, Asker>();

/** Notes who asked. */
export function noteAsker(request: AnyServerRequest, asker: Asker): void {
  askers.set(request, asker);
}

/** Who asked; undefined for what is no server request of a client, such as a copy of one. */
export function askerOf(message: AnyServerMessage): Asker | undefined {
  return askers.get(message);
}
