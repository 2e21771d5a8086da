/** One listener per signal, whoever shares it. */
import { expect, test } from 'vitest';
import { watchAbort } from '../../src/support/abort-watch.js';
import { PipedServer, turn } from '../helpers/piped-server.js';

test('everybody who waits is told once, in order, and those who left are not', () => {
  const controller = new AbortController();
  const told: string[] = [];
  const tell = (name: string) => () => told.push(name);
  watchAbort(controller.signal, tell('a'));
  const leave = watchAbort(controller.signal, tell('b'));
  watchAbort(controller.signal, tell('c'));
  leave();
  leave();
  controller.abort();
  controller.abort();
  expect(told).toEqual(['a', 'c']);
});

test('a waiter that leaves while the others are told is not told any more', () => {
  const controller = new AbortController();
  const told: string[] = [];
  watchAbort(controller.signal, () => {
    told.push('a');
    leave();
  });
  const leave = watchAbort(controller.signal, () => told.push('b'));
  controller.abort();
  expect(told).toEqual(['a']);
});

test('a signal that all have left can be waited for again', () => {
  const controller = new AbortController();
  let told = 0;
  const tell = () => {
    told += 1;
  };
  watchAbort(controller.signal, tell)();
  watchAbort(controller.signal, tell);
  controller.abort();
  expect(told).toBe(1);
});

test('a thousand requests with one signal raise no warning, and one abort settles them all', async () => {
  const warnings: Error[] = [];
  const note = (warning: Error) => warnings.push(warning);
  process.on('warning', note);
  const { client } = new PipedServer();
  const controller = new AbortController();
  const calls = Array.from({ length: 1_000 }, () =>
    client.request('thread/loaded/list', {}, { signal: controller.signal }),
  );
  const settled = Promise.allSettled(calls);
  const reason = new Error('enough');
  controller.abort(reason);
  for (const call of await settled) expect(call).toEqual({ status: 'rejected', reason });
  await turn();
  process.off('warning', note);
  expect(warnings).toEqual([]);
  expect(client.stats().requests).toMatchObject({ waiting: 0, inFlight: 0 });
});
