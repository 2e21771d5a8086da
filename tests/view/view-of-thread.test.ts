/** A view that begins with what the server has, and goes on with messages that repeat some of it. */
import { applyMessage, emptyView, viewOfThread } from 'codex-async-client/view';
import { expect, test } from 'vitest';
import { thread } from './threads.js';
import { agentMessage, applied, asked, frozen, THREAD, told, turn, viewAfter } from './told.js';

const over = turn({
  id: 'first',
  status: 'completed',
  completedAt: 2,
  durationMs: 1_000,
  itemsView: 'full',
  items: [agentMessage('a', 'Hello')],
});
const running = turn({ id: 'second' });

test('has the thread and its turns', () => {
  const view = viewOfThread(frozen(thread({ name: 'Name', turns: [over, running] })), { epoch: '7' });
  expect(view).toMatchObject({ threadId: THREAD, epoch: '7', name: 'Name', cwd: '/work', requests: [] });
  expect(view.turns).toMatchObject([
    { id: 'first', status: 'completed', startedAt: 1, completedAt: 2, durationMs: 1_000 },
    { id: 'second', status: 'inProgress', completedAt: null, items: [] },
  ]);
  expect(view.turns[0]?.items).toEqual([
    { ...agentMessage('a', 'Hello'), state: 'completed', progress: null },
  ]);
});

test('is what the messages of the same thread make', () => {
  const messages = [
    { kind: 'notification' as const, method: 'thread/started', params: { thread: thread() } },
    told('turn/started', { turn: turn({ id: 'first' }) }),
    told('item/completed', { turnId: 'first', item: agentMessage('a', 'Hello') }),
    told('turn/completed', { turn: { ...over, items: [], itemsView: 'notLoaded' } }),
    told('turn/started', { turn: running }),
  ];
  expect(viewAfter(...messages)).toStrictEqual(viewOfThread(thread({ turns: [over, running] })));
});

test('is the same object after messages that repeat what it has', () => {
  const view = frozen(viewOfThread(thread({ turns: [over, running] })));
  const repeated = [
    told('thread/status/changed', { status: { type: 'idle' } }),
    told('turn/started', { turn: turn({ id: 'first' }) }),
    told('item/started', { turnId: 'first', item: agentMessage('a', '') }),
    told('item/agentMessage/delta', { turnId: 'first', itemId: 'a', delta: 'Hel' }),
    told('item/completed', { turnId: 'first', item: agentMessage('a', 'Hello') }),
    told('turn/completed', { turn: { ...over, items: [], itemsView: 'notLoaded' } }),
    told('turn/started', { turn: { ...running } }),
  ];
  for (const message of repeated) expect(applyMessage(view, frozen(message))).toBe(view);
});

test('goes on with the messages that come next', () => {
  const view = applied(
    viewOfThread(thread({ turns: [over, running] })),
    told('item/agentMessage/delta', { turnId: 'second', itemId: 'b', delta: 'Bye' }),
    asked(0, 'item/tool/call', { turnId: 'second' }),
  );
  expect(view.turns[1]?.items).toMatchObject([{ id: 'b', text: 'Bye', state: 'partial' }]);
  expect(view.requests).toHaveLength(1);
});

test('of a thread without turns is an empty view that knows the thread', () => {
  const { threadId, turns, requests } = viewOfThread(thread());
  expect({ threadId, turns, requests }).toEqual({ threadId: THREAD, turns: [], requests: [] });
  expect(emptyView().threadId).toBeNull();
});
