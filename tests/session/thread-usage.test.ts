/** What threads had used before the message that is being handed out. */
import type { ServerMessage } from 'codex-async-client';
import { expect, test } from 'vitest';
import { ThreadUsage } from '../../src/session/thread-usage.js';

const told = (method: string, params: unknown): ServerMessage =>
  ({ kind: 'notification', method, params }) as never;

const used = (threadId: string, totalTokens: number) =>
  told('thread/tokenUsage/updated', {
    threadId,
    turnId: 'u',
    tokenUsage: { total: { totalTokens }, last: { totalTokens: 1 } },
  });

test('knows the last total of each thread that told one', () => {
  const usage = new ThreadUsage();
  for (const message of [used('a', 10), used('b', 5), used('a', 30)]) usage.note(message);
  expect([usage.totalOf('a'), usage.totalOf('b'), usage.totalOf('c')]).toEqual([30, 5, undefined]);
});

test('a total that shrank is the last one, too', () => {
  const usage = new ThreadUsage();
  for (const message of [used('a', 30), used('a', 10)]) usage.note(message);
  expect(usage.totalOf('a')).toBe(10);
});

test.each([
  ['thread/closed', { threadId: 'a' }],
  ['thread/status/changed', { threadId: 'a', status: { type: 'notLoaded' } }],
])('nothing is kept of a thread that the server has unloaded: %s', (method, params) => {
  const usage = new ThreadUsage();
  for (const message of [used('a', 10), used('b', 5)]) usage.note(message);
  usage.note(told('thread/status/changed', { threadId: 'b', status: { type: 'idle' } }));
  usage.note(told(method, params));
  expect([usage.totalOf('a'), usage.totalOf('b')]).toEqual([undefined, 5]);
});

test('a message that lacks what it promises changes nothing', () => {
  const usage = new ThreadUsage();
  usage.note(used('a', 10));
  const method = 'thread/tokenUsage/updated';
  for (const params of [null, {}, { threadId: 'a' }, { threadId: 'a', tokenUsage: { total: null } }])
    usage.note(told(method, params));
  for (const other of ['thread/closed', 'thread/status/changed']) usage.note(told(other, undefined));
  expect(usage.totalOf('a')).toBe(10);
});
