/** Listing all threads, page by page, without seeing a page. */
import { AsyncClient } from 'codex-async-client';
import { echo, LocalModelProvider } from 'codex-async-client/testing';

await using provider = await LocalModelProvider.start({ defaultReply: echo() });
await using client = await AsyncClient.start(provider.options);

for (const turn of ['first', 'second', 'third']) await client.threadRun({ turn }).result();

const previews: string[] = [];
for await (const thread of client.paginate('thread/list', { limit: 2 })) previews.push(thread.preview);
console.log(previews.sort().join(', '));
