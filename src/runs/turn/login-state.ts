/**
 * Whether a turn fails for want of a login. Codex tries a request that the model's provider answers with 401 five more
 * times, some 13 s, also when nobody is logged in and nothing can change; so it is asked at the first one.
 */
import type { TurnError } from '../../protocol/generated.js';
import type { Peer } from '../../session/peer.js';
import { memberOf } from '../../support/argument-checks.js';

const UNAUTHORIZED = 401;

/** The model's provider refused the login, or missed one. */
export function isLoginRefused(error: TurnError | null | undefined): boolean {
  const info: unknown = error?.codexErrorInfo;
  if (info === 'unauthorized') return true;
  if (typeof info !== 'object' || info === null) return false;
  return Object.values(info).some((detail) => memberOf(detail, 'httpStatusCode') === UNAUTHORIZED);
}

/** Nobody is logged in although the provider wants it. Never rejects: a server that cannot say leaves it open. */
export async function isLoggedOut(peer: Peer): Promise<boolean> {
  try {
    const { account, requiresOpenaiAuth } = await peer.call('account/read', {});
    return account === null && requiresOpenaiAuth;
  } catch {
    return false;
  }
}
