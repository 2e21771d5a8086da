/** L3 to L6 on real processes: the pipe fills, demand reads on, and what cannot be met fails without losing anything. */
import { type AsyncClient, BackpressureError, type ServerMessage } from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import { DELTA_BYTES, startEndlessFlood, UNDER_WAY } from '../../helpers/flood-report.js';
import { deltas, numberOf, wire } from '../../helpers/messages.js';
import { PipedServer } from '../../helpers/piped-server.js';
import { startScripted } from '../../helpers/scripted.js';

/** What one read of the pipe can carry. */
const PIPE_READ_BYTES = 64 * 1024;

/** The next `count` numbers of the main stream. */
async function readNumbers(client: AsyncClient, count: number): Promise<number[]> {
  const numbers: number[] = [];
  while (numbers.length < count) numbers.push(Number(numberOf(await client.nextMessage())));
  return numbers;
}

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, n) => n);
}

describe('without demand', () => {
  test('L3 the client stops at highWaterMark and one pipe read, and the server stops writing', async () => {
    await using flood = await disposable(startEndlessFlood(100));
    const written = await flood.stoppedAt();
    const { held, messages } = flood.client.stats();
    expect(held.messages).toBeGreaterThanOrEqual(100);
    expect(held.peakMessages).toBeLessThan(100 + PIPE_READ_BYTES / 900);
    expect(messages.received).toBe(held.messages);
    expect(written).toBeLessThan(100 + UNDER_WAY);
  });

  test('L3 every message that is read lets the server write on, and none is lost or out of order', async () => {
    await using flood = await disposable(startEndlessFlood(100));
    const before = await flood.stoppedAt();
    const count = before + 2 * UNDER_WAY;
    expect(await readNumbers(flood.client, count)).toEqual(upTo(count));
    expect(await flood.stoppedAt()).toBeGreaterThan(count);
    expect(flood.client.stats().paused.times).toBeGreaterThan(1);
  });
});

describe('L4 demand reads on past the high-water mark', () => {
  test('L4 a pending request', async () => {
    await using client = await startScripted('flood-before-answer', ['5000'], {
      buffer: { highWaterMark: 10 },
    });
    client.events();
    expect(await client.request('thread/loaded/list', {})).toEqual({ sent: 5_000 });
    expect(client.stats().held.messages).toBe(5_000);
    expect(await readNumbers(client, 5_000)).toEqual(upTo(5_000));
  });

  test('L4 a write that is stuck', async () => {
    await using client = await startScripted('flood-before-reading', ['5000', '100'], {
      buffer: { highWaterMark: 10 },
    });
    client.events();
    const text = 'x'.repeat(4 * 1024 * 1024);
    await client.notify('note', { text });
    expect(client.stats().messages.received).toBe(5_000);
    expect(await client.request('thread/loaded/list', {})).toEqual({ notified: [text.length + 11] });
    expect(await readNumbers(client, 5_000)).toEqual(upTo(5_000));
  });

  test('L4 a reader that waits on an empty stream', async () => {
    await using client = await startScripted('flood-one-thread', ['5000'], { buffer: { highWaterMark: 10 } });
    await using rare = client.events({ threadId: 'rare' });
    const { value } = await rare.next();
    expect(numberOf(value)).toBe(5_000);
    expect(client.stats().held.messages).toBe(5_000);
    expect(await readNumbers(client, 5_000)).toEqual(upTo(5_000));
  });
});

describe('L5 demand that cannot be met', () => {
  const buffer = { highWaterMark: 10, maxBytes: 100_000 };
  const bound = buffer.maxBytes + PIPE_READ_BYTES + DELTA_BYTES;

  test('L5 a pending request fails, nothing is lost, and the client goes on after draining', async () => {
    await using client = await startScripted('flood-before-answer', ['500', '900'], { buffer });
    client.events();
    const request = client.request('thread/loaded/list', {});
    await expect(request).rejects.toBeInstanceOf(BackpressureError);
    await expect(request).rejects.toThrow('nothing that is held was lost');
    await expect(client.request('thread/loaded/list', {})).rejects.toBeInstanceOf(BackpressureError);
    expect(client.stats().held.peakBytes).toBeLessThan(bound);
    expect(await readNumbers(client, 500)).toEqual(upTo(500));
    const [answer, numbers] = await Promise.all([
      client.request('thread/loaded/list', {}),
      readNumbers(client, 500),
    ]);
    expect(answer).toEqual({ sent: 1_000 });
    expect(numbers).toEqual(upTo(1_000).slice(500));
  });

  test('L5 a reader of an empty stream fails, and gets its message after the others were drained', async () => {
    await using client = await startScripted('flood-one-thread', ['500', '900'], { buffer });
    client.events();
    await using rare = client.events({ threadId: 'rare' });
    await expect(rare.next()).rejects.toBeInstanceOf(BackpressureError);
    expect(client.stats().held.peakBytes).toBeLessThan(bound);
    expect(await readNumbers(client, 500)).toEqual(upTo(500));
    expect(numberOf((await rare.next()).value)).toBe(500);
  });

  test('L5 a stuck write fails, and what it wrote arrives in order once the server reads', async () => {
    await using client = await startScripted('flood-before-reading', ['500', '900'], { buffer });
    client.events();
    const text = 'x'.repeat(4 * 1024 * 1024);
    await expect(client.notify('note', { text })).rejects.toBeInstanceOf(BackpressureError);
    // The pipe is stuck already: a write that joins the line fails as well, instead of waiting for ever.
    await expect(client.notify('note', { text: '' })).rejects.toBeInstanceOf(BackpressureError);
    expect(await readNumbers(client, 500)).toEqual(upTo(500));
    expect(await client.request('thread/loaded/list', {})).toEqual({ notified: [text.length + 11, 11] });
  });

  test('L5 a main stream that nobody reads gives up its oldest notifications, counted, and no server request', async () => {
    await using client = await startScripted('flood-before-answer', ['2000', '900', '100'], { buffer });
    expect(await client.request('thread/loaded/list', {})).toEqual({ sent: 2_000 });
    const { messages, held } = client.stats();
    expect(messages).toMatchObject({ received: 2_000, delivered: 0, evicted: 2_000 - held.messages });
    expect(held.peakBytes).toBeLessThan(bound);
    await expect(client.nextMessage()).rejects.toMatchObject({ missed: messages.evicted });
    const left = await readNumbers(client, held.messages);
    expect(left).toEqual([...left].sort((a, b) => a - b));
    expect(left.filter((n) => n % 100 === 0)).toEqual(upTo(20).map((n) => n * 100));
    expect(left.at(-1)).toBe(1_999);
    expect(left.filter((n) => n % 100 !== 0).length).toBeGreaterThan(50);
  });

  test('L5 server requests alone can fill maxBytes; they are kept, and the request fails', async () => {
    await using client = await startScripted('flood-before-answer', ['2000', '1', '1'], { buffer });
    await expect(client.request('thread/loaded/list', {})).rejects.toBeInstanceOf(BackpressureError);
    expect(client.stats().messages.evicted).toBe(0);
    expect(await readNumbers(client, 2_000)).toEqual(upTo(2_000));
  });
});

describe('L6 request() inside an events() loop', () => {
  test.each([
    ['with room for the flood', 64 * 1024 * 1024, 'fulfilled'],
    ['with little room', 100_000, 'rejected'],
  ])('L6 always settles under flood, %s', async (_, maxBytes, expected) => {
    await using client = await startScripted('flood-before-answer', ['1000', '900'], {
      buffer: { highWaterMark: 10, maxBytes },
    });
    const outcomes: string[] = [];
    const handed: ServerMessage[] = [];
    const first = client.request('thread/loaded/list', {}).catch((error: unknown) => error);
    for await (const message of client.events()) {
      handed.push(message);
      if (handed.length % 250 !== 1) continue;
      const [outcome] = await Promise.allSettled([client.request('thread/loaded/list', {})]);
      if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(BackpressureError);
      outcomes.push(outcome.status);
      if (outcomes.length === 8) break;
    }
    await first;
    expect(outcomes).toContain(expected);
    expect(handed.map(numberOf)).toEqual(upTo(handed.length));
    expect(client.stats().held.peakBytes).toBeLessThan(maxBytes + PIPE_READ_BYTES + DELTA_BYTES);
    // Full buffers do not keep the server in a write, so that it goes by itself.
    await client.shutdown();
    expect(await client.closed).toMatchObject({ exitCode: 0, signal: null });
  });
});

test('L6 a bounded buffer that deadlocks: a request behind more events than the buffer holds is answered', async () => {
  await using client = await startScripted('flood-before-answer', ['5000'], { buffer: { highWaterMark: 4 } });
  const first = client.request('first');
  let read = 0;
  for await (const _ of client.events()) {
    read += 1;
    if (read === 10) expect(await client.request('second')).toEqual({ sent: 10_000 });
    if (read === 10_000) break;
  }
  expect(await first).toEqual({ sent: 5_000 });
});

/** Lets `await using` end the flood's client. */
async function disposable(starting: ReturnType<typeof startEndlessFlood>) {
  const flood = await starting;
  return { ...flood, [Symbol.asyncDispose]: () => flood.client.shutdown() };
}

test('L5 an interrupt passes at any limit: it is sent, though its answer cannot be read', async () => {
  const server = new PipedServer({ buffer: { highWaterMark: 4, maxBytes: 1_000 } });
  const { client } = server;
  const events = client.events();
  const waiting = client.request('thread/loaded/list', {}).catch((error: unknown) => error);
  await server.receivedRequests(1);
  server.send(...deltas(0, 30).map(wire));
  expect(await waiting).toBeInstanceOf(BackpressureError);
  await expect(client.request('model/list', {})).rejects.toBeInstanceOf(BackpressureError);
  await expect(client.turnInterrupt({ threadId: 't', turnId: 'u' })).rejects.toBeInstanceOf(
    BackpressureError,
  );
  await server.receivedWhere(({ method }) => method === 'turn/interrupt');
  expect(server.received.map(({ method }) => method)).toEqual(['thread/loaded/list', 'turn/interrupt']);
  for (let n = 0; n <= 30; n += 1) expect(numberOf((await events.next()).value)).toBe(n);
});
