/** A stream in the user's hands: what leaving, an end and an error mean for the main stream and for a filtered one. */
import { getEventListeners } from 'node:events';
import { BackpressureError, ConcurrentReadError, type ServerMessage } from 'codex-async-client';
import { describe, expect, test, vi } from 'vitest';
import { claimOf, type EventFilter } from '../../../src/session/streams/event-filter.js';
import {
  checkEventOptions,
  type EventOptions,
  LiveEventStream,
} from '../../../src/session/streams/event-stream.js';
import type { FlowLimits } from '../../../src/session/streams/flow.js';
import { Streams } from '../../../src/session/streams/streams.js';
import { ask, delta, numberOf } from '../../helpers/messages.js';
import { microtasks } from '../../helpers/piped-server.js';
import { readAll, startFlow } from './fake-flow.js';

const inA = { threadId: 'a' };
const DONE = { done: true, value: undefined };

function startEvents(limits?: Partial<FlowLimits>) {
  const { flow } = startFlow(limits);
  const streams = new Streams(flow);
  streams.openMain();
  const main = (options?: EventOptions) => new LiveEventStream(() => streams.openMain(), options);
  const filtered = (filter: EventFilter, options?: EventOptions) =>
    new LiveEventStream(() => streams.open(claimOf(filter)), options);
  const send = (...messages: readonly ServerMessage[]) => {
    for (const message of messages) streams.dispatch(message, 1);
    flow.decide();
  };
  const mainUnread = () => readAll(streams.main, () => streams.main.unread);
  return { streams, main, filtered, send, mainUnread };
}

const numberIn = (result: IteratorResult<ServerMessage, undefined>) => numberOf(result.value);

describe('the main stream', () => {
  test('L11 keeps what is unread for the next reader when it is left', async () => {
    const { main, send } = startEvents();
    send(delta(1), delta(2));
    for await (const message of main()) {
      expect(numberOf(message)).toBe(1);
      break;
    }
    expect(numberIn(await main().next())).toBe(2);
  });

  test('L11 leaving ends a read of its own, and takes nothing that comes in the same turn', async () => {
    const { main, send, mainUnread } = startEvents();
    const stream = main();
    const read = stream.next();
    send(delta(1));
    await stream.return();
    expect(await read).toEqual(DONE);
    expect(await stream.next()).toEqual(DONE);
    expect(await mainUnread()).toEqual([1]);
  });

  test('an error of a read that finds another one waiting releases it, as an error of a read that waits does', async () => {
    const { main, streams } = startEvents();
    const reading = streams.takeMain({ timeoutError: () => new Error('never') });
    const { signal } = new AbortController();
    await expect(main({ signal }).next()).rejects.toThrow(ConcurrentReadError);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    streams.end({ failure: undefined, cutOff: new Error('over') });
    expect(await reading).toBeUndefined();
  });

  test('L11 leaving does not end the read of another, which is refused to nobody else', async () => {
    const { main, send } = startEvents();
    const [reading, leaving] = [main(), main()];
    const read = reading.next();
    await expect(leaving.next()).rejects.toBeInstanceOf(ConcurrentReadError);
    await leaving.return();
    send(delta(1));
    expect(numberIn(await read)).toBe(1);
  });

  test('L5 can be read on after an error', async () => {
    const { main, filtered, send } = startEvents({ maxBytes: 1 });
    filtered(inA);
    const stream = main();
    send(delta(1, inA));
    await expect(stream.next()).rejects.toBeInstanceOf(BackpressureError);
    send(delta(2));
    expect(numberIn(await stream.next())).toBe(2);
  });
});

describe('a filtered stream', () => {
  test('L11 is closed when it is left: its requests and what would have come go to the main stream', async () => {
    const { streams, filtered, send, mainUnread } = startEvents();
    const stream = filtered(inA);
    send(ask(1, inA), delta(2, inA));
    await stream.return();
    await stream.return();
    send(delta(3, inA));
    expect(await stream.next()).toEqual(DONE);
    expect(await mainUnread()).toEqual([1, 3]);
    expect(streams.discarded).toBe(1);
  });

  test('L11 is closed by await using', async () => {
    const { filtered, send, mainUnread } = startEvents();
    {
      await using stream = filtered(inA);
      send(delta(1, inA));
      expect(numberIn(await stream.next())).toBe(1);
    }
    send(delta(2, inA));
    expect(await mainUnread()).toEqual([2]);
  });

  test('L5 is closed by an error, because a for await that threw does not come back', async () => {
    const { streams, filtered, send, mainUnread } = startEvents({ maxBytes: 1 });
    const stream = filtered(inA);
    send(delta(1));
    await expect(stream.next()).rejects.toBeInstanceOf(BackpressureError);
    send(delta(2, inA));
    expect(await mainUnread()).toEqual([1, 2]);
    expect(await stream.return()).toEqual(DONE);
    expect(await stream.next()).toEqual(DONE);
    expect(streams.discarded).toBe(0);
  });

  test('L5 opens again for who reads on after an error, and takes along what is unread on the main stream', async () => {
    const { streams, filtered, send, mainUnread } = startEvents({ maxBytes: 1 });
    const stream = filtered(inA);
    send(delta(1));
    await expect(stream.next()).rejects.toBeInstanceOf(BackpressureError);
    await expect(stream.next()).rejects.toBeInstanceOf(BackpressureError);
    send(ask(2, inA), delta(3, inA), delta(4));
    expect(numberIn(await stream.next())).toBe(2);
    send(delta(5, inA));
    expect(numberIn(await stream.next())).toBe(3);
    expect(numberIn(await stream.next())).toBe(5);
    expect(await mainUnread()).toEqual([1, 4]);
    await stream.return();
    send(delta(6, inA));
    expect(await mainUnread()).toEqual([6]);
    expect(streams.discarded).toBe(0);
  });

  test('L9 fails again, however often it is read after the end', async () => {
    const { streams, filtered, send } = startEvents();
    const stream = filtered(inA);
    const failure = new Error('gone');
    send(delta(1, inA));
    streams.end({ failure, cutOff: failure });
    expect(numberIn(await stream.next())).toBe(1);
    await expect(stream.next()).rejects.toBe(failure);
    await expect(stream.next()).rejects.toBe(failure);
  });

  test('is not closed by a second read, which is the fault of its caller', async () => {
    const { filtered, send } = startEvents();
    const stream = filtered(inA);
    const read = stream.next();
    await expect(stream.next()).rejects.toBeInstanceOf(ConcurrentReadError);
    send(delta(1, inA), delta(2, inA));
    expect(numberIn(await read)).toBe(1);
    expect(numberIn(await stream.next())).toBe(2);
  });

  test('whichever microtask it is left in, its message is read once or counted as dropped', async () => {
    for (let delay = 0; delay < 8; delay += 1) {
      const { streams, filtered, send } = startEvents();
      const stream = filtered(inA);
      const read = stream.next();
      send(delta(1, inA));
      await microtasks(delay);
      await stream.return();
      const wasRead = numberIn(await read) === 1;
      expect(streams.discarded).toBe(wasRead ? 0 : 1);
    }
  });

  test('collects everything up to the end', async () => {
    const { streams, filtered, send } = startEvents();
    const stream = filtered(inA);
    const all = stream.collect();
    send(delta(1, inA), delta(2, inA));
    await microtasks(20);
    send(delta(3, inA));
    streams.end({ failure: undefined, cutOff: new Error('cut off') });
    expect((await all).map(numberOf)).toEqual([1, 2, 3]);
    expect(await stream.next()).toEqual(DONE);
  });
});

describe('a stream with a signal', () => {
  const KINDS = [
    ['the main stream', 'main'],
    ['a filtered stream', 'filtered'],
  ] as const;

  /** A stream of the kind, with a signal. */
  function startAborted(kind: 'main' | 'filtered') {
    const events = startEvents();
    const abort = new AbortController();
    const options = { signal: abort.signal };
    const stream = () => (kind === 'main' ? events.main(options) : events.filtered(inA, options));
    return { ...events, abort, stream };
  }

  test.each(KINDS)('L11 of %s ends a loop that waits, without an error', async (_, kind) => {
    const { abort, stream, send, mainUnread } = startAborted(kind);
    const seen: (number | undefined)[] = [];
    const loop = (async () => {
      for await (const message of stream()) seen.push(numberOf(message));
    })();
    send(delta(1, inA));
    await microtasks(20);
    abort.abort(new Error('enough'));
    await loop;
    expect(seen).toEqual([1]);
    send(delta(2, inA));
    expect(await mainUnread()).toEqual([2]);
  });

  test.each(KINDS)('L11 of %s ends a loop at its next turn', async (_, kind) => {
    const { abort, stream, send } = startAborted(kind);
    send(delta(1, inA), delta(2, inA));
    const seen: (number | undefined)[] = [];
    for await (const message of stream()) {
      seen.push(numberOf(message));
      abort.abort();
    }
    expect(seen).toEqual([1]);
  });

  test.each(KINDS)('of %s that has fired before takes nothing', async (_, kind) => {
    const { abort, stream, send, mainUnread } = startAborted(kind);
    send(delta(1, inA));
    abort.abort();
    expect(await stream().next()).toEqual(DONE);
    expect(await mainUnread()).toEqual([1]);
  });

  test('L11 hands unread server requests back when it fires', async () => {
    const { abort, stream, send, mainUnread } = startAborted('filtered');
    const events = stream();
    send(delta(1, inA), ask(2, inA));
    abort.abort();
    expect(await events.next()).toEqual(DONE);
    expect(await mainUnread()).toEqual([2]);
  });

  test.each(KINDS)('of %s is watched for only as long as the stream is read', async (_, kind) => {
    const { abort, stream, streams } = startAborted(kind);
    const added = vi.spyOn(abort.signal, 'addEventListener');
    const removed = vi.spyOn(abort.signal, 'removeEventListener');
    const left = stream();
    await left.return();
    const ended = stream();
    streams.end({ failure: undefined, cutOff: new Error('cut off') });
    expect(await ended.next()).toEqual(DONE);
    expect(added).toHaveBeenCalledTimes(2);
    expect(removed).toHaveBeenCalledTimes(2);
  });

  test('of a loop that failed is watched for again when it is read on', async () => {
    const { streams, filtered, send } = startEvents({ maxBytes: 2 });
    const abort = new AbortController();
    const removed = vi.spyOn(abort.signal, 'removeEventListener');
    const stream = filtered(inA, { signal: abort.signal });
    const waiting = stream.next();
    send(delta(1), delta(2), delta(3));
    await expect(waiting).rejects.toBeInstanceOf(BackpressureError);
    expect(removed).toHaveBeenCalledTimes(1);
    await readAll(streams.main, () => streams.main.unread);
    const again = stream.next();
    abort.abort();
    expect(await again).toEqual(DONE);
  });

  test('L11 that fires after the loop failed leaves the stream, too: who reads on waits for nothing', async () => {
    const { streams, filtered, send } = startEvents({ maxBytes: 2 });
    const abort = new AbortController();
    const stream = filtered(inA, { signal: abort.signal });
    const waiting = stream.next();
    send(delta(1), delta(2), delta(3));
    await expect(waiting).rejects.toBeInstanceOf(BackpressureError);
    await readAll(streams.main, () => streams.main.unread);
    abort.abort();
    expect(await stream.next()).toEqual(DONE);
  });

  test.each<[unknown, string]>([
    [{ signal: 5 }, 'options.signal'],
    [{ signals: [] }, 'did you mean "signal"'],
    [null, 'options: expected an object'],
  ])('L20 is refused when it is none: %j', (options, message) => {
    expect(() => Reflect.apply(checkEventOptions, undefined, [options])).toThrow(message);
  });
});
