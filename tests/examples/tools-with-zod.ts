/** Tools with zod: the model calls them, their input is typed and checked, and a bad call is mended by the model. */
import { AsyncClient, defineTools } from 'codex-async-client';
import { LocalModelProvider, text, toolCall } from 'codex-async-client/testing';
import { z } from 'zod';

const tools = defineTools({
  weather: {
    description: 'The weather of a city, for up to seven days.',
    input: z.object({ city: z.string(), days: z.int().min(1).max(7).default(1) }),
    output: z.object({ celsius: z.number(), sky: z.enum(['clear', 'cloudy']) }),
  },
  note: { description: 'Keeps a note.', input: z.object({ words: z.string() }) },
});

await using provider = await LocalModelProvider.start();
provider.enqueue(
  toolCall('weather', { city: 'Jena', days: 30 }),
  toolCall('weather', { city: 'Jena', days: 3 }),
  toolCall('note', { words: 'clear in Jena' }),
  text('It stays clear in Jena.'),
);
await using client = await AsyncClient.start({ ...provider.options, experimentalApi: true });

const run = client.threadRun({ thread: { tools }, turn: 'How will the weather be in Jena?' });
const calls = client.toolCalls(tools);
run.result().finally(() => calls.return());

for await (const call of calls) {
  if (call.tool === 'weather') {
    console.log(`weather of ${call.input.city} for ${call.input.days} days`);
    await call.respond({ celsius: 21, sky: 'clear' });
  } else {
    console.log(`noted: ${call.input.words}`);
    await call.fail('the disk is full');
  }
}
console.log((await run.result()).finalMessage);
const [refusal] = provider.requests[1]?.toolOutputs ?? [];
console.log(refusal?.text.split('\n')[1]);
