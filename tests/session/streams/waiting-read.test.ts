/** A read that waits: it is left once, whatever settles it. */
import type { ServerMessage } from 'codex-async-client';
import { expect, test } from 'vitest';
import { WaitingRead } from '../../../src/session/streams/waiting-read.js';
import { delta } from '../../helpers/messages.js';

const FAILURE = new Error('no room');

test.each<[string, (read: WaitingRead) => void, ServerMessage | undefined | Error]>([
  ['a message', (read) => read.resolve(delta(1)), delta(1)],
  ['the end', (read) => read.resolve(undefined), undefined],
  ['a rejection', (read) => read.reject(FAILURE), FAILURE],
  ['L5 a demand that cannot be met', (read) => read.fail(FAILURE), FAILURE],
])('%s settles it, and it is left once', async (_, settle, expected) => {
  let left = 0;
  const owner = {};
  const read = new WaitingRead(owner, () => {
    left += 1;
  });
  expect(read.owner).toBe(owner);
  settle(read);
  settle(read);
  read.fail(new Error('later'));
  expect(left).toBe(1);
  if (expected instanceof Error) await expect(read.promise).rejects.toBe(expected);
  else expect(await read.promise).toEqual(expected);
});

test('a signal that fires leaves it, too', async () => {
  let left = 0;
  const controller = new AbortController();
  const read = new WaitingRead(undefined, () => {
    left += 1;
  });
  read.limit({ signal: controller.signal, timeoutError: () => FAILURE });
  controller.abort(FAILURE);
  await expect(read.promise).rejects.toBe(FAILURE);
  expect(left).toBe(1);
});
