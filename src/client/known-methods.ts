/** Which methods a server knows: from the protocol's table for a server of its version, else from the server itself. */

import { PROTOCOL_METHODS, type ServerVersion, speaksOurVersion } from '../protocol/checks/known-names.js';
import type { Peer } from '../session/peer.js';
import { methodsListedIn } from '../session/requests/rpc-refusal.js';
import { RpcError } from '../support/errors.js';

/** A method no server knows; its refusal lists those that the server does know. */
const UNKNOWN_METHOD = 'codex-async-client/unknown';

/** Answers `supports()`. */
export class KnownMethods {
  readonly #peer: Peer;
  #asked: Promise<ReadonlySet<string>> | undefined;

  constructor(peer: Peer) {
    this.#peer = peer;
  }

  /** Whether the server, which has this version, knows the method. Asks the server at most once. */
  async has(method: string, serverVersion: ServerVersion): Promise<boolean> {
    if (speaksOurVersion(serverVersion)) return PROTOCOL_METHODS.has(method);
    this.#asked ??= this.#ask();
    try {
      return (await this.#asked).has(method);
    } catch (error) {
      this.#asked = undefined;
      throw error;
    }
  }

  async #ask(): Promise<ReadonlySet<string>> {
    try {
      await this.#peer.call(UNKNOWN_METHOD);
    } catch (error) {
      if (!(error instanceof RpcError)) throw error;
      const known = methodsListedIn(error.serverMessage, UNKNOWN_METHOD);
      if (known.length > 0) return new Set(known);
    }
    // A server that does not list its methods: the table is the best there is.
    return PROTOCOL_METHODS;
  }
}
