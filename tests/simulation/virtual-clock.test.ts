/** The clock of a point: time passes only when it is told to, and what is planned for this moment is waited for. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Random } from './world/random.js';
import { VirtualClock } from './world/virtual-clock.js';

let clock: VirtualClock;
let restore: () => void;

beforeEach(() => {
  clock = new VirtualClock(new Random(1));
  restore = clock.install();
});

afterEach(() => restore());

test('timers fire in the order of their time, one at a time, and only when time passes', async () => {
  const fired: (string | number)[] = [];
  const fire = (name: string) => fired.push(name, performance.now());
  setTimeout(fire, 500, 'late');
  setTimeout(fire, 20, 'soon');
  clearTimeout(setTimeout(fire, 10, 'never'));
  await clock.quiet();
  expect(fired).toEqual([]);
  expect([await clock.advance(100), await clock.advance(100), await clock.advance(1_000)]).toEqual([
    true,
    false,
    true,
  ]);
  expect(fired).toEqual(['soon', 20, 'late', 500]);
  expect([clock.timers, await clock.advance(1_000)]).toEqual([0, false]);
});

test('an interval goes on until it is cleared', async () => {
  let fired = 0;
  const timer = setInterval(() => {
    fired += 1;
    if (fired === 3) clearInterval(timer);
  }, 10);
  while (await clock.advance(100));
  expect([fired, clock.nowMs]).toEqual([3, 30]);
});

test('it is quiet when every microtask and every planned turn of the event loop has passed, and none that was cleared is waited for', async () => {
  const passed: number[] = [];
  const next = (n: number) => {
    passed.push(n);
    if (n < 5) setImmediate(async () => next((await n) + 1));
  };
  next(0);
  clearImmediate(setImmediate(() => passed.push(-1)));
  await clock.quiet();
  expect(passed).toEqual([0, 1, 2, 3, 4, 5]);
});

test('chance and ids come from the seed', () => {
  const drawn = () => [Math.random(), crypto.randomUUID(), Date.now()];
  const first = drawn();
  restore();
  const again = new VirtualClock(new Random(1));
  restore = again.install();
  expect(drawn()).toEqual(first);
});
