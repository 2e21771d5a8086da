// A JavaScript program that has only the package: a turn with an approval, read message by message.
import { AsyncClient, approve } from 'codex-async-client';
import { LocalModelProvider, shellCommand, text } from 'codex-async-client/testing';
import { applyMessage, emptyView } from 'codex-async-client/view';

const provider = await LocalModelProvider.start();
provider.enqueue(shellCommand('echo from the shell', { escalate: true }), text('It ', 'works.'));
const client = await AsyncClient.start(provider.options);

const { thread } = await client.threadStart({ approvalPolicy: 'on-request', sandbox: 'read-only' });
await client.turnStart({ threadId: thread.id, input: [{ type: 'text', text: 'Go.', text_elements: [] }] });

let view = emptyView();
let output = '';
let approvals = 0;
for await (const msg of client.events()) {
  view = applyMessage(view, msg);
  if (msg.method === 'item/commandExecution/requestApproval') {
    approvals += 1;
    await client.respond(msg, approve(msg));
  }
  if (msg.method === 'item/completed' && msg.params.item.type === 'commandExecution') {
    output = msg.params.item.aggregatedOutput.trim();
  }
  if (msg.method === 'turn/completed') break;
}

const answer = view.turns[0].items.find((item) => item.type === 'agentMessage').text;
await client.shutdown();
await provider.close();
console.log(JSON.stringify({ answer, output, approvals, state: client.state }));
