/** What the types let a caller write, taken by the real server. */
import { AsyncClient } from 'codex-async-client';
import { LocalModelProvider, shellCommand, text } from 'codex-async-client/testing';
import { expect, test } from 'vitest';
import { codexWithModel } from './codex-with-model.js';

/** What `process.env['X']` gives where it is not set. */
const unset: string | undefined = undefined;

test('undefined stands for a member that is left out, in typed methods and helpers', async () => {
  await using codex = await codexWithModel({ experimentalApi: true });
  const { client } = codex;
  const { thread } = await client.threadStart({ model: unset, sandbox: undefined, config: undefined });
  const params = { threadId: thread.id, cwd: unset, effort: undefined, input: 'Hi!' };
  expect(await client.turnRun(params).result()).toMatchObject({ status: 'completed' });
  const run = client.threadRun({ thread: { model: unset }, turn: { input: 'Hi!', model: unset } });
  expect(await run.result()).toMatchObject({ status: 'completed' });
  expect(await client.modelList({ cursor: unset, limit: undefined })).toHaveProperty('data');
  for await (const item of client.paginate('thread/list', { cursor: unset })) expect(item.id).not.toBe('');
  const command = { command: ['true'], cwd: unset, timeoutMs: undefined, env: { MORE: unset } } as const;
  expect(await client.commandRun(command).result()).toMatchObject({ exitCode: 0 });
});

test('what has a default in the server may be left out', async () => {
  await using codex = await codexWithModel();
  const { client } = codex;
  const threadId = await codex.newThread();
  const input = [{ type: 'text', text: 'plain' }] as const;
  const sandboxPolicy = { type: 'workspaceWrite' } as const;
  const { turn } = await client.request('turn/start', { threadId, input, sandboxPolicy });
  await client.nextMessage({ methods: ['turn/completed'], turnId: turn.id });
  expect(codex.provider.requests[0]?.userText).toBe('plain');
  expect(await client.fuzzyFileSearch({ query: 'x', roots: [] })).toEqual({ files: [] });
});

test('the handshake takes a client without a title, and capabilities one by one', async () => {
  await using provider = await LocalModelProvider.start();
  await using client = await AsyncClient.spawn(provider.options);
  const clientInfo = { name: 'plain', version: '1.0.0' };
  expect(await client.initialize({ clientInfo, capabilities: { experimentalApi: true } })).toHaveProperty(
    'userAgent',
  );
});

test('an answer to the server takes undefined and read-only arrays', async () => {
  await using codex = await codexWithModel();
  codex.provider.enqueue(shellCommand('echo hi', { escalate: true }), text('done'));
  const run = codex.client.threadRun({ turn: 'run it' });
  const amendment = ['echo', 'hi'] as const;
  for await (const msg of run) {
    if (msg.method !== 'item/commandExecution/requestApproval') continue;
    await codex.client.respond(msg, {
      decision: { acceptWithExecpolicyAmendment: { execpolicy_amendment: amendment } },
    });
  }
  expect(await run.result()).toMatchObject({ finalMessage: 'done' });
});

test('turnStart and turnSteer take the text that turnRun takes', async () => {
  await using codex = await codexWithModel();
  const { client, provider } = codex;
  const threadId = await codex.newThread();
  const { turn } = await client.turnStart({ threadId, input: 'Hi!' });
  await client.nextMessage({ methods: ['turn/completed'], turnId: turn.id });
  expect(provider.requests[0]?.userText).toBe('Hi!');
  await expect(
    client.turnSteer({ threadId, expectedTurnId: turn.id, input: ['too', 'late'] }),
  ).rejects.toThrow('no active turn');
});
