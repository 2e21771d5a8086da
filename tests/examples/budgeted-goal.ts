/** A goal runs turn after turn until it is reached; then another one spends more than it may. */
import { AsyncClient, BudgetExceededError } from 'codex-async-client';
import { LocalModelProvider, text, toolCall } from 'codex-async-client/testing';

await using provider = await LocalModelProvider.start({ defaultReply: text('Still looking.') });
provider.enqueue(
  text('Found two of the three.'),
  [toolCall('update_goal', { status: 'complete' })],
  text('Found the third.'),
);
await using client = await AsyncClient.start(provider.options);
const { thread } = await client.threadStart();

const run = client.goalRun({
  threadId: thread.id,
  objective: 'Find the three broken links in the documents.',
  tokenBudget: 10_000,
});
let turns = 0;
for await (const message of run)
  if (message.method === 'turn/completed') console.log(`turn ${++turns}: ${message.params.turn.status}`);
const { status, finalMessage, spentTokens } = await run.result();
console.log(`${status} with ${spentTokens} tokens: ${finalMessage}`);

const endless = client
  .thread(thread)
  .goalRun({ objective: 'Find the fourth.' }, { budget: { totalTokens: 500 } });
try {
  await endless.result();
} catch (error) {
  if (!(error instanceof BudgetExceededError)) throw error;
  console.log(`stopped at ${error.totalTokens} tokens; the goal is ${endless.goal?.status}`);
}
