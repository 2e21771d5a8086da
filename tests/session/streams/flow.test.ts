/** When the pipe is read: the two limits, those who wait, and those who give up what they hold. */
import { BackpressureError } from 'codex-async-client';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { startFlow } from './fake-flow.js';

/** The size of each message here. */
const BYTES = 10;

/** Three messages without demand, ten with it. */
function startSmallFlow() {
  const { flow, pipe, wait } = startFlow({ highWaterMark: 3, maxBytes: 10 * BYTES });
  /** One pipe read that carried so many messages. */
  const read = (messages: number) => {
    for (let done = 0; done < messages; done += 1) flow.hold(BYTES);
    flow.decide();
  };
  const take = (messages = 1) => {
    for (let done = 0; done < messages; done += 1) flow.taken(BYTES);
  };
  return { flow, pipe, wait, read, take };
}

test('L6 nothing is held at first, and the pipe is not told to stop', () => {
  const { flow, pipe } = startSmallFlow();
  expect(flow.stats()).toEqual({
    held: { messages: 0, bytes: 0, peakMessages: 0, peakBytes: 0 },
    paused: { now: false, times: 0, totalMs: 0 },
  });
  expect(pipe.told).toEqual([]);
});

describe('the high-water mark', () => {
  test('L3 reading stops there and goes on below it', () => {
    const { flow, pipe, read, take } = startSmallFlow();
    read(2);
    expect(pipe.told).toEqual([]);
    read(1);
    expect(pipe.isRead).toBe(false);
    take();
    expect(pipe.isRead).toBe(true);
    expect(flow.stats()).toMatchObject({
      held: { messages: 2, bytes: 20, peakMessages: 3, peakBytes: 30 },
      paused: { now: false, times: 1 },
    });
  });

  test('L3 changes that belong together are judged once, when all are made', () => {
    const { flow, pipe, read } = startSmallFlow();
    read(3);
    flow.release(BYTES);
    flow.release(BYTES);
    flow.hold(BYTES);
    flow.hold(BYTES);
    flow.decide();
    expect(pipe.told).toEqual(['pause']);
    expect(flow.stats().paused.times).toBe(1);
  });

  test('L3 the pipe is told once, however often the same is decided', () => {
    const { flow, pipe, read } = startSmallFlow();
    read(3);
    read(1);
    flow.decide();
    expect(pipe.told).toEqual(['pause']);
    expect(flow.stats().paused.times).toBe(1);
  });
});

test('L13 a server on its way out is read so much further than maxBytes, and no more', () => {
  const { flow, pipe, wait, read } = startSmallFlow();
  const waiting = wait();
  read(10);
  expect(pipe.isRead).toBe(false);
  flow.leave(waiting);
  flow.enter({ fail: () => {} });
  flow.makeRoom(2 * BYTES);
  expect(pipe.isRead).toBe(true);
  read(1);
  expect(pipe.isRead).toBe(true);
  read(1);
  expect(pipe.isRead).toBe(false);
});

describe('somebody who waits', () => {
  test('L4 keeps the pipe read past the mark, until the wait is over', () => {
    const { pipe, wait, read } = startSmallFlow();
    const waiting = wait();
    read(7);
    expect(pipe.isRead).toBe(true);
    waiting.leave();
    read(1);
    expect(pipe.isRead).toBe(false);
    expect(waiting.errors).toEqual([]);
  });

  test.each([3, 7])('L4 who leaves stops the reading at once where %d are held', (messages) => {
    const { flow, pipe, wait, read } = startSmallFlow();
    const [first, last] = [wait(), wait()];
    read(messages);
    first.leave();
    expect(flow.isPaused).toBe(false);
    last.leave();
    expect(pipe.isRead).toBe(false);
    expect(flow.isPaused).toBe(true);
  });

  test('L4 on a pipe that is paused already has it read again', () => {
    const { pipe, wait, read } = startSmallFlow();
    read(3);
    expect(pipe.told).toEqual(['pause']);
    wait();
    expect(pipe.told).toEqual(['pause', 'resume']);
  });

  test('L4 counts once, however often the wait begins', () => {
    const { pipe, wait, read } = startSmallFlow();
    const waiting = wait().enter();
    waiting.leave();
    read(3);
    expect(pipe.isRead).toBe(false);
  });

  test('L4 is one of several: the last who leaves ends the reading', () => {
    const { pipe, wait, read } = startSmallFlow();
    const [first, second] = [wait(), wait()];
    first.leave();
    read(4);
    expect(pipe.isRead).toBe(true);
    second.leave();
    read(1);
    expect(pipe.isRead).toBe(false);
  });
});

describe('maxBytes', () => {
  test('L5 fails everybody who waits once, with an error that says what to do, and they leave', () => {
    const { flow, pipe, wait, read } = startSmallFlow();
    const all = [wait(), wait()];
    read(10);
    expect(pipe.isRead).toBe(false);
    flow.decide();
    for (const { errors } of all) {
      expect(errors).toEqual([expect.any(BackpressureError)]);
      expect(errors[0]?.message).toContain('10 unread messages (100 bytes) fill buffer.maxBytes (100)');
      expect(errors[0]?.message).not.toContain('answers');
      expect(errors[0]?.message).toContain(
        'read the open streams (events(), filtered ones, and runs that are iterated)',
      );
    }
  });

  test('L5 is not reached a byte below it', () => {
    const { flow, pipe, wait } = startSmallFlow();
    const waiting = wait();
    flow.hold(99);
    flow.decide();
    expect(flow.isFull).toBe(false);
    expect(pipe.isRead).toBe(true);
    flow.hold(1);
    flow.decide();
    expect(flow.isFull).toBe(true);
    expect(waiting.errors).toHaveLength(1);
  });

  test('L5 fails at once who begins to wait there', () => {
    const { pipe, wait, read } = startSmallFlow();
    read(10);
    const waiting = wait();
    expect(waiting.errors).toHaveLength(1);
    expect(pipe.isRead).toBe(false);
  });

  test('L5 who waits on for something else keeps nothing going while it is full, and has it read once there is room', () => {
    const { flow, pipe, wait, read, take } = startSmallFlow();
    const waiting = wait(false);
    read(10);
    expect(waiting.errors).toHaveLength(1);
    expect(pipe.isRead).toBe(false);
    take();
    expect(flow.stats().held.messages).toBe(9);
    expect(pipe.isRead).toBe(true);
    waiting.leave();
  });

  test('L5 what is to be said and is not read fills it like what is held, and the error names it', () => {
    const { flow, pipe, wait, read } = startSmallFlow();
    const waiting = wait(false);
    flow.reserve(70);
    read(3);
    expect(flow.isFull).toBe(true);
    expect(pipe.isRead).toBe(false);
    expect(waiting.errors[0]?.message).toContain('70 bytes of answers that the server does not read');
    flow.unreserve(70);
    expect(pipe.isRead).toBe(true);
    expect(flow.stats().held).toMatchObject({ bytes: 30, peakBytes: 30 });
  });

  test('L3 without anybody who waits it stops the reading below the mark, too', () => {
    const { flow, pipe } = startSmallFlow();
    flow.hold(200);
    flow.decide();
    expect(pipe.isRead).toBe(false);
  });
});

describe('a holder', () => {
  test('L5 is asked for just enough before anybody fails', () => {
    const { flow, pipe, wait, read } = startSmallFlow();
    const asked: number[] = [];
    flow.addHolder({
      giveUp: (bytes) => {
        asked.push(bytes);
        for (let given = 0; given < bytes; given += BYTES) flow.release(BYTES);
      },
    });
    const waiting = wait();
    read(12);
    expect(asked).toEqual([21]);
    expect(waiting.errors).toEqual([]);
    expect(flow.stats().held.bytes).toBe(90);
    expect(pipe.isRead).toBe(true);
  });

  test('L5 is asked for the rest when one before it could not give enough, and not when it could', () => {
    const { flow, wait, read } = startSmallFlow();
    const asked: string[] = [];
    const holder = (name: string, messages: number) => ({
      giveUp: (bytes: number) => {
        asked.push(`${name} ${bytes}`);
        for (let given = 0; given < messages; given += 1) flow.release(BYTES);
      },
    });
    for (const one of [holder('a', 1), holder('b', 2), holder('c', 9)]) flow.addHolder(one);
    const waiting = wait();
    read(12);
    expect(asked).toEqual(['a 21', 'b 11']);
    expect(waiting.errors).toEqual([]);
  });

  test('L5 that gives up too little cannot keep those who wait from failing', () => {
    const { flow, wait, read } = startSmallFlow();
    flow.addHolder({ giveUp: () => flow.release(BYTES) });
    const waiting = wait();
    read(12);
    expect(waiting.errors).toEqual([expect.any(BackpressureError)]);
  });

  test('L5 is not asked while nobody waits', () => {
    const { flow, read } = startSmallFlow();
    const giveUp = vi.fn();
    flow.addHolder({ giveUp });
    read(12);
    expect(giveUp).not.toHaveBeenCalled();
  });
});

describe('the end of the server', () => {
  test('L9 has the rest read whatever the limits say, and fails nobody', () => {
    const { flow, pipe, wait, read } = startSmallFlow();
    read(3);
    flow.readToEnd();
    expect(pipe.isRead).toBe(true);
    const waiting = wait();
    read(50);
    expect(pipe.told).toEqual(['pause', 'resume']);
    expect(waiting.errors).toEqual([]);
    expect(flow.stats().held.peakMessages).toBe(53);
  });
});

describe('the time that reading was stopped', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['performance'] });
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  test('is the sum of the pauses, the present one included', () => {
    const { flow, read, take } = startSmallFlow();
    vi.advanceTimersByTime(1_000);
    read(3);
    vi.advanceTimersByTime(30);
    expect(flow.stats().paused).toEqual({ now: true, times: 1, totalMs: 30 });
    take();
    vi.advanceTimersByTime(500);
    expect(flow.stats().paused).toEqual({ now: false, times: 1, totalMs: 30 });
    read(1);
    vi.advanceTimersByTime(4);
    expect(flow.stats().paused).toEqual({ now: true, times: 2, totalMs: 34 });
  });

  test('is never more than what has passed, whoever comes and goes meanwhile', () => {
    const { flow, pipe, wait, read, take } = startSmallFlow();
    const from = performance.now();
    let stoppedMs = 0;
    const steps = [
      () => read(4),
      () => wait(false),
      () => read(7),
      () => flow.decide(),
      () => take(3),
      () => read(8),
      () => take(9),
      () => flow.readToEnd(),
      () => read(3),
    ];
    for (const step of steps) {
      step();
      vi.advanceTimersByTime(7);
      if (!pipe.isRead) stoppedMs += 7;
      expect(flow.stats().paused.totalMs).toBe(stoppedMs);
      expect(stoppedMs).toBeLessThanOrEqual(performance.now() - from);
    }
  });
});
