/** Checks the names of messages that somebody waits for: one that is nearly a name waits for ever. */
import { InvalidArgumentError } from '../../support/errors.js';
import { nearestName } from '../../support/near-names.js';
import { type ServerVersion, speaksOurVersion } from './known-names.js';

/** How much of a name may differ before the server's version is known: a newer one may have what is nearly the same. */
const PART_BEFORE_HANDSHAKE = 1 / 8;

/**
 * Passes what is no near miss: a server to come may have it. A server of another version may have anything.
 * @param known - the methods of the protocol that can stand here
 * @throws InvalidArgumentError when the protocol has no such method, and one that is nearly called so
 */
export function checkNearMiss(
  argument: string,
  method: string,
  known: readonly string[],
  server: ServerVersion,
): void {
  if (known.includes(method) || !(server === undefined || speaksOurVersion(server))) return;
  const near = nearestName(method, known, server === undefined ? PART_BEFORE_HANDSHAKE : undefined);
  if (near === undefined) return;
  const message = `${argument}: the protocol has no method "${method}"; did you mean "${near}"?`;
  throw new InvalidArgumentError(argument, message);
}
