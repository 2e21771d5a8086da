/** Which queued turns the runs of a supervisor wait for. */
import { expect, test } from 'vitest';
import { QueuedKeys } from '../../src/supervisor/queued-keys.js';

test('a key is known on its thread, from the moment at which it is added until it is deleted', () => {
  const keys = new QueuedKeys();
  keys.add('t', 'a');
  keys.add('t', 'b');
  keys.delete('t', 'a');
  keys.delete('u', 'b');
  expect([[...keys.of('t')], [...keys.of('u')]]).toEqual([['b'], []]);
  keys.delete('t', 'b');
  expect([...keys.of('t')]).toEqual([]);
});
