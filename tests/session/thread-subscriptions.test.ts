/** Which threads a connection has, and which of them a crash would lose. */
import type { ServerMessage } from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import { ThreadSubscriptions } from '../../src/session/thread-subscriptions.js';

/** A notification with the params that are looked at; the tests need no more of them. */
const told = (method: string, params: unknown): ServerMessage =>
  ({ kind: 'notification', method, params }) as never;

const said = (type: string, threadId = 't') => told('item/completed', { threadId, item: { type } });

/** Subscriptions after the answer to a call that gave the thread `t`. */
function after(method: string, thread: object = {}): ThreadSubscriptions {
  const subscriptions = new ThreadSubscriptions();
  subscriptions.noteAnswer(method, {}, { thread: { id: 't', ephemeral: false, ...thread } });
  return subscriptions;
}

test.each(['thread/start', 'thread/resume', 'thread/fork'])(
  '%s gives the connection its thread',
  (method) => {
    const subscriptions = after(method);
    expect(subscriptions.concerns(method)).toBe(true);
    expect([subscriptions.has('t'), subscriptions.has('other')]).toEqual([true, false]);
  },
);

test.each(['thread/unsubscribe', 'thread/archive', 'thread/delete'])('%s takes it away', (method) => {
  const subscriptions = after('thread/start');
  expect(subscriptions.concerns(method)).toBe(true);
  subscriptions.noteAnswer(method, { threadId: 'other' }, {});
  expect(subscriptions.has('t')).toBe(true);
  subscriptions.noteAnswer(method, { threadId: 't' }, {});
  expect([subscriptions.has('t'), subscriptions.unkept]).toEqual([false, []]);
});

test('so does the server when it closes the thread', () => {
  const subscriptions = after('thread/resume');
  subscriptions.note(told('thread/closed', { threadId: 'other' }));
  subscriptions.note(told('thread/closed', null));
  expect(subscriptions.has('t')).toBe(true);
  subscriptions.note(told('thread/closed', { threadId: 't' }));
  expect(subscriptions.has('t')).toBe(false);
});

test('no other call concerns it, and an answer without a thread gives none', () => {
  const subscriptions = new ThreadSubscriptions();
  expect(['thread/read', 'thread/list', 'turn/start'].filter((name) => subscriptions.concerns(name))).toEqual(
    [],
  );
  for (const result of [null, {}, { thread: null }, { thread: { id: 7 } }])
    subscriptions.noteAnswer('thread/start', {}, result);
  subscriptions.noteAnswer('thread/unsubscribe', null, {});
  expect(subscriptions.has('t')).toBe(false);
});

test('a thread that was taken and is given again is had for another time', () => {
  const subscriptions = after('thread/start');
  const first = subscriptions.timeOf('t');
  const give = (id: string) => subscriptions.noteAnswer('thread/resume', {}, { thread: { id } });
  give('t');
  give('other');
  expect(subscriptions.timeOf('t')).toBe(first);
  subscriptions.noteAnswer('thread/unsubscribe', { threadId: 't' }, {});
  expect(subscriptions.timeOf('t')).toBeUndefined();
  give('t');
  const times = new Set([first, subscriptions.timeOf('other'), subscriptions.timeOf('t')]);
  expect([times.size, times.has(undefined)]).toEqual([3, false]);
});

test('a thread is new when it was started here, to be kept, until its user has said something', () => {
  const subscriptions = after('thread/start');
  expect([subscriptions.isNew('t'), subscriptions.isNew('other')]).toEqual([true, false]);
  subscriptions.note(said('userMessage'));
  expect(subscriptions.isNew('t')).toBe(false);
  expect(after('thread/start', { ephemeral: true }).isNew('t')).toBe(false);
  expect(after('thread/fork').isNew('t')).toBe(false);
});

describe('a thread is kept over a crash', () => {
  test.each(['thread/resume', 'thread/fork'])('when it came by %s', (method) => {
    expect(after(method).unkept).toEqual([]);
  });

  test('when it was started here, from the first message of its user on', () => {
    const subscriptions = after('thread/start');
    expect(subscriptions.unkept).toEqual(['t']);
    subscriptions.note(said('agentMessage'));
    subscriptions.note(said('userMessage', 'other'));
    subscriptions.note(told('item/completed', null));
    subscriptions.note(told('item/started', { threadId: 't', item: { type: 'userMessage' } }));
    expect(subscriptions.unkept).toEqual(['t']);
    subscriptions.note(said('userMessage'));
    expect([subscriptions.unkept, subscriptions.has('t')]).toEqual([[], true]);
  });

  test.each(['thread/start', 'thread/resume', 'thread/fork'])('never when it is ephemeral: %s', (method) => {
    const subscriptions = after(method, { ephemeral: true });
    subscriptions.note(said('userMessage'));
    expect(subscriptions.unkept).toEqual(['t']);
  });
});
