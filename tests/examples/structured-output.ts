/** Structured output: the answer as a value of the schema's type, checked. */
import { AsyncClient, OutputMismatchError } from 'codex-async-client';
import { LocalModelProvider, text } from 'codex-async-client/testing';
import { z } from 'zod';

await using provider = await LocalModelProvider.start();
provider.enqueue(text('{"title":"The Pond","lines":3,', '"author":null}'), text('No poem today.'));
await using client = await AsyncClient.start(provider.options);

const Poem = z.object({ title: z.string(), lines: z.int(), author: z.string().optional() });

/** Takes what the schema says: the output of a run fits without a cast. */
const describe = ({ title, lines, author = 'nobody' }: z.infer<typeof Poem>) =>
  `${title}, by ${author}: ${lines} lines`;

const run = client.threadRun({ turn: { input: 'Describe the poem.', outputSchema: Poem } });
const { output, threadId } = await run.result();
// An interrupted turn has no output.
if (output !== undefined) console.log(describe(output));

try {
  await client.turnRun({ threadId, input: 'Another one.', outputSchema: Poem }).result();
} catch (error) {
  if (!(error instanceof OutputMismatchError)) throw error;
  console.log(`got ${JSON.stringify(error.text)}: ${error.issues[0]?.message}`);
}
