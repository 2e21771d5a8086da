/** What every stream of unread messages tells of itself, and how its reader hears of a cut. */
import { expect, test } from 'vitest';
import { HeldStream } from '../../../src/session/streams/held-stream.js';
import { ask, delta } from '../../helpers/messages.js';
import { startFlow } from './fake-flow.js';

class Plain extends HeldStream {
  get held() {
    return this.buffer;
  }
}

function startPlain() {
  const { flow } = startFlow();
  const stream = new Plain(flow, 'my stream');
  stream.held.maxHeldBytes = 100;
  [delta(1), ask(2), delta(3)].forEach((message, sequence) => {
    stream.held.add({ sequence, bytes: 10, message });
  });
  return stream;
}

test('tells what it holds, what of that a cut can free, its bound, and whether its reader waits', () => {
  const stream = startPlain();
  const { name, unread, unreadBytes, droppableBytes, maxHeldBytes, isAwaited, missed } = stream;
  expect({ name, unread, unreadBytes, droppableBytes, maxHeldBytes, isAwaited, missed }).toEqual({
    name: 'my stream',
    unread: 3,
    unreadBytes: 30,
    droppableBytes: 20,
    maxHeldBytes: 100,
    isAwaited: false,
    missed: 0,
  });
});

test('L5 a cut gives the server requests back, and its reader is told by name, with the bound and the number', async () => {
  const stream = startPlain();
  expect(stream.cut(20).map(({ message }) => message)).toEqual([ask(2)]);
  expect([stream.unread, stream.missed]).toEqual([0, 2]);
  const read = stream.held.take();
  expect(stream.isAwaited).toBe(false);
  await expect(read).rejects.toMatchObject({ missed: 2, code: 'CODEX_BACKPRESSURE' });
  await expect(read).rejects.toThrow(
    /the reader of my stream lagged.*maxHeldBytes 100.*missed 2 notifications/,
  );
});
