// Approvals, answered in a loop of their own beside the run that asks for them.
import { type AsyncClient, accept, approve, deny, type ServerRequest } from 'codex-async-client';

type CommandApproval = ServerRequest<'item/commandExecution/requestApproval'>;

export async function answerAll(
  client: AsyncClient,
  isAllowed: (command: string, signal: AbortSignal) => Promise<boolean>,
): Promise<void> {
  client.setStandingAnswer('item/fileChange/requestApproval', { decision: 'decline' });
  for await (const msg of client.events({ kind: 'request' })) {
    if (msg.method === 'item/commandExecution/requestApproval') await answer(client, msg, isAllowed);
    else if (msg.method === 'item/tool/requestUserInput')
      await client.respond(msg, accept(msg, { ok: 'yes' }));
    else await client.respondError(msg, -32601, `nobody answers ${msg.method} here`);
  }
}

async function answer(
  client: AsyncClient,
  msg: CommandApproval,
  isAllowed: (command: string, signal: AbortSignal) => Promise<boolean>,
): Promise<void> {
  const command: string = msg.params.command ?? '';
  const allowed = await isAllowed(command, client.signalOf(msg));
  await client.respond(msg, allowed ? approve(msg, 'session') : deny(msg, { then: 'interrupt' }));
}
