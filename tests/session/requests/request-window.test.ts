/** The line and the window: who goes next, and how places come back. */
import { expect, test } from 'vitest';
import { RequestWindow } from '../../../src/session/requests/request-window.js';
import { turn } from '../../helpers/piped-server.js';

function startWindow(size: number) {
  const window = new RequestWindow(size);
  const started: number[] = [];
  const enter = (n: number) => window.enter(() => started.push(n));
  return { window, started, enter };
}

test('L7 as many start at once as there are places, and the rest follow first come, first served', async () => {
  const { window, started, enter } = startWindow(2);
  const places = [0, 1, 2, 3, 4].map(enter);
  expect(started).toEqual([0, 1]);
  expect(window.waiting).toBe(3);
  places[1]?.leave();
  await turn();
  expect(started).toEqual([0, 1, 2]);
  places[0]?.leave();
  places[2]?.leave();
  await turn();
  expect(started).toEqual([0, 1, 2, 3, 4]);
  expect(window.waiting).toBe(0);
});

test('L7 whoever leaves the line is never started, and the line is shorter at once', async () => {
  const { window, started, enter } = startWindow(1);
  const places = [0, 1, 2, 3].map(enter);
  places[2]?.leave();
  expect(window.waiting).toBe(2);
  for (const place of places) {
    place.leave();
    place.leave();
    await turn();
  }
  expect(started).toEqual([0, 1, 3]);
});

test('L7 a newcomer does not overtake the line when a place has just come free', async () => {
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

test('L7 leaving from within the start gives the place on', async () => {
  const window = new RequestWindow(1);
  const started: number[] = [];
  window.enter(() => started.push(0)).leave();
  window.enter(() => started.push(1));
  await turn();
  expect(started).toEqual([0, 1]);
});
