/** The buffer of one stream: order, one reader, and reads that give up without taking anything. */
import { BackpressureError, ConcurrentReadError, type ServerMessage } from 'codex-async-client';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { FlowLimits } from '../../../src/session/streams/flow.js';
import { MessageBuffer } from '../../../src/session/streams/message-buffer.js';
import { UnreadMessages } from '../../../src/session/streams/unread-messages.js';
import { ask, delta, numberOf } from '../../helpers/messages.js';
import { microtasks, outcomeOf, turn } from '../../helpers/piped-server.js';
import { readAll as readEach, startFlow } from './fake-flow.js';

const cutError = (missed: number) => new BackpressureError('cut', { missed });

/** A buffer whose messages are numbered by their place on the wire, each of 10 bytes. */
function startBuffer(limits?: Partial<FlowLimits>) {
  const { flow, pipe, wait } = startFlow(limits);
  const buffer = new MessageBuffer(flow, cutError);
  const held = (n: number, message: ServerMessage = delta(n)) => ({ sequence: n, bytes: 10, message });
  /** One pipe read that carried these. */
  const add = (...numbers: readonly number[]) => {
    for (const n of numbers) buffer.add(held(n));
    flow.decide();
  };
  const totals = () => {
    const { messages, bytes } = flow.stats().held;
    return { messages, bytes };
  };
  return { buffer, flow, pipe, wait, totals, held, add };
}

const readAll = (buffer: MessageBuffer) => readEach(buffer, () => buffer.count);

const timeoutError = (timeoutMs: number) => new Error(`nothing within ${timeoutMs} ms`);

const isEven = (message: ServerMessage) => Number(numberOf(message)) % 2 === 0;
const anything = () => true;

describe('reading', () => {
  test('L1 messages come out once, in the order they went in, over many segments', async () => {
    const { buffer, add, totals } = startBuffer();
    const numbers = Array.from({ length: 1_000 }, (_, index) => index);
    add(...numbers);
    expect(totals()).toEqual({ messages: 1_000, bytes: 10_000 });
    expect(await readAll(buffer)).toEqual(numbers);
    expect(totals()).toEqual({ messages: 0, bytes: 0 });
  });

  test('a waiting read gets the first message that is added', async () => {
    const { buffer, add } = startBuffer();
    const read = buffer.take();
    expect(buffer.isRead).toBe(true);
    add(1, 2);
    expect(numberOf(await read)).toBe(1);
    expect(buffer.isRead).toBe(false);
    expect(await readAll(buffer)).toEqual([2]);
  });

  test('a second read is refused until the first has taken its message, so that they cannot swap', async () => {
    const { buffer, add } = startBuffer();
    let isRefused = true;
    const first = buffer.take().then(numberOf);
    add(1, 2);
    let second: number | undefined;
    // Tries in every microtask between the arrival and the first read's taking.
    while (isRefused) {
      await Promise.resolve();
      try {
        second = numberOf(buffer.takeNow());
        isRefused = false;
      } catch (error) {
        expect(error).toBeInstanceOf(ConcurrentReadError);
      }
    }
    expect([await first, second]).toEqual([1, 2]);
  });

  test('takeNow throws while a read waits', async () => {
    const { buffer, add } = startBuffer();
    const read = buffer.take();
    expect(() => buffer.takeNow()).toThrow(ConcurrentReadError);
    add(1);
    expect(numberOf(await read)).toBe(1);
  });
});

describe('giving up', () => {
  const reason = new Error('enough');

  test('an aborted read rejects with the reason, and the next read gets the message', async () => {
    const { buffer, add } = startBuffer();
    const controller = new AbortController();
    const read = buffer.take({ signal: controller.signal, timeoutError });
    controller.abort(reason);
    await expect(read).rejects.toBe(reason);
    expect(buffer.isRead).toBe(false);
    add(1);
    expect(numberOf(await buffer.take())).toBe(1);
  });

  test.each(['message first', 'abort first'])(
    'a read that is aborted in the very turn its message comes loses nothing (%s)',
    async (order) => {
      const { buffer, add } = startBuffer();
      const controller = new AbortController();
      const read = buffer.take({ signal: controller.signal, timeoutError });
      if (order === 'abort first') controller.abort(reason);
      add(1);
      if (order === 'message first') controller.abort(reason);
      await expect(read).rejects.toBe(reason);
      expect(await readAll(buffer)).toEqual([1]);
    },
  );

  test('whichever microtask the abort comes in, the message is read once', async () => {
    for (let delay = 0; delay < 12; delay += 1) {
      const { buffer, add } = startBuffer();
      const controller = new AbortController();
      const read = buffer.take({ signal: controller.signal, timeoutError }).then(numberOf, () => undefined);
      add(1);
      for (let done = 0; done < delay; done += 1) await Promise.resolve();
      controller.abort(reason);
      const first = await read;
      expect([first, ...(await readAll(buffer))].filter((n) => n !== undefined)).toEqual([1]);
    }
  });

  test('a read with an aborted signal takes nothing, even when a message is at hand', async () => {
    const { buffer, add } = startBuffer();
    add(1);
    await expect(buffer.take({ signal: AbortSignal.abort(reason), timeoutError })).rejects.toBe(reason);
    expect(buffer.count).toBe(1);
    add(2);
    expect(numberOf(await buffer.take())).toBe(1);
    await expect(buffer.take({ signal: AbortSignal.abort(reason), timeoutError })).rejects.toBe(reason);
    expect(await readAll(buffer)).toEqual([2]);
  });

  test('another read may start as soon as the first was given up', async () => {
    const { buffer, add } = startBuffer();
    const controller = new AbortController();
    const first = buffer.take({ signal: controller.signal, timeoutError });
    controller.abort(reason);
    const second = buffer.take();
    add(1);
    await expect(first).rejects.toBe(reason);
    expect(numberOf(await second)).toBe(1);
  });

  test('only a read of the named owner is rejected', async () => {
    const { buffer, add } = startBuffer();
    const [mine, theirs] = [{}, {}];
    const read = buffer.take(undefined, mine);
    buffer.rejectReader(reason, theirs);
    add(1);
    expect(numberOf(await read)).toBe(1);
  });

  test('a read of the owner is rejected, and any read where none is named; without a read nothing happens', async () => {
    const { buffer, add } = startBuffer();
    const mine = {};
    buffer.rejectReader(reason);
    buffer.rejectReader(reason, mine);
    for (const owner of [mine, undefined]) {
      const read = buffer.take(undefined, mine);
      buffer.rejectReader(reason, owner);
      await expect(read).rejects.toBe(reason);
    }
    add(1);
    expect(numberOf(await buffer.take())).toBe(1);
  });

  test('L6 reads that were given up leave nothing behind: they share one look at what arrives', async () => {
    const { buffer, add } = startBuffer();
    const arrival = vi.spyOn(UnreadMessages.prototype, 'arrival');
    for (let n = 0; n < 10; n += 1) {
      const read = buffer.take();
      buffer.rejectReader(reason);
      await expect(read).rejects.toBe(reason);
    }
    expect(arrival).toHaveBeenCalledTimes(1);
    arrival.mockRestore();
    add(1);
    expect(numberOf(await buffer.take())).toBe(1);
  });
});

describe('moving messages', () => {
  test('takeMatching takes the matching messages, also those of a segment that is half read', async () => {
    const { buffer, add, totals } = startBuffer();
    add(0, 1, 2, 3, 4, 5);
    expect(numberOf(await buffer.take())).toBe(0);
    expect(buffer.takeMatching(isEven).map(({ message }) => numberOf(message))).toEqual([2, 4]);
    expect(totals().messages).toBe(3);
    add(6);
    expect(await readAll(buffer)).toEqual([1, 3, 5, 6]);
  });

  test('a read that was woken waits on when its message is claimed before it takes it', async () => {
    const { buffer, add } = startBuffer();
    const read = buffer.take();
    add(2);
    expect(buffer.takeMatching(anything)).toHaveLength(1);
    add(3);
    expect(numberOf(await read)).toBe(3);
  });

  test('insert puts a message at its place in wire order', async () => {
    const { buffer, add, held, totals } = startBuffer();
    add(0, 1, 3, 5);
    expect(numberOf(await buffer.take())).toBe(0);
    for (const n of [4, 2, 6, 0]) buffer.insert(held(n, ask(n)));
    expect(totals()).toEqual({ messages: 7, bytes: 70 });
    expect(await readAll(buffer)).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  test('takeMatching gives back the oldest until their bytes are enough', async () => {
    const { buffer, add, totals } = startBuffer();
    add(0, 1, 2, 3, 4, 5);
    expect(buffer.takeMatching(isEven, 20)).toHaveLength(2);
    expect(totals()).toEqual({ messages: 4, bytes: 40 });
    expect(await readAll(buffer)).toEqual([1, 3, 4, 5]);
  });

  test('L3 what is taken out makes room only when the flow is asked, because it may go elsewhere', () => {
    const { buffer, flow, pipe, add } = startBuffer({ highWaterMark: 2 });
    add(0, 1, 2);
    buffer.takeMatching(anything);
    expect(pipe.isRead).toBe(false);
    flow.decide();
    expect(pipe.isRead).toBe(true);
  });
});

describe('the end', () => {
  test('L9 everything unread is handed out before the failure', async () => {
    const { buffer, add } = startBuffer();
    const failure = new Error('gone');
    add(1, 2);
    buffer.end(failure);
    expect(await readAll(buffer)).toEqual([1, 2]);
    await expect(buffer.take()).rejects.toBe(failure);
    await expect(buffer.take()).rejects.toBe(failure);
  });

  test('a waiting read ends with the stream, and the first end stays', async () => {
    const { buffer } = startBuffer();
    const read = buffer.take();
    buffer.end();
    buffer.end(new Error('later'));
    expect(await read).toBeUndefined();
    expect(await buffer.take()).toBeUndefined();
  });

  test('a message handed back after the end is still read', async () => {
    const { buffer, held } = startBuffer();
    buffer.end();
    buffer.insert(held(7, ask(7)));
    expect(await readAll(buffer)).toEqual([7]);
    expect(await buffer.take()).toBeUndefined();
  });
});

describe('a reader and the flow', () => {
  test('L4 a reader of the empty buffer has a pipe read that is paused already', async () => {
    const { buffer, flow, pipe } = startBuffer({ highWaterMark: 2 });
    const other = new MessageBuffer(flow, cutError);
    for (const sequence of [0, 1]) other.add({ sequence, bytes: 10, message: delta(sequence) });
    flow.decide();
    expect(pipe.isRead).toBe(false);
    const read = buffer.take();
    expect(pipe.isRead).toBe(true);
    buffer.end();
    expect(await read).toBeUndefined();
  });

  test('L4 the wait is over with the first message, before anybody has taken it', async () => {
    const { buffer, pipe, add } = startBuffer({ highWaterMark: 1 });
    const read = buffer.take();
    add(1);
    expect(pipe.isRead).toBe(false);
    expect(numberOf(await read)).toBe(1);
    expect(pipe.isRead).toBe(true);
  });

  test('L4 a read that was given up, or refused, keeps nothing going', async () => {
    const { buffer, pipe, add } = startBuffer({ highWaterMark: 1 });
    const read = buffer.take();
    expect(() => buffer.takeNow()).toThrow(ConcurrentReadError);
    buffer.rejectReader(new Error('enough'));
    await expect(read).rejects.toThrow('enough');
    add(1);
    expect(pipe.isRead).toBe(false);
  });

  test('L4 a read whose message was taken elsewhere before it had it waits again, and has the pipe read', async () => {
    const { buffer, flow, pipe, add } = startBuffer({ highWaterMark: 1 });
    const other = new MessageBuffer(flow, cutError);
    const read = buffer.take();
    add(1);
    for (const held of buffer.takeMatching(anything)) other.add(held);
    flow.decide();
    expect(pipe.isRead).toBe(false);
    await microtasks(10);
    expect(pipe.isRead).toBe(true);
    add(2);
    expect(numberOf(await read)).toBe(2);
  });

  test('L5 a reader of the empty buffer fails where others fill maxBytes, takes nothing, and can read later', async () => {
    const { buffer, flow, add } = startBuffer({ maxBytes: 20 });
    const other = new MessageBuffer(flow, cutError);
    const read = buffer.take();
    for (const sequence of [0, 1]) other.add({ sequence, bytes: 10, message: delta(sequence) });
    flow.decide();
    await expect(read).rejects.toBeInstanceOf(BackpressureError);
    await expect(buffer.take()).rejects.toBeInstanceOf(BackpressureError);
    expect([await other.take(), await other.take()].map(numberOf)).toEqual([0, 1]);
    add(2);
    expect(numberOf(await buffer.take())).toBe(2);
  });

  test('L3 a message that is handed out makes room at once', async () => {
    const { buffer, pipe, add } = startBuffer({ highWaterMark: 2 });
    add(0, 1);
    expect(pipe.isRead).toBe(false);
    await buffer.take();
    expect(pipe.isRead).toBe(true);
  });
});

describe('limits of a read', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  test('a time limit of 0 is none: with nothing at hand the read waits', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    const { buffer, add } = startBuffer();
    const read = buffer.take({ timeoutMs: 0, timeoutError });
    expect(vi.getTimerCount()).toBe(0);
    vi.advanceTimersByTime(1_000_000);
    expect(await outcomeOf(read)).toBe('pending');
    add(1);
    expect(numberOf(await read)).toBe(1);
  });

  test('a read that took too long rejects with the error of its limit, and the next one gets the message', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    const { buffer, add } = startBuffer();
    const read = buffer.take({ timeoutMs: 50, timeoutError });
    vi.advanceTimersByTime(49);
    expect(buffer.isRead).toBe(true);
    vi.advanceTimersByTime(1);
    await expect(read).rejects.toThrow('nothing within 50 ms');
    add(1);
    expect(numberOf(await buffer.take({ timeoutMs: 50, timeoutError }))).toBe(1);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('messages that are disowned', () => {
  test('are read in order and count no more', async () => {
    const { buffer, pipe, add, totals, held } = startBuffer({ highWaterMark: 2 });
    const numbers = Array.from({ length: 600 }, (_, index) => index);
    add(...numbers);
    expect(numberOf(await buffer.take())).toBe(0);
    expect(pipe.isRead).toBe(false);
    buffer.disown();
    expect(totals()).toEqual({ messages: 0, bytes: 0 });
    expect(pipe.isRead).toBe(true);
    buffer.insert(held(1_000, ask(1_000)));
    expect(totals()).toEqual({ messages: 0, bytes: 0 });
    expect(await readAll(buffer)).toEqual([...numbers.slice(1), 1_000]);
    expect(totals()).toEqual({ messages: 0, bytes: 0 });
  });

  test('can be disowned again, taken out and waited for, which nobody counts', async () => {
    const { buffer, flow, add, totals, held } = startBuffer();
    const decided = vi.spyOn(flow, 'decide');
    buffer.add(held(1));
    buffer.disown();
    expect(decided).not.toHaveBeenCalled();
    buffer.disown();
    expect(buffer.takeMatching(anything)).toHaveLength(1);
    const read = buffer.take();
    add(2);
    expect(numberOf(await read)).toBe(2);
    expect(totals()).toEqual({ messages: 0, bytes: 0 });
  });

  test('still reach a read that was on its way to them', async () => {
    const { buffer, add } = startBuffer();
    const read = buffer.take();
    add(1, 2);
    buffer.end();
    buffer.disown();
    expect(numberOf(await read)).toBe(1);
    expect(await readAll(buffer)).toEqual([2]);
    expect(await buffer.take()).toBeUndefined();
  });
});

describe('merging what came with the message of a reader that waited', () => {
  const piece = (n: number) => delta(n, { threadId: 'a' });

  function startMerging(limits?: Partial<FlowLimits>) {
    const { buffer, flow, pipe, held, totals } = startBuffer(limits);
    buffer.coalesces = true;
    /** One chunk of pieces of one text. */
    const chunk = (...numbers: readonly number[]) => {
      for (const n of numbers) buffer.offer(held(n, piece(n)));
      flow.decide();
    };
    return { buffer, flow, pipe, chunk, totals };
  }

  test('L22 a reader that keeps up gets each by itself, also of one chunk', async () => {
    const { buffer, flow, chunk } = startMerging();
    const first = buffer.take();
    chunk(1, 2, 3);
    const read = [await first, await buffer.take(), await buffer.take()];
    expect(read).toEqual([piece(1), piece(2), piece(3)]);
    await turn();
    expect(flow.coalesced).toBe(0);
  });

  test('L22 one that is not back a turn later finds the rest merged', async () => {
    const { buffer, flow, chunk, totals } = startMerging();
    const first = buffer.take();
    chunk(1, 2, 3, 4);
    expect(await first).toEqual(piece(1));
    await turn();
    expect([totals().messages, flow.coalesced]).toEqual([1, 2]);
    const rest = await buffer.take();
    expect(rest).toMatchObject({ params: { delta: '234' }, coalesced: 3 });
    expect(totals()).toEqual({ messages: 0, bytes: 0 });
  });

  test('L22 a message counts as all that it stands for, also one into which others were merged before', async () => {
    const { buffer, flow, chunk } = startMerging();
    const first = buffer.take();
    chunk(1, 2, 3);
    expect(await first).toEqual(piece(1));
    // The reader lags by now: these are merged at once, and all of it a turn later.
    chunk(4, 5);
    await turn();
    expect(await buffer.take()).toMatchObject({ params: { delta: '2345' }, coalesced: 4 });
    expect([buffer.count, flow.coalesced]).toEqual([0, 3]);
  });

  test('L3 L22 the pipe is read on when merging has made room', async () => {
    const { buffer, pipe, chunk } = startMerging({ highWaterMark: 2 });
    const first = buffer.take();
    chunk(1, 2, 3, 4);
    expect(await first).toEqual(piece(1));
    expect(pipe.isRead).toBe(false);
    await turn();
    expect([buffer.count, pipe.isRead]).toEqual([1, true]);
  });
});
