/** Text and lines out of chunks of bytes. */
import { expect, test } from 'vitest';
import { delta, exited, started } from './started-command.js';

test('text and lines join characters that were split between chunks', async () => {
  const bytes = Buffer.from('ä\u2028€\r\n😀\n\ufeffend');
  const { server, command, exec } = await started();
  for (const byte of bytes) {
    server.send(delta('stdout', Uint8Array.of(byte)), delta('stderr', Uint8Array.of(byte)));
  }
  server.send(exited(exec));
  expect(await command.stderr.text()).toBe(bytes.toString());
  const lines: string[] = [];
  for await (const line of command.stdout.lines()) lines.push(line);
  expect(lines).toEqual(['ä\u2028€', '😀', '\ufeffend']);
});

test('a long line in many chunks, lines in one chunk, and a last line without its end', async () => {
  const { server, command, exec } = await started();
  const texts = ['long ', 'long ', 'line\n', 'a\nb\r\nc\n', '\n', 'un', 'finished'];
  server.send(...texts.map((text) => delta('stdout', text)), exited(exec));
  const lines: string[] = [];
  for await (const line of command.stdout.lines()) lines.push(line);
  expect(lines).toEqual(['long long line', 'a', 'b', 'c', '', 'unfinished']);
});

test('a text that ends with a line end has no line after it', async () => {
  const { server, command, exec } = await started();
  server.send(delta('stdout', 'a\nb\n'), exited(exec));
  const lines = command.stdout.lines();
  expect([await lines.next(), await lines.next()]).toMatchObject([{ value: 'a' }, { value: 'b' }]);
  expect(await lines.next()).toEqual({ done: true, value: undefined });
  expect(await lines.next()).toEqual({ done: true, value: undefined });
});

test('a character that was cut off at the end is shown as one that is missing', async () => {
  const { server, command, exec } = await started();
  server.send(delta('stdout', Uint8Array.of(97, 0xe2, 0x82)), exited(exec));
  expect((await command.stdout.lines().next()).value).toBe('a\ufffd');
});

test('lines that are left end a read that waits, with an unfinished line, too, and leave the command', async () => {
  const { server, command } = await started();
  const lines = command.stdout.lines();
  const waiting = lines.next();
  server.send(delta('stdout', 'half'));
  await server.quiet();
  await lines.return();
  expect(await waiting).toEqual({ done: true, value: undefined });
  await server.receivedWhere(({ method }) => method === 'command/exec/terminate');
  expect(await command.stdout.next()).toEqual({ done: true, value: undefined });
});
