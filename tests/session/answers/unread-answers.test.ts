/** L6: answers that are given by themselves wait in memory while the server does not read, so they count as held. */
import { BackpressureError } from 'codex-async-client';
import { expect, test } from 'vitest';
import { ask, delta, numberOf, wire } from '../../helpers/messages.js';
import { PipedServer, turn } from '../../helpers/piped-server.js';

test('L6 a server that asks without end and reads no answer is not read without end', async () => {
  const server = new PipedServer({
    pipeBytes: 16,
    buffer: { maxBytes: 4_000 },
    standingAnswers: { 'item/tool/call': { contentItems: [], success: true } },
  });
  server.stopReading();
  for (let n = 0; n < 1_000; n += 1) {
    server.send(wire(ask(n)));
    await turn();
  }
  await server.quiet();
  expect(server.client.stats().paused.now).toBe(true);
  expect(server.client.stats().messages.standingAnswers).toBeLessThan(100);
  const call = server.client.request('thread/loaded/list', {});
  await expect(call).rejects.toBeInstanceOf(BackpressureError);
  await expect(call).rejects.toThrow('bytes of answers that the server does not read');
  // As soon as it reads, everything it asked is answered, in order, and the client goes on.
  server.send(wire(delta(1_000)));
  server.readAgain();
  await server.receivedWhere(({ id }) => id === 999);
  expect(numberOf(await server.client.nextMessage())).toBe(1_000);
  const answered = server.received.filter(({ result }) => result !== undefined).map(({ id }) => id);
  expect(answered).toEqual(answered.map((_, n) => n));
  expect(server.client.stats()).toMatchObject({
    messages: { standingAnswers: 1_000, received: 1, delivered: 1 },
    held: { messages: 0, bytes: 0 },
  });
});
