/**
 * Whether the server tells this connection of a thread: what its messages say of that. A thread that the server let go of is
 * told of again when this connection has resumed it; others may have gone on with it meanwhile.
 */
import type { ServerMessage } from '../../session/messages/server-message.js';

/**
 * - `lost`: the server has let go of the thread, and tells of it no more.
 * - `elsewhere`: the thread goes on, which the server tells all connections, also those that hear nothing else of it.
 * - `heard`: only a connection that has the thread is told that.
 * - `unknown`: it may come at any time.
 */
export type Hearing = 'lost' | 'elsewhere' | 'heard' | 'unknown';

/** Notifications of what happens in a thread, with those that follow each `thread/resume` of a thread that has turns. */
const HEARD = /^(turn\/|item\/|error$|thread\/(tokenUsage|reverted|compacted))/;

/** What a message of a thread says. */
export function hearingOf(message: ServerMessage): Hearing {
  if (message.method === 'thread/closed') return 'lost';
  if (message.method === 'thread/status/changed')
    return message.params?.status?.type === 'notLoaded' ? 'lost' : 'elsewhere';
  if (message.method === 'thread/started') return 'elsewhere';
  return message.kind === 'request' || HEARD.test(message.method) ? 'heard' : 'unknown';
}
