/** When the pipe is read: the two limits, demand, and relief. */
import { BackpressureError } from 'codex-async-client';
import { expect, test } from 'vitest';
import { Flow } from '../../../src/session/streams/flow.js';

/** A flow over a fake session: 3 messages without demand, 100 bytes with it. */
function startFlow() {
  const state = { demand: false, reading: true, evictable: 0 };
  const failures: BackpressureError[] = [];
  const flow: Flow = new Flow(
    { highWaterMark: 3, maxBytes: 100 },
    {
      hasDemand: () => state.demand,
      evict: (enough) => {
        while (state.evictable > 0 && !enough()) {
          state.evictable -= 1;
          flow.remove(10);
        }
      },
      failDemand: (error) => {
        failures.push(error);
        state.demand = false;
      },
      pause: () => {
        state.reading = false;
      },
      resume: () => {
        state.reading = true;
      },
    },
  );
  /** One pipe read that carried this many messages of 10 bytes. */
  const read = (messages: number) => {
    for (let done = 0; done < messages; done += 1) flow.add(10);
    flow.decide();
  };
  return { flow, state, failures, read };
}

test('L3 reading stops at the high-water mark and goes on below it', () => {
  const { flow, state, read } = startFlow();
  read(2);
  expect(state.reading).toBe(true);
  read(1);
  expect(state.reading).toBe(false);
  flow.remove(10);
  expect(state.reading).toBe(true);
  expect(flow.stats()).toMatchObject({
    held: { messages: 2, bytes: 20, peakMessages: 3, peakBytes: 30 },
    paused: { now: false, times: 1 },
  });
});

test('L4 demand makes reading go on past the mark, and stops counting when it is met', () => {
  const { flow, state, read } = startFlow();
  read(3);
  state.demand = true;
  flow.decide();
  expect(state.reading).toBe(true);
  read(4);
  expect(state.reading).toBe(true);
  state.demand = false;
  read(1);
  expect(state.reading).toBe(false);
});

test('L5 demand at maxBytes fails once, with an error that says what to do', () => {
  const { state, failures, read } = startFlow();
  state.demand = true;
  read(10);
  expect(state.reading).toBe(false);
  expect(failures).toHaveLength(1);
  expect(failures[0]).toBeInstanceOf(BackpressureError);
  expect(failures[0]?.message).toContain('10 unread messages (100 bytes) fill buffer.maxBytes (100)');
});

test('L5 what may be given up is given up before any demand fails', () => {
  const { flow, state, failures, read } = startFlow();
  state.demand = true;
  state.evictable = 5;
  read(12);
  expect(failures).toEqual([]);
  expect(flow.stats().held.bytes).toBe(90);
  expect(state.reading).toBe(true);
});

test('L3 changes that belong together are judged once, when all are made', () => {
  const { flow, state, read } = startFlow();
  read(3);
  flow.together(() => {
    flow.remove(10);
    flow.remove(10);
    flow.add(10);
    flow.add(10);
  });
  expect(state.reading).toBe(false);
  expect(flow.stats().paused.times).toBe(1);
});

test('when the server is gone the rest is read whatever the limits say', () => {
  const { flow, state, read } = startFlow();
  read(3);
  flow.readToEnd();
  read(50);
  expect(state.reading).toBe(true);
});
