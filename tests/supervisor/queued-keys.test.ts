/** Which queued turns the runs of a supervisor wait for. */
import { expect, test } from 'vitest';
import { QueuedKeys } from '../../src/supervisor/queued-keys.js';

test('a key is known on its thread, from the moment at which it is added until it is deleted', () => {
  const keys = new QueuedKeys();
  keys.add('t', 'a');
  keys.add('t', 'b');
  keys.delete('t', 'a');
  keys.delete('u', 'b');
  expect([keys.has('t', 'a'), keys.has('t', 'b'), keys.has('u', 'b')]).toEqual([false, true, false]);
  keys.delete('t', 'b');
  expect(keys.has('t', 'b')).toBe(false);
});
