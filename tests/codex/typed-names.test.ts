/** Names and paths that plain JavaScript gets wrong, on the real server, whose version is that of the types. */
import { spawn } from 'node:child_process';
import { AsyncClient, InvalidArgumentError } from 'codex-async-client';
import { LocalModelProvider, shellCommand, text } from 'codex-async-client/testing';
import { expect, test } from 'vitest';
import { serverCommand } from '../../src/app-server/launch/server-command.js';
import { codexWithModel } from './codex-with-model.js';

test('L20 a misspelt param starts no thread, while request() lets it pass', async () => {
  await using codex = await codexWithModel();
  const params: object = { approvalPolcy: 'never' };
  await expect(codex.client.threadStart(params)).rejects.toThrow('did you mean "approvalPolicy"?');
  const started = await codex.client.request('thread/start', params);
  expect(started).toMatchObject({ approvalPolicy: 'on-request' });
});

test('L20 an answer that the protocol does not have leaves the request answerable', async () => {
  await using codex = await codexWithModel();
  codex.provider.enqueue(shellCommand('echo hi', { escalate: true }), text('done'));
  const run = codex.client.threadRun({ turn: 'run it' });
  const refused: unknown[] = [];
  for await (const msg of run) {
    if (msg.method !== 'item/commandExecution/requestApproval') continue;
    for (const wrong of ['accept', { decision: 'approved' }, { approved: true }, {}])
      await codex.client.respond(msg, wrong as never).catch((error: unknown) => refused.push(error));
    await codex.client.respond(msg, { decision: 'accept' });
  }
  expect(refused).toHaveLength(4);
  for (const error of refused) expect(error).toBeInstanceOf(InvalidArgumentError);
  expect(await run.result()).toMatchObject({ status: 'completed', finalMessage: 'done' });
});

test('L20 a folder and an image that are not there are refused before anything is sent', async () => {
  await using codex = await codexWithModel();
  const { client } = codex;
  const gone = '/no/such/thing';
  await expect(client.threadStart({ cwd: gone })).rejects.toThrow(
    'params.cwd: expected a folder that exists',
  );
  expect(() => client.threadRun({ thread: { cwd: gone }, turn: 'x' })).toThrow('params.thread.cwd: ');
  const input = [{ type: 'localImage', path: gone } as const];
  expect(() => client.threadRun({ turn: { input } })).toThrow('params.turn.input[0].path: ');
  const relative = { input: [{ type: 'localImage', path: 'gone.png' } as const] };
  expect(() => client.threadRun({ turn: relative })).toThrow('got "gone.png", which is ');
  const threadId = await codex.newThread();
  await expect(client.turnRun({ threadId, input }).result()).rejects.toThrow('params.input[0].path: ');
  await expect(client.turnStart({ threadId, input, cwd: gone })).rejects.toThrow(InvalidArgumentError);
  expect(codex.provider.requests).toEqual([]);
  const running = client.turnRun({ threadId, input: 'x' });
  await expect(running.steer(input)).rejects.toThrow('input[0].path: expected a file that exists');
  await running.interrupt();
});

test('L20 paths of a server that may run elsewhere are its own to judge', async () => {
  await using provider = await LocalModelProvider.start();
  const { file, args, env } = serverCommand(provider.options);
  const child = spawn(file, args, { env });
  await using client = AsyncClient.attach(child);
  await client.initialize();
  expect(await client.threadStart({ cwd: '/no/such/thing' })).toMatchObject({ cwd: '/no/such/thing' });
});
