/** A turn of another client, and what a server tells of it when it is asked. */
import type { ReceivedMessage } from '../../helpers/piped-server.js';
import { type PlayedServer, PlayedTurn, turnOf } from '../played-server.js';

/** The turn that is adopted. */
export const NAME = { threadId: 't', turnId: 'theirs' };

/** A turn that this client did not start. */
export function theirTurn(server: PlayedServer, turnId = NAME.turnId): PlayedTurn {
  const request: ReceivedMessage = { params: { threadId: NAME.threadId } };
  return new PlayedTurn(server, request, turnId);
}

/** Answers the next `thread/read`: the thread has this status and these turns. */
export async function read(server: PlayedServer, status: string, ...turns: readonly object[]): Promise<void> {
  const thread = { id: NAME.threadId, status: { type: status }, turns };
  server.answer(await server.next('thread/read'), { thread });
}

/** The turn as the server tells it, with its items. */
export function told(items: readonly object[], status: Parameters<typeof turnOf>[1] = 'inProgress') {
  return { ...turnOf(NAME.turnId, status), items, itemsView: 'full' };
}

/** A completed command. */
export const command = (id: string) => ({ type: 'commandExecution', id, command: 'ls', status: 'completed' });
