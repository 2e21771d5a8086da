/** The events loop: everything the server says, in order, until the turn is over. */
import { AsyncClient } from 'codex-async-client';
import { LocalModelProvider, text } from 'codex-async-client/testing';

await using provider = await LocalModelProvider.start();
provider.enqueue(text('Pull, ', "don't ", 'listen.'));
await using client = await AsyncClient.start(provider.options);

const { thread } = await client.threadStart();
await client.turnStart({ threadId: thread.id, input: 'A motto, please.' });

for await (const msg of client.events()) {
  // `msg` is discriminated by `kind` and `method`: each branch knows its params.
  if (msg.kind === 'request') await client.respondError(msg, -32601, `not answered here: ${msg.method}`);
  else if (msg.method === 'item/agentMessage/delta') process.stdout.write(msg.params.delta);
  else if (msg.method === 'turn/completed') {
    console.log(`\n[${msg.params.turn.status}]`);
    break; // What is unread stays for the next reader of the main stream.
  }
}
