/** A turn that no run started is adopted in its middle; then a review, as a run. */
import { AsyncClient } from 'codex-async-client';
import { gate, LocalModelProvider, shellCommand, text } from 'codex-async-client/testing';

await using provider = await LocalModelProvider.start();
const middle = gate();
provider.enqueue(
  shellCommand('echo hi'),
  text('It says ', middle, 'hi.'),
  text('Nothing to complain about.'),
);
await using client = await AsyncClient.start(provider.options);

const { thread } = await client.threadStart();
const { turn } = await client.turnStart({ threadId: thread.id, input: 'Run echo hi.' });
for await (const message of client.events()) if (message.method === 'item/agentMessage/delta') break;

// Part of the turn was read by the loop above; the server has what was completed in it.
const run = client.turn({ threadId: thread.id, turnId: turn.id });
middle.open();
for await (const piece of run.text()) console.log(`the rest: ${piece}`);
const { finalMessage, items } = await run.result();
console.log(`the whole: ${finalMessage}`);
console.log(items.map(({ type }) => type).join(', '));

const target = { type: 'custom', instructions: 'Is echo the right command?' } as const;
const review = await client.reviewRun({ threadId: thread.id, target }).result();
console.log(`the review: ${review.finalMessage}`);
