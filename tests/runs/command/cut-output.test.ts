/** The output of a command whose reader lags, or keeps up: what is cut is told, to a loop and to `result()`. */
import { BackpressureError } from 'codex-async-client';
import { expect, test } from 'vitest';
import { turn } from '../../helpers/piped-server.js';
import { delta, exited, started } from './started-command.js';

/** Writes numbered pieces to stdout, `perChunk` in each chunk, and gives back all of them. */
async function write(server: Awaited<ReturnType<typeof started>>['server'], chunks: number, perChunk = 20) {
  let text = '';
  for (let n = 0; n < chunks; n += 1) {
    const pieces = Array.from({ length: perChunk }, (_, index) => `${n}.${index};`);
    server.send(...pieces.map((piece) => delta('stdout', piece)));
    text += pieces.join('');
    await turn();
  }
  return text;
}

test('L5 result() that reads by itself gets all of it, though a chunk is more than maxHeldBytes', async () => {
  const { server, command, exec } = await started(undefined, {}, { maxHeldBytes: 100 });
  const result = command.result();
  const text = await write(server, 50);
  server.send(exited(exec));
  expect(await result).toMatchObject({ exitCode: 0, stdout: text });
  expect(server.client.stats().cuts).toBe(0);
  await server.client.shutdown();
});

test('L5 a stdout that is stuck while result() is awaited is cut: the result settles, and its reader is told', async () => {
  const { server, command, exec } = await started(undefined, {}, { maxHeldBytes: 2_000 });
  const stdout = command.stdout[Symbol.asyncIterator]();
  const first = stdout.next();
  const result = command.result();
  const text = await write(server, 50);
  server.send(exited(exec, 3));
  expect((await result).exitCode).toBe(3);
  const { cuts, messages } = server.client.stats();
  expect(cuts).toBe(1);
  let read = Buffer.from((await first).value ?? []).toString();
  let pieces = 1;
  const readOn = async () => {
    for (;;) {
      const { done, value } = await stdout.next();
      if (done === true) return;
      read += Buffer.from(value).toString();
      pieces += 1;
    }
  };
  await expect(readOn()).rejects.toMatchObject({ code: 'CODEX_BACKPRESSURE', missed: messages.missed });
  expect(text.startsWith(read)).toBe(true);
  expect(pieces + messages.missed).toBe(50 * 20);
  await server.client.shutdown();
});

test('L5 L22 one that coalesces holds the same bytes in few messages, and loses none', async () => {
  const { server, command, exec } = await started(undefined, {}, { coalesce: true });
  const stdout = command.stdout[Symbol.asyncIterator]();
  const first = stdout.next();
  const result = command.result();
  const text = await write(server, 50);
  const { held, messages } = server.client.stats();
  expect(held.messages).toBeLessThanOrEqual(25);
  expect(messages.coalesced).toBeGreaterThan(900);
  server.send(exited(exec));
  await result;
  let read = Buffer.from((await first).value ?? []).toString();
  for (let next = await stdout.next(); next.done !== true; next = await stdout.next())
    read += Buffer.from(next.value).toString();
  expect(read).toBe(text);
  await server.client.shutdown();
});

test('L5 result() whose output was cut where the pipe is never left to fill says so, and not a part of it', async () => {
  const { server, command, exec } = await started(undefined, { maxBytes: 1_000, neverPauses: true });
  const result = command.result();
  await write(server, 20);
  server.send(exited(exec));
  const { missed } = server.client.stats().messages;
  expect(missed).toBeGreaterThan(0);
  await expect(result).rejects.toBeInstanceOf(BackpressureError);
  await expect(result).rejects.toMatchObject({
    missed,
    message: expect.stringContaining(`${missed} pieces`),
  });
  await server.client.shutdown();
});

test('a stream that is discarded ends, also where output was cut before', async () => {
  const { server, command, exec } = await started(undefined, { maxBytes: 1_000, neverPauses: true });
  const result = command.result();
  await write(server, 20);
  server.send(exited(exec));
  await expect(result).rejects.toBeInstanceOf(BackpressureError);
  const { stdout } = command;
  stdout.discard();
  expect(await stdout.next()).toEqual({ done: true, value: undefined });
  await server.client.shutdown();
});

/** Reads a stream on over what it is told that it missed. */
async function readOver(bytes: AsyncIterator<Uint8Array, undefined>) {
  let text = '';
  let missed = 0;
  for (;;) {
    try {
      const { done, value } = await bytes.next();
      if (done === true) return { text, missed };
      text += Buffer.from(value).toString();
    } catch (error) {
      if (!(error instanceof BackpressureError) || error.missed === 0) throw error;
      missed += error.missed;
    }
  }
}

test.each(['while it runs', 'when it is over'])(
  'L5 output that was cut before anybody read it is told to the reader who takes stdout %s',
  async (when) => {
    const { server, command, exec } = await started(undefined, {}, { maxHeldBytes: 2_000 });
    // Somebody else waits, so the pipe is read on.
    const other = server.client.threadRead({ threadId: 't' });
    await server.receivedWhere(({ method }) => method === 'thread/read');
    const text = await write(server, 50);
    const { missed } = server.client.stats().messages;
    expect(missed).toBeGreaterThan(0);
    if (when === 'when it is over') server.send(exited(exec));
    await server.quiet();
    const read = readOver(command.stdout);
    await server.quiet();
    if (when === 'while it runs') server.send(delta('stdout', 'later'), exited(exec));
    const told = await read;
    expect(told.missed).toBe(missed);
    expect(told.text.endsWith('later')).toBe(when === 'while it runs');
    expect(text.startsWith(told.text.replace('later', ''))).toBe(true);
    await server.client.shutdown();
    await expect(other).rejects.toMatchObject({ code: 'CODEX_SERVER_CLOSED' });
  },
);
