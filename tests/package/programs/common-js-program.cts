// A CommonJS program that requires the package, as TypeScript from 5.8 on and Node.js from 20.19 on let it.
import client = require('codex-async-client');
import testing = require('codex-async-client/testing');

async function main(): Promise<void> {
  const provider = await testing.LocalModelProvider.start();
  provider.enqueue(
    testing.shellCommand('echo from the shell', { escalate: true }),
    testing.text('It ', 'works.'),
  );
  const codex: client.AsyncClient = await client.AsyncClient.start(provider.options);
  const { thread } = await codex.threadStart({ approvalPolicy: 'on-request', sandbox: 'read-only' });
  const run = codex.turnRun({ threadId: thread.id, input: 'Go.' });
  let approvals = 0;
  for await (const msg of run) {
    if (msg.method !== 'item/commandExecution/requestApproval') continue;
    approvals += 1;
    await codex.respond(msg, client.approve(msg));
  }
  const { finalMessage, items } = await run.result();
  const command = items.find((item) => item.type === 'commandExecution');
  await codex.shutdown();
  await provider.close();
  const output = command?.type === 'commandExecution' ? command.aggregatedOutput?.trim() : undefined;
  console.log(JSON.stringify({ answer: finalMessage, output, approvals, state: codex.state }));
}

void main();
