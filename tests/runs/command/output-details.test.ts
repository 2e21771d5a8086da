/** The output of a command, the details: each chunk once, and nothing after it was left. */
import { BackpressureError, type CommandRun } from 'codex-async-client';
import { describe, expect, test, vi } from 'vitest';
import { microtasks, outcomeOf, PipedServer } from '../../helpers/piped-server.js';

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

test.each([0, 1, 2, 3, 4, 5, 6, 8, 10])(
  'L1 a loop that takes over from result() %i microtasks after a chunk has every chunk in order',
  async (gap) => {
    const { server, command, write, exit } = await started();
    const result = command.result();
    await server.quiet();
    for (const text of ['1', '2', '3']) write('stdout', text);
    await microtasks(gap);
    const looped = (async () => {
      let text = '';
      for await (const { chunk } of command) text += chunk;
      return text;
    })();
    write('stdout', '4');
    exit();
    expect(await looped).toBe('1234');
    expect(await result).toEqual({ exitCode: 0, stdout: '', stderr: '' });
    await server.client.shutdown();
  },
);

test('L1 result() beside a loop that is between two reads takes nothing from it', async () => {
  const { server, command, write } = await started();
  write('stdout', '1');
  await command.next();
  const result = outcomeOf(command.result());
  await server.quiet();
  write('stdout', '2');
  await server.quiet();
  expect(String((await command.next()).value?.chunk)).toBe('2');
  expect(await result).toBe('pending');
  await server.client.shutdown();
});

test('a loop that takes over from result() gets chunks while the command runs', async () => {
  const { server, command, write } = await started();
  const result = outcomeOf(command.result());
  await server.quiet();
  const next = command.next();
  await server.quiet();
  write('stdout', '1');
  expect(String((await next).value?.chunk)).toBe('1');
  expect(await result).toBe('pending');
  await server.client.shutdown();
});

test('a command that was refused fails its readers with the refusal, early and late', async () => {
  const server = new PipedServer();
  const command = server.client.commandRun({ command: ['program'], processId: 'p' });
  const { id } = await server.receivedWhere(({ method }) => method === 'command/exec');
  const early = [outcomeOf(command.next()), outcomeOf(command.stdout.next())];
  server.send({ id, error: { code: -32600, message: 'no such program' } });
  const refusal = { code: 'CODEX_RPC', message: expect.stringContaining('no such program') };
  expect(await Promise.all(early)).toMatchObject([refusal, refusal]);
  await expect(command.stderr.next()).rejects.toMatchObject(refusal);
  await expect(command.result()).rejects.toMatchObject(refusal);
  await server.client.shutdown();
});

test('a stream that is first read after the end leaves the name to another process', async () => {
  const { server, command, write, exit } = await started();
  exit();
  await command.result();
  expect(await command.stdout.text()).toBe('');
  write('stdout', 'of another process');
  expect((await server.client.nextMessage())?.method).toBe('command/exec/outputDelta');
  await server.client.shutdown();
});

test('L1 what result() has read goes to the run’s loop, and of it to a stream what the loop has not taken', async () => {
  const { server, command, write, exit } = await started();
  for (const text of ['1', '2', '3']) {
    write('stdout', `o${text}`);
    write('stderr', `e${text}`);
  }
  exit();
  await command.result();
  for (const text of ['o1', 'e1']) expect(String((await command.next()).value?.chunk)).toBe(text);
  expect(textOf(await command.stdout.next())).toBe('o2');
  for (const text of ['e2', 'e3']) expect(String((await command.next()).value?.chunk)).toBe(text);
  expect(await command.next()).toEqual({ done: true, value: undefined });
  expect(textOf(await command.stdout.next())).toBe('o3');
  expect(await command.stdout.next()).toEqual({ done: true, value: undefined });
  await server.client.shutdown();
});

test('discard() drops what result() has read, too', async () => {
  const { server, command, write, exit } = await started();
  write('stdout', 'out');
  write('stderr', 'err');
  exit();
  expect(await command.result()).toMatchObject({ stdout: 'out', stderr: 'err' });
  command.stdout.discard();
  expect(await command.stdout.next()).toEqual({ done: true, value: undefined });
  expect(await command.result()).toMatchObject({ stdout: '', stderr: 'err' });
  await server.client.shutdown();
});

test('leaving drops what result() has read, too', async () => {
  const { server, command, write, exit } = await started();
  write('stdout', 'out');
  exit();
  expect(await command.result()).toMatchObject({ stdout: 'out' });
  await command.return();
  expect(await command.stdout.next()).toEqual({ done: true, value: undefined });
  await server.client.shutdown();
});

test('output without bytes, or of no stream, goes to the main stream', async () => {
  const { server, command, write } = await started();
  for (const params of [{ stream: 'stdout' }, { stream: 'stdlog', deltaBase64: 'AAAA' }])
    server.send({ method: 'command/exec/outputDelta', params: { processId: 'p', ...params } });
  write('stdout', 'fine');
  expect(textOf(await command.stdout.next())).toBe('fine');
  for (let n = 0; n < 2; n += 1)
    expect(await server.client.nextMessage()).toMatchObject({ method: 'command/exec/outputDelta' });
  await server.client.shutdown();
});

test('a watch that goes by the name of a command gets its own changes', async () => {
  const { server, command } = await started();
  const named = vi.spyOn(crypto, 'randomUUID').mockReturnValue('p' as never);
  const watch = server.client.fileWatch({ path: '/tmp' });
  named.mockRestore();
  server.send({ method: 'fs/changed', params: { watchId: 'p', changedPaths: ['/tmp/a'] } });
  expect((await watch.next()).value?.changedPaths).toEqual(['/tmp/a']);
  expect(await outcomeOf(command.next())).toBe('pending');
  await server.client.shutdown();
});

test('L1 the part of a chunk that the cap cut says so', async () => {
  const { server, command } = await started();
  const params = { processId: 'p', stream: 'stderr', deltaBase64: 'AAAA', capReached: true };
  server.send({ method: 'command/exec/outputDelta', params });
  expect((await command.next()).value).toMatchObject({ stream: 'stderr', capReached: true });
  await server.client.shutdown();
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
