/** The queues of turns: one turn at a time on a thread, and nothing is kept of a thread that has none. */
import { expect, test } from 'vitest';
import { TurnQueues } from '../../../src/runs/turn/turn-queues.js';
import { deferred } from '../../../src/support/deferred.js';
import { microtasks } from '../../helpers/piped-server.js';

test('L14 turns of one thread come one after the other, those of others beside them', async () => {
  const queues = new TurnQueues();
  const begun: string[] = [];
  const ends = { a1: deferred<void>(), a2: deferred<void>(), b: deferred<void>() };
  const turn = (name: keyof typeof ends) => () => {
    begun.push(name);
    return ends[name].promise;
  };
  queues.enter('a', turn('a1'));
  queues.enter('a', turn('a2'));
  queues.enter('b', turn('b'));
  expect(begun).toEqual(['a1', 'b']);
  ends.a1.resolve();
  await microtasks(20);
  expect(begun).toEqual(['a1', 'b', 'a2']);
});

test('a queue is dropped when its thread has no turn any more', async () => {
  const made: unknown[] = [];
  const set = Map.prototype.set;
  const queues = new TurnQueues();
  // What the class keeps is private; the one map that it writes to shows it.
  const kept = new Set<unknown>();
  Map.prototype.set = function (this: Map<unknown, unknown>, key: unknown, value: unknown) {
    if (key === 'only this thread') {
      made.push(value);
      kept.add(this);
    }
    return set.call(this, key, value);
  };
  try {
    queues.enter('only this thread', () => Promise.resolve());
  } finally {
    Map.prototype.set = set;
  }
  expect(made).toHaveLength(1);
  await microtasks(50);
  for (const map of kept) expect((map as Map<unknown, unknown>).size).toBe(0);
});

test('L14 one that goes beside waits until those before it have begun, and those behind it wait for its end', async () => {
  const queues = new TurnQueues();
  const begun: string[] = [];
  const turn = (name: string, over: Promise<void>) => () => {
    begun.push(name);
    return over;
  };
  const [first, second, beside] = [deferred<void>(), deferred<void>(), deferred<void>()];
  const [named, added] = [deferred<void>(), deferred<void>()];
  queues.enter('t', turn('first', first.promise), deferred<void>().promise);
  queues.enter('t', turn('second', second.promise), named.promise);
  queues.enterBeside('t', turn('beside', beside.promise), added.promise);
  queues.enter('t', turn('last', Promise.resolve()));
  await microtasks(20);
  expect(begun).toEqual(['first']);
  first.resolve();
  await microtasks(20);
  expect(begun).toEqual(['first', 'second']);
  named.resolve();
  await microtasks(20);
  expect(begun).toEqual(['first', 'second', 'beside']);
  added.resolve();
  second.resolve();
  await microtasks(20);
  expect(begun).toEqual(['first', 'second', 'beside']);
  beside.resolve();
  await microtasks(20);
  expect(begun).toEqual(['first', 'second', 'beside', 'last']);
});
