/** Where a message belongs, wherever its params say so. */
import { expect, test } from 'vitest';
import { scopeOf } from '../../../src/session/messages/server-message.js';

test.each<[unknown, string | undefined, string | undefined]>([
  [{ threadId: 't', turnId: 'u' }, 't', 'u'],
  [{ thread: { id: 't' }, turn: { id: 'u' } }, 't', 'u'],
  [{ threadId: 't', thread: { id: 'other' }, turnId: 'u', turn: { id: 'other' } }, 't', 'u'],
  [{ conversationId: 't' }, 't', undefined],
  [{ threadId: 't', conversationId: 'other' }, 't', undefined],
  [{ threadId: 0, thread: { id: 't' }, turnId: null, turn: { id: 'u' } }, 't', 'u'],
  [{ thread: null, turn: null }, undefined, undefined],
  [{ thread: 't', turn: 5 }, undefined, undefined],
  [{ thread: {}, turn: { id: 7 } }, undefined, undefined],
  [{}, undefined, undefined],
  [null, undefined, undefined],
  [undefined, undefined, undefined],
  ['threadId', undefined, undefined],
  [['threadId'], undefined, undefined],
])('L1 a message with the params %j is of thread %s and turn %s', (params, threadId, turnId) => {
  expect(scopeOf({ params })).toEqual({ threadId, turnId });
});

test('L1 an empty text is an id like any other', () => {
  expect(scopeOf({ params: { threadId: '', turnId: '' } })).toEqual({ threadId: '', turnId: '' });
});
