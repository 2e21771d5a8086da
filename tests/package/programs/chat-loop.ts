// A chat: one thread, one turn for each line that is typed, the answer as it comes.
import { AsyncClient } from 'codex-async-client';

export async function chat(lines: AsyncIterable<string>, print: (text: string) => void): Promise<number> {
  await using client = await AsyncClient.start({ requestTimeoutMs: 30_000, clientInfo: { name: 'chat' } });
  const { thread } = await client.threadStart({ approvalPolicy: 'never', sandbox: 'read-only' });
  let tokens = 0;
  for await (const line of lines) {
    if (line === '/quit') break;
    const run = client.turnRun({ threadId: thread.id, input: line }, { timeoutMs: 600_000 });
    for await (const piece of run.text()) print(piece);
    const { usage, status } = await run.result();
    if (status === 'interrupted') print('(interrupted)');
    tokens += usage?.last.totalTokens ?? 0;
  }
  return tokens;
}
