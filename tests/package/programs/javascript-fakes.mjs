// A unit test in JavaScript: the code under test gets a fake in place of a client.
import { fakeTurnRun } from 'codex-async-client/testing';

async function ask(client, input) {
  const run = client.turnRun({ threadId: 't', input });
  let last = '';
  for await (const msg of run) last = msg.method;
  return `${(await run.result()).finalMessage} / ${last}`;
}

console.log(await ask({ turnRun: () => fakeTurnRun({ finalMessage: 'Hi!' }) }, 'Hello!'));
