// Typed methods: params, responses and the types of the protocol, by method and by name.
import { type AsyncClient, PROTOCOL_VERSION, type protocol, type ResponseOf } from 'codex-async-client';

export async function readNotes(client: AsyncClient, path: string, signal: AbortSignal): Promise<string> {
  const { dataBase64 } = await client.fsReadFile({ path }, { timeoutMs: 5_000, signal });
  return dataBase64;
}

export async function newest(client: AsyncClient): Promise<protocol.Thread | undefined> {
  const list: ResponseOf<'thread/list'> = await client.request('thread/list', { limit: 1 });
  const [first] = list.data;
  return first;
}

export async function resumed(client: AsyncClient, threadId: string): Promise<readonly string[]> {
  const { thread }: protocol.ThreadResumeResponse = await client.threadResume({ threadId });
  return thread.turns.flatMap(({ items }) => items.map(wordsOf));
}

function wordsOf(item: protocol.ThreadItem): string {
  switch (item.type) {
    case 'agentMessage':
      return item.text;
    case 'commandExecution':
      return `${item.command}: ${item.exitCode ?? 'not run'}`;
    default:
      return item.type;
  }
}

export async function started(client: AsyncClient, threadId: string): Promise<protocol.Turn> {
  const { turn } = await client.turnStart({ threadId, input: 'Hello!', model: undefined });
  return turn;
}

export const isCurrent = (client: AsyncClient): boolean => client.serverInfo?.version === PROTOCOL_VERSION;
