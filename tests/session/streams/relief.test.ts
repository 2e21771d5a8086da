/** Who makes room where what is held fills `maxBytes` and somebody waits: whose messages go, how many, and what stays. */
import { BackpressureError, type ServerMessage } from 'codex-async-client';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { claimOf, type EventFilter } from '../../../src/session/streams/event-filter.js';
import type { FlowLimits } from '../../../src/session/streams/flow.js';
import type { HeldOptions } from '../../../src/session/streams/held-options.js';
import { type Cuttable, relieve } from '../../../src/session/streams/relief.js';
import { Streams } from '../../../src/session/streams/streams.js';
import type { HeldMessage } from '../../../src/session/streams/unread-messages.js';
import { ask, delta, numberOf } from '../../helpers/messages.js';
import { startFlow } from './fake-flow.js';

const NO_BOUND = Number.POSITIVE_INFINITY;

/** A stream of messages of ten bytes; `requests` of them, the newest, are server requests. */
class Laggard implements Cuttable {
  readonly maxHeldBytes: number;
  readonly isAwaited: boolean;
  #messages: number;
  #requests: number;
  #missed = 0;

  constructor({ messages = 0, requests = 0, maxHeldBytes = 1_000, isAwaited = false }) {
    this.#messages = messages;
    this.#requests = requests;
    this.maxHeldBytes = maxHeldBytes;
    this.isAwaited = isAwaited;
  }

  get unread(): number {
    return this.#messages + this.#requests;
  }

  get unreadBytes(): number {
    return (this.#messages + this.#requests) * 10;
  }

  get droppableBytes(): number {
    return this.#messages * 10;
  }

  get missed(): number {
    return this.#missed;
  }

  cut(bytes: number): HeldMessage[] {
    const dropped = Math.min(this.#messages, Math.ceil(bytes / 10));
    this.#messages -= dropped;
    this.#missed += dropped;
    const requests = Array.from({ length: this.#requests }, (_, n) => ({
      sequence: n,
      bytes: 10,
      message: ask(n),
    }));
    this.#requests = 0;
    return requests;
  }
}

const missedOf = (streams: readonly Cuttable[]) => streams.map(({ missed }) => missed);

describe('who is cut', () => {
  test('L5 the one that holds most, by what is wanted and no more', () => {
    const streams = [2, 9, 5].map((messages) => new Laggard({ messages }));
    expect(relieve(streams, 11, false)).toEqual({ cuts: 1, missed: 2, missedMerged: 0, requests: [] });
    expect(missedOf(streams)).toEqual([0, 2, 0]);
  });

  test('L5 of two that hold the same the older, and the next only when that was not enough', () => {
    const streams = [3, 3, 3].map((messages) => new Laggard({ messages }));
    expect(relieve(streams, 40, false)).toMatchObject({ cuts: 2, missed: 4 });
    expect(missedOf(streams)).toEqual([3, 1, 0]);
  });

  test('L5 none that may lose nothing, and none whose reader waits', () => {
    const lossless = new Laggard({ messages: 9, maxHeldBytes: NO_BOUND });
    const awaited = new Laggard({ messages: 9, isAwaited: true });
    const laggard = new Laggard({ messages: 1 });
    relieve([lossless, awaited, laggard], 10, false);
    expect(missedOf([lossless, awaited, laggard])).toEqual([0, 0, 1]);
  });

  test('L5 none at all where what may be cut would not be enough, so that nothing is lost for nothing', () => {
    const streams = [new Laggard({ messages: 3 }), new Laggard({ messages: 9, maxHeldBytes: NO_BOUND })];
    expect(relieve(streams, 31, false)).toEqual({ cuts: 0, missed: 0, missedMerged: 0, requests: [] });
    expect(missedOf(streams)).toEqual([0, 0]);
    expect(relieve(streams, 30, false)).toMatchObject({ cuts: 1, missed: 3 });
  });

  test('L5 all of them where the pipe is never left to fill, and as far as it goes', () => {
    const streams = [
      new Laggard({ messages: 3, maxHeldBytes: NO_BOUND }),
      new Laggard({ messages: 2, isAwaited: true }),
    ];
    expect(relieve(streams, 1_000, true)).toMatchObject({ cuts: 2, missed: 5 });
  });

  test('L5 server requests make no room, because they are kept', () => {
    const asked = new Laggard({ messages: 1, requests: 9 });
    const other = new Laggard({ messages: 2 });
    expect(relieve([asked, other], 31, false)).toMatchObject({ cuts: 0 });
    expect(relieve([asked, other], 30, false)).toMatchObject({ cuts: 2, missed: 3 });
    expect(relieve([new Laggard({ requests: 9 })], 1_000, true)).toMatchObject({ cuts: 0, requests: [] });
  });

  test('a stream that is cut again is not counted again', () => {
    const stream = new Laggard({ messages: 5 });
    expect(relieve([stream], 10, false).cuts).toBe(1);
    expect(relieve([stream], 10, false)).toMatchObject({ cuts: 0, missed: 1 });
  });
});

const laggards = fc.array(
  fc.record({
    messages: fc.nat(9),
    requests: fc.nat(3),
    maxHeldBytes: fc.constantFrom(1_000, 1_000, NO_BOUND),
    isAwaited: fc.boolean(),
  }),
  { maxLength: 6 },
);

test('L5 whatever is held, as much as is wanted becomes free or nothing is touched, and the last cut was needed', () =>
  fc.assert(
    fc.property(laggards, fc.integer({ min: 1, max: 300 }), fc.boolean(), (held, wanted, mustGive) => {
      const streams = held.map((each) => new Laggard(each));
      const before = streams.map(({ droppableBytes }) => droppableBytes);
      const { missed } = relieve(streams, wanted, mustGive);
      const freed = streams.map(({ droppableBytes }, n) => (before[n] ?? 0) - droppableBytes);
      const free = freed.reduce((sum, bytes) => sum + bytes, 0);
      expect(missed * 10).toBe(free);
      if (!mustGive) expect(free === 0 || free >= wanted).toBe(true);
      expect(free).toBeLessThan(wanted + 10);
      const able = held.filter(
        ({ maxHeldBytes, isAwaited }) => mustGive || (maxHeldBytes < NO_BOUND && !isAwaited),
      );
      const most = able.reduce((sum, { messages }) => sum + messages * 10, 0);
      expect(free >= wanted).toBe(most >= wanted);
    }),
    { numRuns: 1_000 },
  ));

/** Streams of messages of ten bytes, and somebody who waits. */
function startStreams(limits: Partial<FlowLimits> = {}) {
  const { flow, pipe, wait } = startFlow({ maxBytes: 100, ...limits });
  const streams = new Streams(flow, 100);
  const chunk = (...messages: readonly ServerMessage[]) => {
    for (const message of messages) streams.dispatch(message, 10);
    flow.decide();
  };
  const open = (filter: EventFilter, held: HeldOptions = {}) =>
    streams.open({ ...claimOf(filter), ...held }, { takesUnread: false });
  return { flow, pipe, wait, streams, chunk, open };
}

const inA = { threadId: 'a' };
const inB = { threadId: 'b' };
const many = (from: number, count: number, where: { readonly threadId: string }) =>
  Array.from({ length: count }, (_, n) => delta(from + n, where));

describe('over the streams of a session', () => {
  test('L5 a request does not fail while a laggard holds enough, although its newest are server requests', () => {
    const { wait, chunk, open, streams } = startStreams();
    const stream = open(inA);
    const demand = wait();
    chunk(...many(0, 5, inA), ...[5, 6, 7, 8, 9].map((n) => ask(n, inA)));
    expect(demand.errors).toEqual([]);
    expect(stream.missed).toBe(1);
    // What was asked behind the cut is asked of the next one, which is the main stream.
    expect(streams.main.requestCount).toBe(5);
  });

  test('L5 what was asked before the cut stays with the stream, also when all of its notifications are wanted', () => {
    const { chunk, open, streams } = startStreams({ neverPauses: true });
    const stream = open(inA);
    chunk(ask(0, inA), ask(1, inA), ...many(2, 3, inA), ...[5, 6, 7, 8, 9].map((n) => ask(n, inB)));
    chunk(...[10, 11, 12].map((n) => ask(n, inB)));
    expect([stream.unread, stream.missed]).toEqual([2, 3]);
    expect(streams.main.requestCount).toBe(8);
  });

  test('L5 nothing is cut where only server requests are held: they are kept, and the request fails', async () => {
    const { wait, chunk, open, streams } = startStreams();
    const stream = open(inA);
    streams.openMain({ maxHeldBytes: 100 });
    const demand = wait();
    chunk(...[0, 1, 2, 3, 4].map((n) => ask(n, inA)), ...[5, 6, 7, 8, 9].map((n) => ask(n, inB)));
    expect(demand.errors).toHaveLength(1);
    expect({ cuts: streams.cuts, missed: streams.missed }).toEqual({ cuts: 0, missed: 0 });
    expect([stream.unread, streams.main.unread]).toEqual([5, 5]);
  });

  test('L5 an open main stream is cut only where it was given a bound, or the pipe is never left to fill', () => {
    for (const [limits, opening, isCut] of [
      [{}, {}, false],
      [{}, { maxHeldBytes: 100 }, true],
      [{ neverPauses: true }, {}, true],
    ] as const) {
      const { wait, chunk, streams } = startStreams(limits);
      streams.openMain(opening);
      const demand = wait();
      chunk(...many(0, 10, inA));
      expect(demand.errors.length).toBe(isCut ? 0 : 1);
      expect(streams.cuts).toBe(isCut ? 1 : 0);
    }
  });

  test('L5 neverPauses reads on without anybody waiting, cuts, and keeps every server request', async () => {
    const { pipe, flow, chunk, open, streams } = startStreams({ neverPauses: true, highWaterMark: 2 });
    const stream = open(inA, { maxHeldBytes: NO_BOUND });
    for (let n = 0; n < 100; n += 1) chunk(delta(n, inA), n % 20 === 0 ? ask(1_000 + n, inB) : delta(n, inB));
    expect(pipe.told).toEqual([]);
    expect(flow.stats().held.bytes).toBeLessThan(100);
    expect(streams.main.requestCount).toBe(5);
    const read = [];
    while (stream.unread > 0) read.push(numberOf(await stream.take()));
    expect(read).toEqual([...read.keys()]);
    await expect(stream.take()).rejects.toMatchObject({ missed: 100 - read.length });
  });

  test('L5 what a main stream that nobody attends to can give up goes first, and a laggard loses the rest alone', () => {
    const { wait, chunk, open, streams } = startStreams();
    const stream = open(inA);
    wait();
    chunk(...many(0, 9, inA), delta(9, inB), delta(10, inA));
    expect(streams.main.evicted).toBe(1);
    expect(stream.missed).toBe(1);
    expect(streams.main.unread + stream.unread).toBe(9);
  });

  test('L5 BackpressureError says how many notifications the main stream missed', async () => {
    const { wait, chunk, streams } = startStreams();
    streams.openMain({ maxHeldBytes: 50 });
    wait();
    chunk(...many(0, 9, inA));
    const read = [];
    while (streams.main.unread > 0) read.push(numberOf(await streams.main.take()));
    expect(read).toEqual([0, 1, 2, 3, 4]);
    await expect(streams.main.take()).rejects.toBeInstanceOf(BackpressureError);
    expect(streams.main.missed).toBe(0);
  });
});

test('L5 L22 a merged message that is cut counts as all that were merged into it, once', async () => {
  const { flow, wait } = startFlow({ maxBytes: 100 });
  const streams = new Streams(flow);
  streams.openMain();
  const merging = streams.open({
    keys: { threadId: 'a' },
    precedence: 1,
    coalesce: true,
    maxHeldBytes: 1_000,
  });
  const inA = { threadId: 'a' };
  for (const message of [delta(1, inA), delta(2, inA), delta(3, inA)]) streams.dispatch(message, 10);
  expect([streams.coalesced, merging.unread]).toEqual([2, 1]);
  wait();
  streams.dispatch(delta(4), 95);
  flow.decide();
  expect({ missed: streams.missed, coalesced: streams.coalesced, told: merging.missed }).toEqual({
    missed: 3,
    coalesced: 0,
    told: 3,
  });
});

test('L5 L22 a merged message that the main stream gives up counts as all that were merged into it', () => {
  const { flow, wait } = startFlow({ maxBytes: 100 });
  const streams = new Streams(flow);
  const reader = streams.openMain({ coalesce: true });
  const inA = { threadId: 'a' };
  for (const message of [delta(1, inA), delta(2, inA), delta(3, inA)]) streams.dispatch(message, 10);
  expect([streams.coalesced, streams.main.unread]).toEqual([2, 1]);
  reader.close();
  wait();
  streams.dispatch(delta(4), 95);
  flow.decide();
  expect(streams.main.missed).toBe(3);
});
