/** One stream's bound: when it cuts, what its reader is told, and when it holds the pipe back. */
import { BackpressureError, type ServerMessage } from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import type { FlowLimits } from '../../../src/session/streams/flow.js';
import { MessageBuffer } from '../../../src/session/streams/message-buffer.js';
import { Streams } from '../../../src/session/streams/streams.js';
import { ask, delta, deltas, numberOf, wire } from '../../helpers/messages.js';
import { outcomeOf, PipedServer } from '../../helpers/piped-server.js';
import { type Readable, startFlow } from './fake-flow.js';

/** A buffer of messages of ten bytes that may hold `maxHeldBytes`. */
function startBuffer(maxHeldBytes: number, limits?: Partial<FlowLimits>) {
  const { flow, pipe, wait } = startFlow(limits);
  const buffer = new MessageBuffer(flow, (missed) => new BackpressureError('cut', { missed }));
  buffer.maxHeldBytes = maxHeldBytes;
  let sequence = 0;
  /** One pipe read that carried these. */
  const chunk = (...messages: readonly ServerMessage[]) => {
    const offered = messages.map((message) => {
      sequence += 1;
      return buffer.offer({ sequence, bytes: 10, message });
    });
    flow.decide();
    return offered;
  };
  return { buffer, flow, pipe, wait, chunk };
}

/** Numbers of messages, and of what a cut missed, in the order in which a reader meets them. */
async function readAll(source: Readable): Promise<unknown[]> {
  const read: unknown[] = [];
  for (;;) {
    const next = await outcomeOf(source.take());
    if (next === 'pending' || next === undefined) return read;
    read.push(next instanceof BackpressureError ? { missed: next.missed } : numberOf(next as ServerMessage));
  }
}

describe('a stream at its bound', () => {
  test('L5 is cut while there is demand, tells it after what was held, and then takes messages again', async () => {
    const { buffer, wait, chunk } = startBuffer(30);
    wait();
    expect(chunk(...deltas(0, 5))).toEqual(['held', 'held', 'held', 'cut', 'missed', 'missed']);
    expect(numberOf(await buffer.take())).toBe(0);
    // There is room, but what comes now would hide where the hole is.
    expect(chunk(delta(6))).toEqual(['missed']);
    expect([numberOf(await buffer.take()), numberOf(await buffer.take())]).toEqual([1, 2]);
    await expect(buffer.take()).rejects.toMatchObject({ missed: 4 });
    expect(chunk(...deltas(7, 8))).toEqual(['held', 'held']);
    expect(await readAll(buffer)).toEqual([7, 8]);
  });

  test('L5 without demand loses nothing and holds the pipe back, until it is read', async () => {
    const { buffer, pipe, chunk } = startBuffer(30);
    chunk(...deltas(0, 1));
    expect(pipe.isRead).toBe(true);
    chunk(...deltas(2, 4));
    expect(pipe.isRead).toBe(false);
    expect(buffer.missed).toBeUndefined();
    expect([await buffer.take(), await buffer.take()].map(numberOf)).toEqual([0, 1]);
    expect(pipe.isRead).toBe(false);
    expect(numberOf(await buffer.take())).toBe(2);
    expect(pipe.isRead).toBe(true);
  });

  test('L5 has room for a message alone, however large', async () => {
    const { buffer, wait, chunk } = startBuffer(1);
    wait();
    expect(chunk(...deltas(0, 1))).toEqual(['held', 'cut']);
    expect(await readAll(buffer)).toEqual([0, { missed: 1 }]);
    expect(chunk(delta(2))).toEqual(['held']);
  });

  test('L5 a reader that is told of a cut and waits at once gets what comes next', async () => {
    const { buffer, wait, chunk } = startBuffer(10);
    wait();
    chunk(...deltas(0, 1));
    await buffer.take();
    await expect(buffer.take()).rejects.toMatchObject({ missed: 1 });
    const read = buffer.take();
    chunk(delta(2));
    expect(numberOf(await read)).toBe(2);
  });

  test('L5 L9 an end comes after what was missed', async () => {
    const failure = new Error('gone');
    const { buffer, wait, chunk } = startBuffer(10);
    wait();
    chunk(...deltas(0, 1));
    buffer.end(failure);
    expect(numberOf(await buffer.take())).toBe(0);
    await expect(buffer.take()).rejects.toMatchObject({ missed: 1 });
    await expect(buffer.take()).rejects.toBe(failure);
  });

  test('L5 a read that is given up has not been told', async () => {
    const { buffer, wait, chunk } = startBuffer(10);
    wait();
    chunk(...deltas(0, 1));
    const aborted = { signal: AbortSignal.abort('enough'), timeoutError: () => new Error('late') };
    await expect(buffer.take(aborted)).rejects.toBe('enough');
    expect(await readAll(buffer)).toEqual([0, { missed: 1 }]);
  });
});

describe('the pipe is let go', () => {
  test('L3 when the bound is raised', () => {
    const { buffer, pipe, chunk } = startBuffer(10);
    chunk(delta(0));
    expect(pipe.isRead).toBe(false);
    buffer.maxHeldBytes = 20;
    expect(pipe.isRead).toBe(true);
  });

  test('L3 L11 when the main stream is left by one who gave it a bound', () => {
    const { flow, pipe } = startFlow();
    const streams = new Streams(flow);
    const source = streams.openMain({ maxHeldBytes: 10 });
    streams.dispatch(delta(0), 10);
    flow.decide();
    expect(pipe.isRead).toBe(false);
    source.close();
    expect(pipe.isRead).toBe(true);
  });

  test.each([
    ['its messages are taken out', (buffer: MessageBuffer) => buffer.takeMatching(() => true)],
    ['its messages are its owner’s', (buffer: MessageBuffer) => buffer.disown()],
    ['it is cut', (buffer: MessageBuffer) => buffer.cut(1)],
  ])('L3 when %s, and a bound that it reaches again holds it again', (_, empty) => {
    const { buffer, flow, pipe, chunk } = startBuffer(10);
    chunk(delta(0));
    expect(pipe.isRead).toBe(false);
    empty(buffer);
    flow.decide();
    expect(pipe.isRead).toBe(true);
    const other = new MessageBuffer(flow, () => new Error('cut'));
    other.maxHeldBytes = 10;
    other.add({ sequence: 10, bytes: 10, message: ask(10) });
    flow.decide();
    expect(pipe.isRead).toBe(false);
    expect(numberOf(other.takeNow())).toBeUndefined();
  });

  test('L3 when a state that fills it gives way to a smaller one', () => {
    const { buffer, flow, pipe } = startBuffer(30);
    buffer.coalesces = true;
    const state = (sequence: number, bytes: number) => {
      const params = { threadId: 't', turnId: 'u', diff: '' };
      buffer.offer({
        sequence,
        bytes,
        message: { kind: 'notification', method: 'turn/diff/updated', params },
      });
      flow.decide();
    };
    state(0, 30);
    expect(pipe.isRead).toBe(false);
    state(1, 10);
    expect(pipe.isRead).toBe(true);
  });
});

describe('beside a reader that keeps up', () => {
  test('L5 a laggard holds its bound and one chunk, also where the reader’s message is the first of each chunk', async () => {
    const server = new PipedServer();
    const quick = server.client.events({ threadId: 'quick' });
    const stuck = server.client.events({ threadId: 'stuck' }, { maxHeldBytes: 10_000 });
    let chunkBytes = 0;
    for (let n = 0; n < 100; n += 1) {
      const read = quick.next();
      const chunk = [delta(n, { threadId: 'quick' }), ...deltas(0, 9, { threadId: 'stuck' })].map(wire);
      server.send(...chunk);
      chunkBytes = JSON.stringify(chunk).length;
      expect(numberOf((await read).value)).toBe(n);
    }
    const { streams, messages } = server.client.stats();
    const { heldBytes, heldMessages, missed } = streams[2] ?? {};
    expect(heldBytes).toBeLessThanOrEqual(10_000 + chunkBytes);
    expect(messages).toMatchObject({ delivered: 100, missed: 1_000 - (heldMessages ?? 0) });
    expect(missed).toBe(messages.missed);
    server.end();
    await expect(readToEnd(stuck)).rejects.toMatchObject({ missed });
  });

  test('L5 one that keeps up loses nothing to a bound that is less than a chunk', async () => {
    const server = new PipedServer();
    const stream = server.client.events({ threadId: 'thread' }, { maxHeldBytes: 1 });
    const read: (number | undefined)[] = [];
    for (let n = 0; n < 50; n += 1) {
      server.send(...deltas(n * 10, n * 10 + 9).map(wire));
      while (read.length < (n + 1) * 10) read.push(numberOf((await stream.next()).value));
    }
    expect(read).toEqual([...read.keys()]);
    server.end();
  });
});

async function readToEnd(messages: AsyncIterable<ServerMessage>): Promise<void> {
  for await (const _ of messages);
}
