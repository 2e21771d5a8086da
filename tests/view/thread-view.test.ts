/** The empty view, and that views are JSON. */
import { emptyView } from 'codex-async-client/view';
import { expect, test } from 'vitest';
import { thread } from './threads.js';
import { applied, asked, told, turn, viewAfter } from './told.js';

test('an empty view knows nothing, and is open', () => {
  const { epoch, life, isStale, turns, requests, ...unknown } = emptyView();
  expect({ epoch, life, isStale, turns, requests }).toEqual({
    epoch: '0',
    life: 'open',
    isStale: false,
    turns: [],
    requests: [],
  });
  expect(new Set(Object.values(unknown))).toEqual(new Set([null]));
});

test('an empty view is of the thread and the server process that it is told', () => {
  expect(emptyView({ threadId: 'a', epoch: '7' })).toMatchObject({ threadId: 'a', epoch: '7' });
  expect(emptyView({ threadId: undefined, epoch: undefined })).toEqual(emptyView());
});

test('a view that was JSON in the meantime is the same, and goes on', () => {
  const messages = [
    { kind: 'notification' as const, method: 'thread/started', params: { thread: thread() } },
    told('turn/started', { turn: turn() }),
    told('item/agentMessage/delta', { itemId: 'a', delta: 'Hel' }),
    told('item/mcpToolCall/progress', { itemId: 'm', message: 'half' }),
    asked(0, 'item/tool/call'),
  ];
  const view = viewAfter(...messages);
  const copy: typeof view = JSON.parse(JSON.stringify(view));
  expect(copy).toStrictEqual(view);
  const delta = told('item/agentMessage/delta', { itemId: 'a', delta: 'lo' });
  expect(applied(copy, delta)).toStrictEqual(applied(view, delta));
});

test('what an older server does not say stays unknown, and is no undefined', () => {
  const { model: _, reasoningEffort: __, ...older } = thread();
  const view = viewAfter({ kind: 'notification', method: 'thread/started', params: { thread: older } });
  expect(view).toMatchObject({ cwd: '/work', model: null, reasoningEffort: null });
  expect(JSON.parse(JSON.stringify(view))).toStrictEqual(view);
});
