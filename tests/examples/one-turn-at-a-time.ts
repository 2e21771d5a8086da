/** One turn at a time: the agent's words as they come, then the whole result of a second turn. */
import { AsyncClient } from 'codex-async-client';
import { LocalModelProvider, text } from 'codex-async-client/testing';

await using provider = await LocalModelProvider.start();
provider.enqueue(text('An old pond', ' / a frog leaps in', ' / splash.'), text('Silence again.'));
await using client = await AsyncClient.start(provider.options);

const { thread } = await client.threadStart();
const haiku = client.thread(thread);

for await (const piece of haiku.run('Write a haiku.').text()) process.stdout.write(piece);
console.log();

// A run waits for the thread's earlier turns, so two in a row never collide.
const { finalMessage, usage, items } = await haiku.run('And after the splash?').result();
console.log(finalMessage);
console.log(`${items.length} items, ${usage?.last.totalTokens} tokens`);
