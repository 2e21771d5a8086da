/** The bound of one stream: when there is room, what a cut is, and what the flow is told. */
import { expect, test } from 'vitest';
import { StreamBound } from '../../../src/session/streams/stream-bound.js';
import { startFlow } from './fake-flow.js';

function startBound(maxBytes: number) {
  const { flow, pipe, wait } = startFlow();
  const bound = new StreamBound(flow);
  bound.change(maxBytes, 0);
  /** So much is held, and the pipe's chunk is over. */
  const hold = (bytes: number) => {
    bound.noteHeld(bytes);
    flow.decide();
  };
  return { bound, flow, pipe, wait, hold };
}

test('L5 there is always room without a bound', () => {
  const { flow } = startFlow();
  expect(new StreamBound(flow).hasRoomFor(1e12, true)).toBe(true);
});

test('L5 there is room up to the bound, and past it only for a reader that keeps up or while nobody waits', () => {
  const { bound, wait } = startBound(10);
  expect(bound.hasRoomFor(11, true)).toBe(true);
  const waiting = wait();
  expect([bound.hasRoomFor(10, true), bound.hasRoomFor(11, true), bound.hasRoomFor(11, false)]).toEqual([
    true,
    false,
    true,
  ]);
  waiting.leave();
  expect(bound.hasRoomFor(11, true)).toBe(true);
});

test('L3 the pipe is left to fill while the bound is reached and nobody waits', () => {
  const { bound, pipe, flow, wait, hold } = startBound(10);
  hold(9);
  expect(pipe.isRead).toBe(true);
  hold(10);
  expect(pipe.isRead).toBe(false);
  const waiting = wait();
  expect(pipe.isRead).toBe(true);
  waiting.leave();
  expect(pipe.isRead).toBe(false);
  bound.noteTaken(9);
  flow.decide();
  expect(pipe.isRead).toBe(true);
});

test('a bound that is raised, and a stream that counts no more, let the pipe go', () => {
  const raised = startBound(10);
  raised.hold(10);
  raised.bound.change(11, 10);
  expect(raised.pipe.isRead).toBe(true);
  const disowned = startBound(10);
  disowned.hold(10);
  disowned.bound.disown();
  disowned.flow.decide();
  expect(disowned.pipe.isRead).toBe(true);
});

test('L5 the first message that is missed cuts, and there is no room until the reader was told how many', () => {
  const { bound } = startBound(10);
  expect(bound.missed).toBeUndefined();
  expect([bound.noteMissed(1), bound.noteMissed(2)]).toEqual(['cut', 'missed']);
  expect(bound.hasRoomFor(1, false)).toBe(false);
  expect([bound.missed, bound.takeMissed(), bound.takeMissed()]).toEqual([3, 3, undefined]);
  expect(bound.hasRoomFor(1, true)).toBe(true);
});
