/** A turn on a thread that is not a run's. */
import type { PlayedServer, PlayedTurn } from '../played-server.js';

/** The input of a `turn/start` by hand. */
export const INPUT = [{ type: 'text' as const, text: 'by hand', text_elements: [] }];

/** Starts a turn by hand, and answers it. */
export async function startedByHand(server: PlayedServer): Promise<PlayedTurn> {
  const answer = server.client.turnStart({ threadId: 't', input: INPUT });
  const turn = (await server.turn()).accept().started();
  await answer;
  return turn;
}
