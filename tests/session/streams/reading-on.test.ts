/** Waiting for what the server has to say first: it is a demand, no longer than it lasts. */
import { BackpressureError } from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import { readUntil, waitFor } from '../../../src/session/streams/reading-on.js';
import { deferred } from '../../../src/support/deferred.js';
import type { Demand } from '../../../src/support/demand.js';
import { turn } from '../../helpers/piped-server.js';

/** Those who wait. */
function startDemands() {
  const waiting = new Set<Demand>();
  const demands = {
    enter: (demand: Demand) => void waiting.add(demand),
    leave: (demand: Demand) => void waiting.delete(demand),
  };
  return { waiting, demands };
}

describe('waiting for something', () => {
  test('settles as it does, and is a demand until then', async () => {
    const { waiting, demands } = startDemands();
    const answered = deferred<string>();
    const wait = waitFor(demands, answered.promise);
    expect(waiting.size).toBe(1);
    answered.resolve('the answer');
    expect(await wait).toBe('the answer');
    expect(waiting.size).toBe(0);
    const error = new Error('refused');
    await expect(waitFor(demands, Promise.reject(error))).rejects.toBe(error);
    expect(waiting.size).toBe(0);
  });

  test('fails where nothing can be read', async () => {
    const { waiting, demands } = startDemands();
    const wait = waitFor(demands, new Promise(() => {}));
    const error = new BackpressureError('full', { missed: 0 });
    for (const demand of waiting) demand.fail(error);
    await expect(wait).rejects.toBe(error);
    expect(waiting.size).toBe(0);
  });
});

test.each([
  ['settled', (wait: ReturnType<typeof deferred<void>>) => wait.resolve()],
  ['failed', (wait: ReturnType<typeof deferred<void>>) => wait.reject(new Error('no'))],
])('reading until something has %s ends then, and does not fail for want of room', async (_, settle) => {
  const { waiting, demands } = startDemands();
  const awaited = deferred<void>();
  readUntil(demands, awaited.promise);
  for (const demand of waiting) demand.fail(new BackpressureError('full', { missed: 0 }));
  expect(waiting.size).toBe(1);
  settle(awaited);
  await turn();
  expect(waiting.size).toBe(0);
});
