/** Ten threads side by side: each run gets only its own messages. */
import { AsyncClient } from 'codex-async-client';
import { LocalModelProvider, text } from 'codex-async-client/testing';

const cities = ['Athens', 'Berlin', 'Cairo', 'Delhi', 'Essen', 'Florence', 'Ghent', 'Hanoi', 'Izmir', 'Jena'];

await using provider = await LocalModelProvider.start();
for (const city of cities) provider.when({ userText: city }, text('I like ', city, '.'));
await using client = await AsyncClient.start(provider.options);

const runs = cities.map((city) => client.threadRun({ turn: `What do you think of ${city}?` }));
const results = await Promise.all(runs.map((run) => run.result()));
for (const { finalMessage } of results) console.log(finalMessage);

const threads = new Set(results.map(({ threadId }) => threadId));
console.log(`${threads.size} threads, ${client.stats().messages.received} messages`);
