/** Approvals asked on the terminal: a prompt that goes away when the server withdraws the request. */
import { createInterface } from 'node:readline/promises';
import { AsyncClient, approve, deny, type ServerRequest } from 'codex-async-client';
import { LocalModelProvider, shellCommand, text } from 'codex-async-client/testing';

const terminal = createInterface({ input: process.stdin, output: process.stdout });
await using provider = await LocalModelProvider.start();
provider.enqueue(shellCommand('echo the deed is done', { escalate: true }), text('All done.'));
await using client = await AsyncClient.start(provider.options);

async function ask(request: ServerRequest, question: string): Promise<boolean> {
  // The signal fires when the request is settled elsewhere or goes stale.
  const answer = await terminal.question(`${question} (y/n) `, { signal: client.signalOf(request) });
  return answer.startsWith('y');
}

async function answerRequests(): Promise<void> {
  for await (const msg of client.events({ kind: 'request' })) {
    if (msg.method === 'item/commandExecution/requestApproval') {
      const isAllowed = await ask(msg, `Run ${msg.params.command}?`);
      await client.respond(msg, isAllowed ? approve(msg) : deny(msg));
    } else if (msg.method === 'item/fileChange/requestApproval') await client.respond(msg, deny(msg));
    else await client.respondError(msg, -32601, 'nobody answers this here');
  }
}

const answering = answerRequests();
const run = client.threadRun({ thread: { approvalPolicy: 'on-request' }, turn: 'Do the deed.' });
const { status, finalMessage } = await run.result();
console.log(`\n${status}: ${finalMessage ?? '(nothing said)'}`);

terminal.close();
await client.shutdown(); // Ends every stream, and with it the loop above.
await answering;
