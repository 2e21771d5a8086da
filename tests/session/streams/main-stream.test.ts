/** The main stream: who attends to it, what it gives up while nobody does, and who is told. */
import { BackpressureError } from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import { LiveEventStream } from '../../../src/session/streams/event-stream.js';
import { MainStream } from '../../../src/session/streams/main-stream.js';
import { ask, delta, deltas, numberOf, wire } from '../../helpers/messages.js';
import { outcomeOf, readyServer } from '../../helpers/piped-server.js';
import { readAll, startFlow } from './fake-flow.js';

const ALL = Number.POSITIVE_INFINITY;
const DONE = { done: true, value: undefined };

/** Messages of a byte each. */
function startMain() {
  const { flow } = startFlow();
  const main = new MainStream(flow);
  const add = (...numbers: readonly number[]) => {
    for (const n of numbers) main.add({ sequence: n, bytes: 1, message: n % 3 === 0 ? ask(n) : delta(n) });
  };
  const stream = () => new LiveEventStream(() => main.open());
  const unread = () => readAll(main, () => main.unread);
  return { main, add, stream, unread };
}

describe('it is attended', () => {
  test('L5 from the opening of an iterator until the last one is left', async () => {
    const { main, stream } = startMain();
    expect(main.isAttended).toBe(false);
    const [first, second] = [stream(), stream()];
    expect(main.isAttended).toBe(true);
    await first.return();
    await first.return();
    expect(main.isAttended).toBe(true);
    await second.return();
    expect(main.isAttended).toBe(false);
  });

  test('L5 while a single read waits, and no longer', async () => {
    const { main, add } = startMain();
    const read = main.take();
    expect(main.isAttended).toBe(true);
    add(1);
    expect(numberOf(await read)).toBe(1);
    expect(main.isAttended).toBe(false);
  });

  test('L5 no more after an error of its loop, and again when it is read on', async () => {
    const { main, add, stream } = startMain();
    const events = stream();
    const read = events.next();
    const broken = new Error('broken');
    main.end(broken);
    await expect(read).rejects.toBe(broken);
    expect(main.isAttended).toBe(false);
    add(1);
    expect(numberOf((await events.next()).value)).toBe(1);
    expect(main.isAttended).toBe(true);
  });

  test('L9 no more after its end', async () => {
    const { main, stream } = startMain();
    const events = stream();
    main.end();
    expect(await events.next()).toEqual(DONE);
    expect(main.isAttended).toBe(false);
  });
});

describe('while nobody attends to it', () => {
  test('L5 it gives notifications up, the oldest first, no more than it has to, and never a server request', async () => {
    const { main, add, unread } = startMain();
    add(0, 1, 2, 3, 4, 5);
    main.evict(2);
    expect(main.evicted).toBe(2);
    main.evict(ALL);
    expect(main.evicted).toBe(4);
    await expect(main.take()).rejects.toMatchObject({ missed: 4 });
    expect(await unread()).toEqual([0, 3]);
  });

  test('L5 it gives nothing up while an iterator is open or a read waits', async () => {
    const { main, add, stream } = startMain();
    const events = stream();
    add(1);
    main.evict(ALL);
    await events.next();
    await events.return();
    const read = main.take();
    add(2);
    main.evict(ALL);
    expect(numberOf(await read)).toBe(2);
    expect(main.evicted).toBe(0);
  });

  test('L5 the next reader is told first how many it missed, once, and reads on with the same iterator', async () => {
    const { main, add, stream } = startMain();
    const left = stream();
    add(1, 2, 3, 4);
    expect(numberOf((await left.next()).value)).toBe(1);
    await left.return();
    main.evict(1);
    main.evict(1);
    add(5);
    const events = stream();
    const told = events.next();
    await expect(told).rejects.toBeInstanceOf(BackpressureError);
    await expect(told).rejects.toMatchObject({ code: 'CODEX_BACKPRESSURE', missed: 2 });
    const read = [await events.next(), await events.next()];
    expect(read.map(({ value }) => numberOf(value))).toEqual([3, 5]);
    expect(main.isAttended).toBe(true);
  });

  test('L5 one who leaves before it was told leaves it to the next reader', async () => {
    const { main, add, stream } = startMain();
    add(1, 2);
    main.evict(1);
    const leaving = stream();
    const read = leaving.next();
    await leaving.return();
    expect(await read).toEqual(DONE);
    await expect(stream().next()).rejects.toMatchObject({ missed: 1 });
    expect(numberOf((await stream().next()).value)).toBe(2);
  });

  test('L5 one who leaves before it was told of a cut leaves that to the next reader, too', async () => {
    const { main, add, stream } = startMain();
    add(1, 2);
    main.cut(1);
    expect(numberOf(await main.take())).toBe(1);
    const leaving = stream();
    const read = leaving.next();
    await leaving.return();
    expect(await read).toEqual(DONE);
    await expect(stream().next()).rejects.toMatchObject({ missed: 1 });
  });

  test('L5 what was missed is told before an end, and not to a read that was aborted before', async () => {
    const { main, add } = startMain();
    add(1);
    main.evict(ALL);
    main.end();
    const reason = new Error('mine');
    const limits = { signal: AbortSignal.abort(reason), timeoutError: () => new Error('late') };
    await expect(main.take(limits)).rejects.toBe(reason);
    await expect(main.take()).rejects.toMatchObject({ missed: 1 });
    expect(await main.take()).toBeUndefined();
  });
});

describe('through the client', () => {
  const buffer = { highWaterMark: 1_000, maxBytes: 1_000 };

  test('L5 one nextMessage() long ago makes no later request fail, and the next one is told what it missed', async () => {
    const server = await readyServer({ buffer });
    server.send(wire(delta(0)));
    expect(numberOf(await server.client.nextMessage())).toBe(0);
    for (let round = 1; round <= 30; round += 1) {
      const request = server.client.request('x/y');
      const { id } = (await server.receivedRequests(round + 1)).at(-1) ?? {};
      server.send(...deltas(round * 10, round * 10 + 9).map(wire), { id, result: round });
      expect(await request).toBe(round);
    }
    const { evicted } = server.client.stats().messages;
    expect(evicted).toBeGreaterThan(200);
    const told = outcomeOf(server.client.nextMessage());
    expect(await told).toBeInstanceOf(BackpressureError);
    expect(await told).toMatchObject({ missed: evicted });
    expect(numberOf(await server.client.nextMessage())).toBe(10 + evicted);
  });

  test('L5 a loop that was left is like none, and one that is open makes the request fail instead', async () => {
    const server = await readyServer({ buffer });
    const events = server.client.events();
    server.send(...deltas(0, 9).map(wire));
    await server.quiet();
    await expect(server.client.request('x/y')).rejects.toMatchObject({ missed: 0 });
    await events.return();
    const request = server.client.request('x/y');
    const { id } = (await server.receivedRequests(2)).at(-1) ?? {};
    server.send({ id, result: 'answered' });
    expect(await request).toBe('answered');
    const missed = server.client.stats().messages.evicted;
    expect(missed).toBeGreaterThan(0);
    await expect(server.client.events().next()).rejects.toMatchObject({ missed });
  });
});
