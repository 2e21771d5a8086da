/** What is known of threads, and for how long. */
import { expect, test } from 'vitest';
import { KnownThreads } from '../../src/otel/thread-facts.js';
import type { ServerNotification } from '../../src/session/messages/server-message.js';
import { told } from '../view/told.js';

/** A notification of the thread. */
const said = (...message: Parameters<typeof told>) => told(...message) as ServerNotification;

test('what is told later adds to what is known, and takes nothing away', () => {
  const threads = new KnownThreads();
  threads.add('thread', { model: 'gpt-5.5', provider: 'local' });
  threads.add('thread', { model: undefined, agentName: 'Ada' });
  expect(threads.of('thread')).toEqual({ model: 'gpt-5.5', provider: 'local', agentName: 'Ada' });
});

test('changed settings change the model; a thread that was closed or deleted is forgotten', () => {
  const threads = new KnownThreads();
  const threadSettings = { model: 'gpt-5-mini', modelProvider: 'local' };
  // A setting that a test leaves out is one that nothing here looks at.
  threads.learn(said('thread/settings/updated', { threadSettings } as object));
  expect(threads.of('thread')).toEqual({ model: 'gpt-5-mini', provider: 'local' });
  threads.learn(said('thread/closed'));
  expect(threads.of('thread')).toEqual({});
  threads.add('thread', { model: 'gpt-5.5' });
  threads.learn(said('thread/deleted'));
  expect(threads.of('thread')).toEqual({});
});

test('ten thousand are remembered; then the one is forgotten that was heard of longest ago', () => {
  const threads = new KnownThreads();
  for (let n = 0; n < 10_000; n += 1) threads.add(`${n}`, { model: 'm' });
  threads.add('0', { lastTurnIds: ['again'] });
  threads.add('one more', { model: 'm' });
  expect(threads.of('1')).toEqual({});
  expect(threads.of('0')).toEqual({ model: 'm', lastTurnIds: ['again'] });
  expect(threads.of('one more')).toEqual({ model: 'm' });
});
