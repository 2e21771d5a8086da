/** A view: the state of a thread, folded from its messages. Here it is printed; a page would show it. */
import { AsyncClient, approve } from 'codex-async-client';
import { LocalModelProvider, shellCommand, text } from 'codex-async-client/testing';
import { applyMessage, emptyView, type ItemView } from 'codex-async-client/view';

await using provider = await LocalModelProvider.start();
provider.enqueue(
  shellCommand('echo hi', { escalate: true, justification: 'May I?' }),
  text('It says ', 'hi.'),
);
await using client = await AsyncClient.start(provider.options);

const { thread } = await client.threadStart();
await client.turnStart({
  threadId: thread.id,
  input: [{ type: 'text', text: 'Run echo hi.', text_elements: [] }],
});

let view = emptyView({ threadId: thread.id });
for await (const msg of client.events({ threadId: thread.id })) {
  const before = view;
  view = applyMessage(view, msg);
  // What did not change is the same object, so that a page draws only what did.
  if (view.requests !== before.requests) console.log('open requests:', view.requests.length);
  if (msg.kind === 'request') await client.respond(msg, approve(msg));
  if (view.turns.at(-1)?.status === 'completed') break;
}
for (const turn of view.turns) for (const item of turn.items) console.log(lineOf(item));

function lineOf(item: ItemView): string {
  if (item.type === 'agentMessage') return `agent: ${item.text}`;
  if (item.type === 'commandExecution') return `command: exit code ${item.exitCode}`;
  return item.type;
}
