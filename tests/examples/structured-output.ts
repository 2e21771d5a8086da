/** Structured output: the final message as a parsed value. */
import { AsyncClient } from 'codex-async-client';
import { LocalModelProvider, text } from 'codex-async-client/testing';

await using provider = await LocalModelProvider.start();
provider.enqueue(text('{"title":"The Pond",', '"lines":3}'));
await using client = await AsyncClient.start(provider.options);

const outputSchema = {
  type: 'object',
  properties: { title: { type: 'string' }, lines: { type: 'integer' } },
  required: ['title', 'lines'],
  additionalProperties: false,
};

const { output, finalMessage } = await client
  .threadRun({ turn: { input: 'Describe the poem.', outputSchema } })
  .result();
console.log(finalMessage);
console.log(output);
