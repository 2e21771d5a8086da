// A TypeScript program that has only the package: typed calls, narrowing, `await using`, a turn run with an approval.
import {
  AsyncClient,
  approve,
  CodexClientError,
  type protocol,
  type ServerRequest,
  type StartOptions,
  type TurnRun,
} from 'codex-async-client';
import { LocalModelProvider, shellCommand, text } from 'codex-async-client/testing';
import { applyMessage, emptyView, type ItemView } from 'codex-async-client/view';

const command = (item: protocol.ThreadItem): string | null =>
  item.type === 'commandExecution' ? item.aggregatedOutput : null;

const said = (item: ItemView): string => (item.type === 'agentMessage' ? item.text : '');

async function approveAll(client: AsyncClient, run: TurnRun): Promise<{ answer: string; asked: string[] }> {
  const asked: string[] = [];
  let view = emptyView();
  for await (const msg of run) {
    view = applyMessage(view, msg);
    if (msg.method === 'item/commandExecution/requestApproval') {
      const request: ServerRequest<'item/commandExecution/requestApproval'> = msg;
      asked.push(request.method);
      await client.respond(request, approve(request));
    }
  }
  const answer = view.turns.flatMap(({ items }) => items.map(said)).join('');
  return { answer, asked };
}

async function main(): Promise<void> {
  await using provider = await LocalModelProvider.start();
  provider.enqueue(shellCommand('echo from the shell', { escalate: true }), text('It ', 'works.'));
  const options: StartOptions = { ...provider.options, requestTimeoutMs: 30_000 };
  await using client = await AsyncClient.start(options);
  const { thread } = await client.threadStart({ approvalPolicy: 'on-request', sandbox: 'read-only' });
  const run = client.turnRun({ threadId: thread.id, input: 'Go.' });
  const { answer, asked } = await approveAll(client, run);
  const result = await run.result();
  const output = result.items.map(command).find((text) => text !== null);
  console.log(
    JSON.stringify({ answer, output: output?.trim(), approvals: asked.length, state: client.state }),
  );
}

main().catch((error: unknown) => {
  console.error(error instanceof CodexClientError ? error.code : error);
  throw error;
});
