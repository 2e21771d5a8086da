/** Unread messages in wire order, and that nothing is kept of those that were taken out. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { emptied, type HeldMessage, UnreadMessages } from '../../../src/session/streams/unread-messages.js';
import { ask, delta, numberOf } from '../../helpers/messages.js';
import { turn } from '../../helpers/piped-server.js';

setFlagsFromString('--expose-gc');
// The type of `gc` is known; an evaluated text has none.
const collectGarbage = runInNewContext('gc') as () => void;

function heapUsed(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

const heldDelta = (sequence: number, bytes = 1): HeldMessage => ({
  sequence,
  bytes,
  message: delta(sequence),
});

/** The next one, once it has arrived. */
async function take(unread: UnreadMessages): Promise<number | undefined> {
  for (;;) {
    const held = unread.shift();
    if (held !== undefined) return held.sequence;
    await unread.arrival();
  }
}

async function takeAll(unread: UnreadMessages): Promise<(number | undefined)[]> {
  const sequences = [];
  while (unread.count > 0) sequences.push(await take(unread));
  return sequences;
}

/** How many bytes more are in use after the rounds than before, at most, once they have run. */
async function largestGrowthOf(rounds: () => Promise<void>): Promise<number> {
  await rounds();
  // What an earlier test left behind may be freed during one of the measurements, and hide what that one would show.
  const growths: number[] = [];
  for (let n = 0; n < 3; n += 1) {
    const before = heapUsed();
    await rounds();
    growths.push(heapUsed() - before);
  }
  return Math.max(...growths);
}

test.each<[string, (unread: UnreadMessages) => void]>([
  ['claimed by other streams', (unread) => unread.takeMatching(() => true)],
  ['given up', (unread) => unread.takeMatching(() => true, 1_000)],
])('L6 a stream that nobody reads keeps nothing of the messages that were %s', async (_how, empty) => {
  const unread = new UnreadMessages();
  const message = delta(0);
  const rounds = async () => {
    for (let sequence = 0; sequence < 100_000; sequence += 1) {
      unread.add({ sequence, bytes: 1, message });
      empty(unread);
    }
    // Between two chunks of the pipe the promises settle.
    await turn();
  };
  expect(await largestGrowthOf(rounds)).toBeLessThan(100_000 * 20);
  expect(unread.count).toBe(0);
});

test('L6 L22 a stream that nobody reads any more keeps nothing of a state that is told again and again', async () => {
  const unread = new UnreadMessages();
  const message = delta(0);
  unread.add({ sequence: 0, bytes: 1, message });
  let latest: HeldMessage = { sequence: 1, bytes: 1, message };
  unread.add(latest);
  // Read once: the state is in the segment that was handed over.
  expect(await take(unread)).toBe(0);
  const rounds = async () => {
    for (let sequence = 2; sequence < 50_000; sequence += 1) {
      unread.remove(latest);
      latest = { sequence, bytes: 1, message };
      unread.add(latest);
    }
    await turn();
  };
  expect(await largestGrowthOf(rounds)).toBeLessThan(50_000 * 20);
  expect(unread.count).toBe(1);
  expect(unread.remove({ sequence: 0, bytes: 1, message })).toBe(false);
  expect(await takeAll(unread)).toEqual([49_999]);
});

test('L1 a stream whose messages were claimed hands out those that came later, in order', async () => {
  const unread = new UnreadMessages();
  let sequence = 0;
  const add = (count: number) => {
    for (let n = 0; n < count; n += 1) {
      unread.add(heldDelta(sequence));
      sequence += 1;
    }
  };
  const expected: number[] = [];
  const seen: (number | undefined)[] = [];
  for (let round = 0; round < 8; round += 1) {
    add(300);
    unread.takeMatching((message) => Number(numberOf(message)) % 7 !== 0);
    if (round % 3 === 0) unread.takeMatching(() => true);
    else for (let n = round * 300; n < sequence; n += 1) if (n % 7 === 0) expected.push(n);
    await Promise.resolve();
    if (round % 2 === 0) seen.push(...(await takeAll(unread)));
  }
  seen.push(...(await takeAll(unread)));
  // Round 0, 3 and 6 were claimed whole, and so was what nobody had read by then.
  const lost = new Set(expected.filter((n) => !seen.includes(n)));
  expect(seen).toEqual(expected.filter((n) => !lost.has(n)));
  expect(lost.size).toBe(expected.filter((n) => n >= 1_500 && n < 1_800).length);
});

test('taking out stops with the message whose bytes make it enough', () => {
  const unread = new UnreadMessages();
  for (const [sequence, bytes] of [5, 5, 1, 9].entries()) unread.add(heldDelta(sequence, bytes));
  const sequencesOf = (taken: readonly HeldMessage[]) => taken.map(({ sequence }) => sequence);
  expect(sequencesOf(unread.takeMatching(() => true, 0))).toEqual([]);
  expect(sequencesOf(unread.takeMatching(() => true, 6))).toEqual([0, 1]);
  expect(sequencesOf(unread.takeMatching((message) => numberOf(message) === 3, 100))).toEqual([3]);
  expect(unread.count).toBe(1);
});

test('the newest are taken from the oldest one that counts', () => {
  const unread = new UnreadMessages();
  for (const [sequence, isAsked] of [true, false, true, false, true].entries())
    unread.add({ sequence, bytes: 5, message: isAsked ? ask(sequence) : delta(sequence) });
  const said = ({ kind }: HeldMessage['message']) => kind === 'notification';
  expect({ count: unread.requestCount, bytes: unread.requestBytes }).toEqual({ count: 3, bytes: 15 });
  expect(unread.takeLast(said, 0)).toEqual([]);
  expect(unread.takeLast(said, 1).map(({ sequence }) => sequence)).toEqual([3, 4]);
  expect(unread.takeLast(said, 100).map(({ sequence }) => sequence)).toEqual([1, 2]);
  expect(unread.takeLast(said, 100)).toEqual([]);
  expect({ count: unread.count, requests: unread.requestBytes }).toEqual({ count: 1, requests: 5 });
});

test('all who wait for an arrival share one', async () => {
  const unread = new UnreadMessages();
  const arrival = unread.arrival();
  expect(unread.arrival()).toBe(arrival);
  unread.add(heldDelta(0));
  unread.add(heldDelta(1));
  expect(unread.shift()).toBeUndefined();
  await arrival;
  expect([unread.shift()?.sequence, unread.shift()?.sequence, unread.shift()]).toEqual([0, 1, undefined]);
});

/** One thing that happens to unread messages; numbers pick what it happens to. */
type Step =
  | { readonly do: 'add'; readonly count: number }
  | { readonly do: 'shift' | 'insert' | 'turn' | 'remove' }
  | { readonly do: 'takeLast'; readonly enough: number }
  | { readonly do: 'takeMatching'; readonly every: number; readonly enough: number };

const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('add' as const), count: fc.integer({ min: 1, max: 300 }) }),
  },
  { weight: 6, arbitrary: fc.record({ do: fc.constantFrom('shift', 'insert', 'turn', 'remove') }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('takeLast' as const), enough: fc.integer({ min: 1, max: 400 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('takeMatching' as const),
      every: fc.integer({ min: 1, max: 4 }),
      enough: fc.integer({ min: 1, max: 400 }),
    }),
  },
);

test('L1 whatever is added, inserted and taken out, in any order, the rest comes out in wire order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(steps, { maxLength: 30, size: 'max' }), async (run) => {
      const unread = new UnreadMessages();
      const added = new Map<number, HeldMessage>();
      let model: number[] = [];
      // Added ones are even, so that between any two there is place for one that is inserted.
      let next = 0;
      for (const step of run) {
        if (step.do === 'add') {
          for (let n = 0; n < step.count; n += 1) {
            const held = heldDelta(next);
            added.set(next, held);
            unread.add(held);
            model.push(next);
            next += 2;
          }
        } else if (step.do === 'insert') {
          const middle = model[Math.floor(model.length / 2)];
          if (middle === undefined || middle % 2 === 1 || model.includes(middle + 1)) continue;
          const held = { sequence: middle + 1, bytes: 1, message: ask(middle + 1) };
          added.set(middle + 1, held);
          unread.insert(held);
          model = [...model, middle + 1].sort((a, b) => a - b);
        } else if (step.do === 'takeMatching') {
          const isTaken = (message: Parameters<typeof numberOf>[0]) =>
            Number(numberOf(message)) % step.every === 0;
          const taken = unread.takeMatching(isTaken, step.enough).map(({ sequence }) => sequence);
          expect(taken).toEqual(model.filter((n) => n % step.every === 0).slice(0, step.enough));
          model = model.filter((n) => !taken.includes(n));
        } else if (step.do === 'takeLast') {
          const taken = unread.takeLast(() => true, step.enough).map(({ sequence }) => sequence);
          expect(taken).toEqual(model.slice(-step.enough));
          model = model.slice(0, -step.enough);
        } else if (step.do === 'remove') {
          const held = added.get(model[Math.floor(model.length / 2)] ?? -1);
          if (held === undefined) continue;
          expect(unread.remove(held)).toBe(true);
          model = model.filter((n) => n !== held.sequence);
        } else if (step.do === 'turn') await turn();
        else if (model.length > 0) expect(await take(unread)).toBe(model.shift());
        expect(unread.count).toBe(model.length);
      }
      expect(await takeAll(unread)).toEqual(model);
    }),
    { numRuns: 300 },
  );
});

test('L6 what held a message keeps nothing of it once it was taken out', () => {
  const message = delta(1);
  const held = { sequence: 1, bytes: 10, message };
  expect(emptied(held)).toBe(message);
  expect(held.message).not.toBe(message);
});
