/**
 * `thread/read`, of a thread that may have just begun. Owns the patience with a server that has made the thread's file and
 * written nothing into it yet: for some milliseconds of a first turn it refuses every read (codex 0.169.0).
 */
import type { Thread, ThreadReadParams } from '../protocol/generated.js';
import type { Peer } from '../session/peer.js';
import type { InternalRequestOptions } from '../session/requests/internal-request.js';
import { RpcError } from '../support/errors.js';
import { pause } from '../support/pause.js';

/** The server's words for such a file, and its code for them. */
const IS_EMPTY = /\brollout at .* is empty/s;
const INTERNAL_ERROR_CODE = -32_603;

/** The pauses before it is asked again, in milliseconds: two thirds of a second in all, for what takes some milliseconds. */
const PAUSES_MS = [10, 20, 40, 80, 160, 320] as const;

/** The thread, with its turns where they are asked for. Rejects as {@link Peer.call} does. */
export async function readThread(
  peer: Peer,
  params: ThreadReadParams,
  limits: { readonly timeoutMs?: number } = {},
  internal: InternalRequestOptions<'thread/read'> = {},
): Promise<Thread> {
  const read = async () => (await peer.call('thread/read', params, limits, internal)).thread;
  for (const ms of PAUSES_MS) {
    try {
      return await read();
    } catch (error) {
      if (!isBeingBegun(error)) throw error;
      await pause(ms);
    }
  }
  return read();
}

function isBeingBegun(error: unknown): boolean {
  return error instanceof RpcError && error.rpcCode === INTERNAL_ERROR_CODE && IS_EMPTY.test(error.message);
}
