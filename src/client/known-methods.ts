/** Which methods a server knows: from the protocol's table for a server of its version, else from the server itself. */

import { CLIENT_METHODS, PROTOCOL_VERSION } from '../protocol/generated.js';
import type { Peer } from '../session/peer.js';
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
  async has(method: string, serverVersion: string | undefined): Promise<boolean> {
    if (serverVersion === PROTOCOL_VERSION) return PROTOCOL_METHODS.has(method);
    this.#asked ??= this.#ask();
    try {
      return (await this.#asked).has(method);
    } catch (error) {
      this.#asked = undefined;
      throw error;
    }
  }

  /** The server refuses with "unknown variant `x`, expected one of `a`, `b`, ...". */
  async #ask(): Promise<ReadonlySet<string>> {
    try {
      await this.#peer.call(UNKNOWN_METHOD);
    } catch (error) {
      if (!(error instanceof RpcError)) throw error;
      const quoted = error.serverMessage.split('`').filter((_, index) => index % 2 === 1);
      if (quoted[0] === UNKNOWN_METHOD && quoted.length > 1) return new Set(quoted.slice(1));
    }
    // A server that does not list its methods: the table is the best there is.
    return PROTOCOL_METHODS;
  }
}

const PROTOCOL_METHODS: ReadonlySet<string> = new Set(CLIENT_METHODS);
