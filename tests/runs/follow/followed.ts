/** A thread that is followed on a server which a test plays. */
import type { FollowOptions, ThreadLog } from 'codex-async-client';
import type { Thread } from '../../../src/protocol/generated.js';
import { type PipedServer, type ReceivedMessage, readyServer } from '../../helpers/piped-server.js';
import { thread } from '../../view/threads.js';

const isRead = ({ method }: ReceivedMessage) => method === 'thread/read';

/** The `thread/read` that came with this number; waits for it. */
export async function readOf(server: PipedServer, number = 1): Promise<ReceivedMessage> {
  await server.receivedWhere(() => server.received.filter(isRead).length >= number);
  return server.received.filter(isRead)[number - 1] as ReceivedMessage;
}

/** Answers the `thread/read` with this number. */
export async function answerRead(
  server: PipedServer,
  facts: Partial<Thread> = {},
  number = 1,
): Promise<void> {
  const { id } = await readOf(server, number);
  server.send({ id, result: { thread: thread(facts) } });
}

/** A server, and a log that has begun. */
export async function followed(
  options: FollowOptions = {},
): Promise<{ readonly server: PipedServer; readonly log: ThreadLog }> {
  const server = await readyServer();
  const log = server.client.thread('thread').follow(options);
  await answerRead(server);
  return { server, log };
}
