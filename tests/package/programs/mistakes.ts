// Mistakes that a compiler has to see. Where a type has come out as `any` nothing is wrong with them, and a directive
// without an error below it is an error itself.
import { type AsyncClient, approve, type CodexClientError } from 'codex-async-client';
import { LocalModelProvider } from 'codex-async-client/testing';

export async function mistakes(client: AsyncClient, error: CodexClientError): Promise<void> {
  // @ts-expect-error: no such method.
  await client.threadStrat({});
  // @ts-expect-error: no such key.
  await client.threadStart({ approvalPolcy: 'never' });
  // @ts-expect-error: the key has another type.
  await client.turnRun({ threadId: 5, input: '' }).result();
  // @ts-expect-error: the result has another type.
  const id: number = (await client.threadStart({})).thread.id;
  for await (const thread of client.paginate('thread/list')) {
    // @ts-expect-error: an item of a list has another type.
    const preview: number = thread.preview;
    if (preview === id) break;
  }
  for await (const msg of client.events()) {
    // @ts-expect-error: the params have another type.
    if (msg.method === 'item/agentMessage/delta') returns(msg.params.delta);
    // @ts-expect-error: no such name.
    if (msg.method === 'turn/complete') break;
    // @ts-expect-error: what is asked has another answer.
    if (msg.method === 'item/tool/call') await client.respond(msg, { decision: 'accept' });
    // @ts-expect-error: nothing is asked here.
    if (msg.method === 'turn/completed') await client.respond(msg, approve(msg));
  }
  for await (const piece of client.turnRun({ threadId: '', input: '' }).text()) {
    // @ts-expect-error: a piece of text is no number.
    returns(piece);
  }
  // @ts-expect-error: no such code.
  if (error.code === 'CODEX_SERVER_CLOSE') return;
  // @ts-expect-error: no such option.
  await LocalModelProvider.start({ defaultAnswer: 5 });
}

const returns = (value: number): number => value;
