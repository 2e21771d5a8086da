/** The agent's text out of a turn's messages: its deltas, or the whole text of a message that had none. */
import type { ServerMessage, ServerRequest } from '../../session/server-message.js';
import type { TurnResult } from './turn-record.js';

/** What the text is taken from. */
interface TextSource extends AsyncIterable<ServerMessage> {
  readonly threadId: string;
  result(): Promise<TurnResult>;
}

/** Yields the pieces; hands server requests to `deny`; throws what the run's result rejects with. */
export async function* textOf(
  run: TextSource,
  deny: (request: ServerRequest) => void,
): AsyncGenerator<string, void, undefined> {
  const streamed = new Set<string>();
  for await (const message of run) {
    if (message.kind === 'request') deny(message);
    else if (message.method === 'item/agentMessage/delta' && message.params.threadId === run.threadId) {
      streamed.add(message.params.itemId);
      yield message.params.delta;
    } else if (message.method === 'item/completed' && message.params.threadId === run.threadId) {
      const { item } = message.params;
      if (item.type === 'agentMessage' && !streamed.has(item.id) && item.text !== '') yield item.text;
    }
  }
  await run.result();
}
