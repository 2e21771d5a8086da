/** Two clients of one running codex: what the agent asks is asked of both, and the first answer counts. */
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { AsyncClient, approve } from 'codex-async-client';
import { LocalModelProvider, shellCommand, text } from 'codex-async-client/testing';

await using provider = await LocalModelProvider.start();
provider.enqueue(shellCommand('echo hi', { escalate: true }), text('It is done.'));

// The server, which elsewhere is somebody else's: `codex app-server --listen unix://PATH`.
const socketPath = join(provider.options.codexHome, 'codex.sock');
const args = ['--listen', `unix://${socketPath}`];
await using server = await AsyncClient.spawn({ ...provider.options, args, shutdownGraceMs: 100 });

const connect = () => AsyncClient.connect({ socketPath });

let first: AsyncClient | undefined;
while (first === undefined) first = await connect().catch(() => wait(20, undefined)); // until it listens
await using second = await connect();
const methods = ['item/commandExecution/requestApproval'] as const;
const { thread } = await first.threadStart({ approvalPolicy: 'on-request' });
const run = first.turnRun({ threadId: thread.id, input: 'Say hi.' });
for await (const msg of run) {
  if (msg.method !== methods[0]) continue;
  console.log(`first is asked: ${msg.params.command}`);
  await second.threadResume({ threadId: thread.id });
  const asked = await second.nextMessage({ methods });
  if (asked?.kind === 'request') await second.respond(asked, approve(asked));
  console.log('second answers');
}
console.log(`first: ${(await run.result()).finalMessage}`);
await first.shutdown();
console.log(server.isAlive ? 'the server runs on' : 'the server is gone');
