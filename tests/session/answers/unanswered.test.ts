/**
 * Secure defaults on the wire: a request of the server that the user does not answer stays unanswered, whatever else
 * the client does. The server here sees every line that goes out; the real one would run the command.
 */
import { expect, test } from 'vitest';
import { PipedServer } from '../../helpers/piped-server.js';

/** Every request that a server can make, old and new. */
const QUESTIONS = [
  'item/commandExecution/requestApproval',
  'item/fileChange/requestApproval',
  'item/permissions/requestApproval',
  'item/tool/requestUserInput',
  'item/tool/call',
  'mcpServer/elicitation/request',
  'applyPatchApproval',
  'execCommandApproval',
  'account/chatgptAuthTokens/refresh',
  'not/known/yet',
].map((method, id) => ({ id, method, params: { threadId: 'thread', turnId: 'turn', itemId: 'item' } }));

/** Every line that the client has sent, once everything under way has settled. */
async function linesOf(server: PipedServer): Promise<object[]> {
  await server.quiet();
  return server.received;
}

test('nothing is approved by default: without a reader no line goes out', async () => {
  const server = new PipedServer();
  server.send(...QUESTIONS);
  expect(await linesOf(server)).toEqual([]);
  expect(server.client.stats().requests.unansweredByUs).toBe(QUESTIONS.length);
});

test('nothing is approved by default: what was read goes unanswered, whatever else the client does', async () => {
  const server = new PipedServer();
  server.send(...QUESTIONS);
  for (const _ of QUESTIONS) await server.client.nextMessage();
  const call = server.client.request('thread/list', {});
  const [list] = await server.receivedRequests(1);
  server.send({ id: list?.id, result: {} });
  await call;
  expect(await linesOf(server)).toEqual([list]);
  expect(server.client.stats().requests.unansweredByUs).toBe(QUESTIONS.length);
});

test('nothing is approved by default: a loop that reads a request and leaves answers nothing', async () => {
  const server = new PipedServer();
  server.send(...QUESTIONS);
  let read = 0;
  for await (const message of server.client.events({ kind: 'request' })) {
    expect(message.kind).toBe('request');
    read += 1;
    if (read === 2) break;
  }
  expect(await linesOf(server)).toEqual([]);
  // The two that were not read are not lost either.
  expect(await server.client.nextMessage()).toMatchObject({ id: 2 });
  expect(await server.client.nextMessage()).toMatchObject({ id: 3 });
  expect(await linesOf(server)).toEqual([]);
});

test('nothing is approved by default: a standing answer for one method answers no other', async () => {
  const standing = { contentItems: [], success: true };
  const server = new PipedServer({ standingAnswers: { 'item/tool/call': standing } });
  server.send(...QUESTIONS);
  const id = QUESTIONS.findIndex(({ method }) => method === 'item/tool/call');
  expect(await linesOf(server)).toEqual([{ id, result: standing }]);
});
