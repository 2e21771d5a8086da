/** What helpers let go of when the session ends, and what they do not count twice. */
import { getEventListeners } from 'node:events';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { Followers } from '../../src/session/streams/followers.js';
import { outcomeOf } from '../helpers/piped-server.js';
import { PlayedServer } from './played-server.js';

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

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
  // The pause does not end by itself.
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  await using server = new PlayedServer();
  const command = server.client.commandRun({ command: ['x'] });
  server.refuse(await server.next('command/exec'), 'busy', -32001);
  await server.piped.quiet();
  await command.return();
  await expect(command.result()).rejects.toMatchObject({ name: 'AbortError' });
  expect(server.sent('command/exec')).toBe(1);
});

describe('nobody follows the messages any more', () => {
  /** A server, and how many follow its client's messages. */
  function counted() {
    const added = vi.spyOn(Followers.prototype, 'add');
    // A method's context is its object.
    const following = () => (added.mock.contexts as Followers[]).map(({ size }) => size);
    return { server: new PlayedServer(), following };
  }

  test('after a watch was closed', async () => {
    const { server, following } = counted();
    const watch = server.client.fileWatch({ path: '/tmp' });
    expect(following()).toEqual([1]);
    await watch.return();
    expect(following()).toEqual([0]);
  });

  test.each([
    ['was completed', true],
    ['was disposed of', false],
  ])('after a login %s', async (_, isCompleted) => {
    const { server, following } = counted();
    const starting = server.client.login({ type: 'chatgpt' });
    const asked = await server.next('account/login/start');
    expect(following()).toEqual([1]);
    server.answer(asked, { type: 'chatgpt', loginId: 'l', authUrl: 'https://x' });
    const login = await starting;
    const params = { loginId: 'l', success: true, error: null, onboardingEntrypoint: null };
    if (isCompleted) server.piped.send({ method: 'account/login/completed', params });
    else await login[Symbol.asyncDispose]();
    await server.piped.quiet();
    expect(following()).toEqual([0]);
  });

  test('after a login was refused', async () => {
    const { server, following } = counted();
    const starting = server.client.login({ type: 'chatgpt' });
    server.refuse(await server.next('account/login/start'), 'no');
    await expect(starting).rejects.toMatchObject({ code: 'CODEX_RPC' });
    expect(following()).toEqual([0]);
  });

  test('after a turn was over', async () => {
    const { server, following } = counted();
    const run = server.client.turnRun({ threadId: 't', input: 'x' }, { includeSubagents: true });
    (await server.turn()).accept().complete();
    await run.result();
    expect(new Set(following())).toEqual(new Set([0]));
  });
});
