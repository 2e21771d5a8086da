/**
 * What a thread was before it is followed: its turns as the server keeps them, and what it asks. Owns what is done where the
 * server cannot say its turns.
 */
import type { Thread } from '../../protocol/generated.js';
import type { ServerRequest } from '../../session/messages/server-message.js';
import type { Peer } from '../../session/peer.js';
import { ProtocolError, RpcError } from '../../support/errors.js';
import { applyMessage, type ThreadView, viewOfThread } from '../../view/index.js';
import { readThread } from '../thread-reading.js';

/** "Not supported", and "not for this thread": one without a turn yet, or one that is ephemeral. */
const CANNOT_SAY_TURNS_CODES: readonly number[] = [-32601, -32600];

/**
 * The state of a thread, as the server has it. Of a thread whose turns it cannot say (it has none yet, or is ephemeral) it
 * has the facts alone.
 * Rejects with what a request rejects with, and with {@link ProtocolError} when the answer has no thread.
 *
 * @param asked - what waits for an answer
 */
export async function readBeginning(
  peer: Peer,
  threadId: string,
  asked: readonly ServerRequest[],
): Promise<ThreadView> {
  const thread = await readTurns(peer, threadId);
  try {
    return asked.reduce<ThreadView>(applyMessage, viewOfThread(thread, { epoch: peer.epoch }));
  } catch (cause) {
    throw new ProtocolError(`thread/read has answered for thread ${threadId} with what is no thread`, {
      cause,
    });
  }
}

async function readTurns(peer: Peer, threadId: string): Promise<Thread> {
  // Whoever follows a thread keeps the pipe being read.
  const read = (includeTurns: boolean) =>
    readThread(peer, { threadId, includeTurns }, {}, { isBackground: true });
  try {
    return await read(true);
  } catch (error) {
    if (!(error instanceof RpcError) || !CANNOT_SAY_TURNS_CODES.includes(error.rpcCode)) throw error;
    return read(false);
  }
}
