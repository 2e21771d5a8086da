/** What helpers let go of when the session ends, and what they do not count twice. */
import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { outcomeOf } from '../helpers/piped-server.js';
import { PlayedServer } from './played-server.js';

test('a watch takes its listener off its signal when the server goes, read or not', async () => {
  const server = new PlayedServer();
  const abort = new AbortController();
  const read = server.client.fileWatch({ path: '/tmp' }, { signal: abort.signal });
  server.answer(await server.next('fs/watch'), {});
  await read.ready;
  server.client.fileWatch({ path: '/var' }, { signal: abort.signal });
  server.answer(await server.next('fs/watch'), {});
  const loop = read.next();
  server.piped.end();
  await expect(loop).rejects.toMatchObject({ code: 'CODEX_SERVER_CLOSED' });
  await server.client.closed;
  expect(getEventListeners(abort.signal, 'abort')).toHaveLength(0);
});

test('L5 the output of a command that is over counts no more, also when its stdout is first read then', async () => {
  await using server = new PlayedServer({ buffer: { maxBytes: 4_000 } });
  const { client } = server;
  client.events();
  const command = client.commandRun({ command: ['x'], processId: 'p' });
  const exec = await server.next('command/exec');
  const params = { processId: 'p', stream: 'stdout', deltaBase64: 'A'.repeat(800), capReached: false };
  for (let n = 0; n < 3; n += 1) server.piped.send({ method: 'command/exec/outputDelta', params });
  await server.piped.quiet();
  server.answer(exec, { exitCode: 0, stdout: '', stderr: '' });
  await server.piped.quiet();
  for (let n = 0; n < 3; n += 1) server.piped.send({ method: 'noise', params: { text: 'x'.repeat(600) } });
  await server.piped.quiet();
  const pending = client.request('model/list', {});
  const request = await server.next('model/list');
  await command.stdout.next();
  server.answer(request, { data: [], nextCursor: null });
  expect(await outcomeOf(pending)).toEqual({ data: [], nextCursor: null });
});

test('L7 a command that was left during the pause before a retry is not sent again', async () => {
  await using server = new PlayedServer();
  const command = server.client.commandRun({ command: ['x'] });
  server.refuse(await server.next('command/exec'), 'busy', -32001);
  await server.piped.quiet();
  await command.return();
  await expect(command.result()).rejects.toMatchObject({ name: 'AbortError' });
  expect(server.sent('command/exec')).toBe(1);
});
