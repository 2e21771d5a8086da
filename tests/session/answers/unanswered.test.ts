/**
 * Secure defaults on the wire: a request of the server that the user does not answer stays unanswered, whatever else
 * the client does. The scripted server sees every line that goes out; the real one would run the command.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AsyncClient } from 'codex-async-client';
import { LocalModelProvider, shellCommand, text } from 'codex-async-client/testing';
import { expect, onTestFinished, test } from 'vitest';
import { ask, wire } from '../../helpers/messages.js';
import { PipedServer } from '../../helpers/piped-server.js';

const QUESTIONS = [
  'item/commandExecution/requestApproval',
  'item/fileChange/requestApproval',
  'item/permissions/requestApproval',
  'execCommandApproval',
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
  const server = new PipedServer({
    standingAnswers: { 'item/tool/call': { contentItems: [], success: true } },
  });
  server.send(...QUESTIONS, wire(ask(9)));
  expect(await linesOf(server)).toEqual([{ id: 9, result: { contentItems: [], success: true } }]);
});

test('nothing is approved by default: codex does not run the command it asks about, and shutdown is no yes', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'codex-unanswered-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const witness = join(folder, 'it-ran');
  const replies = [shellCommand(`touch '${witness}'`, { escalate: true }), text('done')];
  await using provider = await LocalModelProvider.start({ replies });
  await using client = await AsyncClient.start({ ...provider.options });
  const { thread } = await client.threadStart();
  const run = client.turnRun({ threadId: thread.id, input: 'go' });
  for await (const message of run) {
    if (message.kind !== 'request') continue;
    const { thread: now } = await client.threadRead({ threadId: thread.id });
    expect(now.status).toEqual({ type: 'active', activeFlags: ['waitingOnApproval'] });
    break;
  }
  await client.shutdown();
  expect(existsSync(witness)).toBe(false);
  expect(provider.requests).toHaveLength(1);
});
