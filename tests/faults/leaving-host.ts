/**
 * A host program whose real codex is in the middle of a turn: prints the pid of codex, and then leaves in the way its
 * argument says: `exit`, `throw`, `reject`, or `wait` (for the test to end it). The provider is the test's.
 * Usage: leaving-host.ts HOW OPTIONS-AS-JSON
 */
import { AsyncClient, type StartOptions } from '../../src/index.js';

const [how, options = '{}'] = process.argv.slice(2);
// The test wrote it.
const client = await AsyncClient.start(JSON.parse(options) as StartOptions);
const { thread } = await client.threadStart({});
const run = client.turnRun({ threadId: thread.id, input: 'hold on' });
for await (const { method } of run) if (method === 'item/agentMessage/delta') leave();
await new Promise(() => {});

function leave(): void {
  process.stdout.write(`${client.pid}\n`, () => {
    if (how === 'exit') process.exit(0);
    if (how === 'throw') throw new Error('the host has a fault');
    if (how === 'reject') Promise.reject(new Error('nobody handles this'));
  });
}
