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
