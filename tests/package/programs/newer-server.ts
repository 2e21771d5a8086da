// A server that is newer than the types: messages by name, and what is left when all known names are taken away.
import type { AnyServerMessage, AsyncClient, ServerMessage, UnknownMessage } from 'codex-async-client';

export async function follow(client: AsyncClient, log: (message: AnyServerMessage) => void): Promise<void> {
  for await (const msg of client.events({ methods: ['turn/completed', 'new/method'] })) {
    if (msg.method === 'turn/completed') break;
    const unknown: UnknownMessage<'new/method'> = msg;
    log(unknown);
  }
}

export async function refuseUnknown(client: AsyncClient, msg: ServerMessage): Promise<boolean> {
  const name: string = msg.method;
  if (msg.kind !== 'request' || name !== 'new/request') return false;
  await client.respondById(msg.id, { nothing: true });
  return true;
}
