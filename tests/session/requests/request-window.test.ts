/** The queue and the window: who goes next, and how slots come back. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RequestWindow, type Slot } from '../../../src/session/requests/request-window.js';
import { turn } from '../../helpers/piped-server.js';

function startWindow(slots: number) {
  const window = new RequestWindow(slots);
  const started: number[] = [];
  const enter = (n: number) => window.enter(() => started.push(n));
  return { window, started, enter };
}

test('L7 as many start at once as there are slots, and the rest follow first come, first served', async () => {
  const { window, started, enter } = startWindow(2);
  const slots = [0, 1, 2, 3, 4].map(enter);
  expect(started).toEqual([0, 1]);
  expect(window.waiting).toBe(3);
  slots[1]?.leave();
  await turn();
  expect(started).toEqual([0, 1, 2]);
  slots[0]?.leave();
  slots[2]?.leave();
  await turn();
  expect(started).toEqual([0, 1, 2, 3, 4]);
  expect(window.waiting).toBe(0);
});

test('L7 whoever leaves the queue is never started, and the queue is shorter at once', async () => {
  const { window, started, enter } = startWindow(1);
  const slots = [0, 1, 2, 3].map(enter);
  slots[2]?.leave();
  expect(window.waiting).toBe(2);
  for (const slot of slots) {
    slot.leave();
    slot.leave();
    await turn();
  }
  expect(started).toEqual([0, 1, 3]);
});

describe('a slot that was left', () => {
  test('L7 starts the next one a microtask later, never in the step that left it', async () => {
    const { window, started, enter } = startWindow(1);
    const slot = enter(0);
    enter(1);
    slot.leave();
    expect(started).toEqual([0]);
    expect(window.waiting).toBe(1);
    await Promise.resolve();
    expect(started).toEqual([0, 1]);
  });

  test('L7 counts as taken until then, so that a newcomer does not overtake the queue', async () => {
    const { started, enter } = startWindow(1);
    const first = enter(0);
    enter(1);
    first.leave();
    for (let n = 2; n < 12; n += 1) {
      enter(n);
      await Promise.resolve();
    }
    expect(started).toEqual([0, 1]);
  });

  test('L7 goes to a newcomer when nobody was in the queue', async () => {
    const { started, enter } = startWindow(1);
    enter(0).leave();
    enter(1);
    expect(started).toEqual([0]);
    await Promise.resolve();
    expect(started).toEqual([0, 1]);
  });

  test('L7 is free again when nobody wanted it, for one', async () => {
    const { started, enter } = startWindow(1);
    enter(0).leave();
    await turn();
    enter(1);
    enter(2);
    expect(started).toEqual([0, 1]);
  });

  test('L7 goes to nobody who left the queue in the meantime', async () => {
    const { window, started, enter } = startWindow(1);
    const slots = [0, 1, 2].map(enter);
    slots[0]?.leave();
    slots[1]?.leave();
    await turn();
    expect(started).toEqual([0, 2]);
    expect(window.waiting).toBe(0);
  });

  test('L7 is given on when it is left from within the start', async () => {
    const window = new RequestWindow(1);
    const started: number[] = [];
    const slots: Slot[] = [];
    for (const n of [0, 1, 2]) {
      slots.push(
        window.enter(() => {
          started.push(n);
          slots[n]?.leave();
        }),
      );
    }
    expect(started).toEqual([0]);
    slots[0]?.leave();
    await turn();
    expect(started).toEqual([0, 1, 2]);
  });
});

describe('a slot that stays taken', () => {
  test('L7 is any but the last one that is free for others', () => {
    const { window } = startWindow(3);
    expect([window.keepSlot(), window.keepSlot(), window.keepSlot()]).toEqual([true, true, false]);
    window.unkeepSlot();
    expect([window.keepSlot(), window.keepSlot()]).toEqual([true, false]);
    expect(startWindow(1).window.keepSlot()).toBe(false);
  });

  test('L7 is given on once, however often it is left', async () => {
    const { started, enter } = startWindow(1);
    const slot = enter(0);
    enter(1);
    enter(2);
    slot.leave();
    slot.leave();
    await turn();
    expect(started).toEqual([0, 1]);
  });
});

type Step =
  | { readonly do: 'enter' }
  | { readonly do: 'microtask' }
  | { readonly do: 'leave'; readonly pick: number };

const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom<Step>({ do: 'enter' }, { do: 'microtask' }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('leave' as const), pick: fc.nat(20) }) },
);

test('L7 however callers come and go, no more are started than there are slots, and in the order they came', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 4 }),
      fc.array(steps, { maxLength: 40 }),
      async (size, run) => {
        const window = new RequestWindow(size);
        const started: number[] = [];
        const gone = new Set<number>();
        const slots: Slot[] = [];
        for (const step of run) {
          const before = started.length;
          if (step.do === 'enter') {
            const n = slots.length;
            slots.push(window.enter(() => started.push(n)));
          } else if (step.do === 'microtask') await Promise.resolve();
          else if (step.pick < slots.length) {
            slots[step.pick]?.leave();
            gone.add(step.pick);
            expect(started).toHaveLength(before);
          }
          expect(started.filter((n) => !gone.has(n)).length).toBeLessThanOrEqual(size);
          expect(started).toEqual(started.toSorted((a, b) => a - b));
        }
        await turn();
        const waiting = slots.length - new Set([...started, ...gone]).size;
        expect(window.waiting).toBe(waiting);
        if (waiting > 0) expect(started.filter((n) => !gone.has(n))).toHaveLength(size);
      },
    ),
    { numRuns: 1_000 },
  );
});
