/** What passes through buffers and writers at the edges of their lives: it is freed, and it is sent. */
import { PassThrough } from 'node:stream';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { AsyncClient } from 'codex-async-client';
import { expect, test } from 'vitest';
import { MessageBuffer } from '../../../src/session/streams/message-buffer.js';
import { delta, numberOf } from '../../helpers/messages.js';
import { turn } from '../../helpers/piped-server.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function heapUsed(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

function startBuffer() {
  return new MessageBuffer({ add: () => {}, remove: () => {} }, () => {});
}

test.each([
  ['claimed by other streams', (buffer: MessageBuffer) => buffer.claim(() => true)],
  [
    'given up',
    (buffer: MessageBuffer) =>
      buffer.evict(
        () => true,
        () => false,
      ),
  ],
])('L6 a stream that nobody reads keeps nothing of the messages that were %s', async (_how, empty) => {
  const buffer = startBuffer();
  const message = delta(0);
  const rounds = async () => {
    for (let sequence = 0; sequence < 100_000; sequence += 1) {
      buffer.add({ sequence, bytes: 1, message });
      empty(buffer);
    }
    // Between two chunks of the pipe the promises settle.
    await turn();
  };
  await rounds();
  // What an earlier test left behind may be freed during one of the measurements, and hide what that one would show.
  const growths: number[] = [];
  for (let n = 0; n < 3; n += 1) {
    const before = heapUsed();
    await rounds();
    growths.push(heapUsed() - before);
  }
  expect(Math.max(...growths)).toBeLessThan(100_000 * 20);
  expect(buffer.count).toBe(0);
});

test('L1 a stream whose messages were claimed hands out those that came later, in order', async () => {
  const buffer = startBuffer();
  let sequence = 0;
  const add = (count: number) => {
    for (let n = 0; n < count; n += 1) {
      buffer.add({ sequence, bytes: 1, message: delta(sequence) });
      sequence += 1;
    }
  };
  const expected: number[] = [];
  const seen: (number | undefined)[] = [];
  for (let round = 0; round < 8; round += 1) {
    add(300);
    buffer.claim((message) => Number(numberOf(message)) % 7 !== 0);
    if (round % 3 === 0) buffer.claim(() => true);
    else for (let n = round * 300; n < sequence; n += 1) if (n % 7 === 0) expected.push(n);
    await Promise.resolve();
    if (round % 2 === 0) while (buffer.count > 0) seen.push(numberOf(await buffer.take()));
  }
  while (buffer.count > 0) seen.push(numberOf(await buffer.take()));
  // Round 0, 3 and 6 were claimed whole, and so was what nobody had read by then.
  const lost = new Set(expected.filter((n) => !seen.includes(n)));
  expect(seen).toEqual(expected.filter((n) => !lost.has(n)));
  expect(lost.size).toBe(expected.filter((n) => n >= 1_500 && n < 1_800).length);
});

test('L8 what was sent before shutdown goes out before stdin ends', async () => {
  const [stdin, stdout] = [new PassThrough(), new PassThrough()];
  const chunks: Buffer[] = [];
  stdin.on('data', (chunk: Buffer) => chunks.push(chunk));
  stdin.on('end', () => stdout.end());
  const client = AsyncClient.attach({ stdin, stdout, kill: () => {} });
  const sent = client.notify('x/bye');
  await client.shutdown();
  await sent;
  expect(Buffer.concat(chunks).toString()).toBe('{"method":"x/bye"}\n');
});
