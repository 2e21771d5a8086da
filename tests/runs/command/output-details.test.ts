/** The output of a command, the details: each chunk once, and nothing after it was left. */
import { BackpressureError, type CommandRun } from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import { outcomeOf, PipedServer } from '../../helpers/piped-server.js';

const LARGE = { method: 'x/large', params: { text: 'x'.repeat(3_000) } };

/** A server with one command that runs. */
async function started(buffer: object = {}) {
  const server = new PipedServer({ buffer });
  const command = server.client.commandRun({ command: ['program'], processId: 'p' });
  const exec = await server.receivedWhere(({ method }) => method === 'command/exec');
  const write = (stream: 'stdout' | 'stderr', text: string | Uint8Array) =>
    server.send({
      method: 'command/exec/outputDelta',
      params: {
        processId: 'p',
        stream,
        deltaBase64: Buffer.from(text).toString('base64'),
        capReached: false,
      },
    });
  const exit = () => server.send({ id: exec.id, result: { exitCode: 0, stdout: '', stderr: '' } });
  return { server, command, write, exit };
}

const textOf = (chunk: IteratorResult<Uint8Array, undefined>) => Buffer.from(chunk.value ?? []).toString();

test('L1 a chunk that the run has read does not come again on its stream', async () => {
  const { server, command, write, exit } = await started();
  write('stdout', '1');
  write('stdout', '2');
  expect(Buffer.from((await command.next()).value?.chunk ?? []).toString()).toBe('1');
  expect(textOf(await command.stdout.next())).toBe('2');
  exit();
  expect(await command.stdout.next()).toEqual({ done: true, value: undefined });
  await server.client.shutdown();
});

test('L5 a second result() after a BackpressureError has all of the output', async () => {
  const { server, command, write, exit } = await started({ maxBytes: 2_000 });
  const main = server.client.events();
  const failing = command.result();
  write('stdout', 'before ');
  await server.quiet();
  server.send(LARGE);
  await expect(failing).rejects.toBeInstanceOf(BackpressureError);
  await main.next();
  const result = command.result();
  write('stdout', 'after');
  exit();
  expect(await result).toEqual({ exitCode: 0, stdout: 'before after', stderr: '' });
  await server.client.shutdown();
});

describe('after leaving', () => {
  test.each([
    ['the run', (command: CommandRun) => command.return()],
    ['one stream', (command: CommandRun) => command.stdout.return()],
  ])('%s late output is dropped, and counts as unread nowhere', async (_, leave) => {
    const { server, command, write } = await started();
    write('stderr', 'unread');
    await server.quiet();
    await leave(command);
    write('stdout', 'late');
    write('stderr', 'late');
    await server.quiet();
    expect(server.client.stats()).toMatchObject({ held: { messages: 0 }, messages: { discarded: 3 } });
    expect(await command.stderr.next()).toEqual({ done: true, value: undefined });
    await server.client.shutdown();
  });

  test('a stream that is first read then has ended', async () => {
    const { server, command } = await started();
    await command.return();
    expect(await command.stdout.next()).toEqual({ done: true, value: undefined });
    expect(await command.next()).toEqual({ done: true, value: undefined });
    await server.client.shutdown();
  });
});

test('discard() ends a read that waits', async () => {
  const { server, command } = await started();
  const waiting = command.stdout.next();
  expect(await outcomeOf(waiting)).toBe('pending');
  command.stdout.discard();
  expect(await waiting).toEqual({ done: true, value: undefined });
  await server.client.shutdown();
});

test('a byte order mark is part of the text, at its start and in its lines', async () => {
  const { server, command, write, exit } = await started();
  const lines = command.stdout.lines();
  write('stdout', '\ufefffirst\nsecond');
  exit();
  expect((await lines.next()).value).toBe('\ufefffirst');
  expect((await lines.next()).value).toBe('second');
  await server.client.shutdown();
});

test('an already aborted signal sends nothing, no input either', async () => {
  const server = new PipedServer();
  const signal = AbortSignal.abort(new Error('too late'));
  const command = server.client.commandRun({ command: ['cat'], input: 'in' }, { signal });
  await expect(command.result()).rejects.toThrow('too late');
  await expect(command.write('more')).rejects.toThrow('too late');
  await server.quiet();
  expect(server.received).toEqual([]);
  const watch = server.client.fileWatch({ path: '/tmp' }, { signal });
  await expect(watch.next()).rejects.toThrow('too late');
  await expect(watch.ready).rejects.toThrow('too late');
  await watch.close();
  expect(server.received).toEqual([]);
  await server.client.shutdown();
});

test('unread changes of a closed watch are not held', async () => {
  const server = new PipedServer();
  const watch = server.client.fileWatch({ path: '/tmp' });
  server.send({ method: 'fs/changed', params: { watchId: watch.watchId, changedPaths: ['/tmp/a'] } });
  await server.quiet();
  expect(server.client.stats().held.messages).toBe(1);
  await watch.return();
  expect(server.client.stats()).toMatchObject({ held: { messages: 0 }, messages: { discarded: 1 } });
  await server.client.shutdown();
});
