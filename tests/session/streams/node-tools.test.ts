/** The tools of Node.js over `events()`: each carries the backpressure to the pipe, and each releases when it ends early. */
import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ReadableStream } from 'node:stream/web';
import type { AsyncClient, EventStream, ServerMessage } from 'codex-async-client';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type EndlessFlood, startEndlessFlood, UNDER_WAY } from '../../helpers/flood-report.js';
import { numberOf } from '../../helpers/messages.js';

const HIGH_WATER_MARK = 100;
/** What a tool may take out of the stream ahead of its consumer. */
const TAKEN_AHEAD = 40;

/** A consumer that a test lets go on one message at a time. */
class Consumer {
  readonly taken: number[] = [];
  readonly #allowed: { count: number; wake: () => void } = { count: 0, wake: () => {} };
  readonly #reached: { count: number; resolve: () => void }[] = [];

  /** Lets this many messages through in all; settles when they are taken. */
  async letThrough(count: number): Promise<void> {
    this.#allowed.count = count;
    const reached = new Promise<void>((resolve) => this.#reached.push({ count, resolve }));
    this.#allowed.wake();
    if (this.taken.length < count) await reached;
  }

  /** Takes one message, when it is allowed to. */
  async take(message: ServerMessage): Promise<void> {
    while (this.taken.length >= this.#allowed.count)
      await new Promise<void>((resolve) => {
        this.#allowed.wake = resolve;
      });
    this.taken.push(Number(numberOf(message)));
    for (const { count, resolve } of this.#reached) if (this.taken.length >= count) resolve();
  }
}

/** A way to read a stream slowly. */
interface Tool {
  readonly name: string;
  /** Starts reading; the promise settles when the reading ends, also by `signal`. */
  read(stream: EventStream, consumer: Consumer, signal: AbortSignal): Promise<void>;
}

/** Stops a loop that has no signal of its own. */
function stopsBy(signal: AbortSignal): Promise<'stop'> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve('stop')));
}

async function slowLoop(source: AsyncIterable<ServerMessage>, consumer: Consumer, signal: AbortSignal) {
  const stop = stopsBy(signal);
  for await (const message of source) {
    if ((await Promise.race([consumer.take(message), stop])) === 'stop') break;
  }
}

function slowWritable(consumer: Consumer): Writable {
  return new Writable({
    objectMode: true,
    highWaterMark: 4,
    write: (message: ServerMessage, _, done) => {
      consumer.take(message).then(() => done(), done);
    },
  });
}

/** As it-pipe composes: each part takes the source before it. */
function pipe<A, B, C>(source: A, transform: (source: A) => B, sink: (source: B) => C): C {
  return sink(transform(source));
}

async function* onlyDeltas(source: AsyncIterable<ServerMessage>): AsyncGenerator<ServerMessage> {
  for await (const message of source) if (message.method === 'item/agentMessage/delta') yield message;
}

const tools: readonly Tool[] = [
  { name: 'for await', read: slowLoop },
  {
    name: 'stream.Readable.from',
    read: (stream, consumer, signal) => slowLoop(Readable.from(stream), consumer, signal),
  },
  {
    name: 'stream.pipeline with a slow writable',
    read: (stream, consumer, signal) =>
      pipeline(Readable.from(stream), slowWritable(consumer), { signal }).catch(() => {}),
  },
  {
    name: 'stream.pipeline over the iterable itself',
    read: (stream, consumer, signal) =>
      pipeline(stream, onlyDeltas, slowWritable(consumer), { signal }).catch(() => {}),
  },
  {
    name: 'ReadableStream.from',
    read: async (stream, consumer, signal) => {
      const web = ReadableStream.from(stream);
      await slowLoop(web as AsyncIterable<ServerMessage>, consumer, signal);
    },
  },
  {
    name: 'a pipe of async generators',
    read: (stream, consumer, signal) =>
      pipe(stream, onlyDeltas, (source) => slowLoop(source, consumer, signal)),
  },
];

async function startFlood(): Promise<EndlessFlood> {
  const flood = await startEndlessFlood(HIGH_WATER_MARK);
  onTestFinished(() => flood.client.shutdown());
  return flood;
}

function delivered(client: AsyncClient): number {
  return client.stats().messages.delivered;
}

describe.each(tools.filter(({ name }) => name !== 'ReadableStream.from' || 'from' in ReadableStream))(
  '$name',
  ({ read }) => {
    test('L3 carries the backpressure of a slow consumer to the server, and loses nothing', async () => {
      const { client, stoppedAt } = await startFlood();
      const consumer = new Consumer();
      const stop = new AbortController();
      const reading = read(client.events(), consumer, stop.signal);
      for (const count of [10, 3_000]) {
        await consumer.letThrough(count);
        const written = await stoppedAt();
        expect(consumer.taken).toEqual(consumer.taken.map((_, n) => n));
        expect(delivered(client)).toBeLessThanOrEqual(count + TAKEN_AHEAD);
        expect(client.stats().paused.now).toBe(true);
        expect(client.stats().held.messages).toBeLessThan(HIGH_WATER_MARK + 100);
        expect(written).toBeLessThan(count + TAKEN_AHEAD + HIGH_WATER_MARK + 100 + UNDER_WAY);
      }
      stop.abort();
      await reading;
    });

    test('L11 releases a filtered stream when it ends early', async () => {
      const { client } = await startFlood();
      const consumer = new Consumer();
      const stop = new AbortController();
      const stream = client.events({ threadId: 'thread' });
      const reading = read(stream as EventStream, consumer, stop.signal);
      await consumer.letThrough(10);
      stop.abort();
      await reading;
      expect(await stream.next()).toEqual({ done: true, value: undefined });
      // From here on the thread's messages reach the main stream.
      const message = await client.nextMessage();
      expect(numberOf(message)).toBeGreaterThanOrEqual(10);
    });

    test('L11 leaves the unread messages of the main stream to the next reader when it ends early', async () => {
      const { client } = await startFlood();
      const consumer = new Consumer();
      const stop = new AbortController();
      const reading = read(client.events(), consumer, stop.signal);
      await consumer.letThrough(10);
      stop.abort();
      await reading;
      const next = delivered(client);
      expect(next).toBeLessThanOrEqual(consumer.taken.length + TAKEN_AHEAD);
      expect(numberOf(await client.nextMessage())).toBe(next);
    });
  },
);
