/** Items that grow with deltas, from their beginning or from the middle. */
import { describe, expect, test } from 'vitest';
import type { FileUpdateChange, ThreadItem } from '../../src/protocol/generated.js';
import { agentMessage, applied, told, turnOf, viewAfter } from './told.js';

const CHANGE: FileUpdateChange = { path: '/a', kind: { type: 'add' }, diff: 'x\n' };
const itemId = 'item';

/** The messages that make an item grow, and what it is then. */
const GROWTHS = [
  ['item/agentMessage/delta', { delta: 'a' }, { type: 'agentMessage', text: 'a' }],
  ['item/plan/delta', { delta: 'a' }, { type: 'plan', text: 'a' }],
  ['item/reasoning/summaryPartAdded', { summaryIndex: 0 }, { type: 'reasoning', summary: [''], content: [] }],
  [
    'item/reasoning/summaryTextDelta',
    { summaryIndex: 1, delta: 'a' },
    { type: 'reasoning', summary: ['', 'a'] },
  ],
  ['item/reasoning/textDelta', { contentIndex: 0, delta: 'a' }, { type: 'reasoning', content: ['a'] }],
  [
    'item/commandExecution/outputDelta',
    { delta: 'a' },
    { type: 'commandExecution', command: '', aggregatedOutput: 'a', status: 'inProgress' },
  ],
  ['item/fileChange/patchUpdated', { changes: [CHANGE] }, { type: 'fileChange', changes: [CHANGE] }],
  ['item/mcpToolCall/progress', { message: 'half' }, { type: 'mcpToolCall', tool: '', progress: 'half' }],
] as const;

describe.each(GROWTHS)('%s', (method, params, grown) => {
  test('makes an item of what is known, when its beginning was not seen', () => {
    const [item] = turnOf(viewAfter(told(method, { ...params, itemId }))).items;
    expect(item).toMatchObject({ id: itemId, state: 'partial', ...grown });
  });

  test('makes the item grow that has started, and leaves all others', () => {
    const begun = [agentMessage('other', 'o'), ...[itemOf(grown.type)]].map((item) =>
      told('item/started', { item }),
    );
    const view = viewAfter(...begun);
    const [other, item] = turnOf(applied(view, told(method, { ...params, itemId }))).items;
    expect(other).toBe(turnOf(view).items[0]);
    expect(item).toMatchObject({ id: itemId, state: 'started', ...grown });
  });

  test('is a repetition once the item is completed', () => {
    const view = viewAfter(told('item/completed', { item: itemOf(grown.type) }));
    expect(applied(view, told(method, { ...params, itemId }))).toBe(view);
  });

  test('changes no item of another type', () => {
    const item: ThreadItem = { type: 'contextCompaction', id: itemId };
    const view = viewAfter(told('item/started', { item }));
    expect(applied(view, told(method, { ...params, itemId }))).toBe(view);
  });

  test('without the id of an item changes nothing', () => {
    const view = viewAfter(told('item/started', { item: itemOf(grown.type) }));
    expect(
      applied(view, { kind: 'notification', method, params: { threadId: 'thread', turnId: 'turn' } }),
    ).toBe(view);
  });
});

test('what deltas do not tell of an item is empty', () => {
  const unknown = GROWTHS.flatMap(([method, params, grown]) => {
    const [item] = turnOf(viewAfter(told(method, { ...params, itemId }))).items;
    const toldKeys = new Set(['type', 'id', 'state', ...Object.keys(grown)]);
    return Object.entries(item ?? {}).filter(([key]) => !toldKeys.has(key));
  });
  const filled = unknown.filter(([, value]) => value !== null && value !== '' && !Array.isArray(value));
  expect(Object.fromEntries(filled)).toEqual({ source: 'agent', status: 'inProgress' });
  expect(unknown.filter(([, value]) => Array.isArray(value) && value.length > 0)).toEqual([]);
});

test('deltas follow each other, each to its item, its part and its member', () => {
  const view = viewAfter(
    told('item/agentMessage/delta', { itemId: 'a', delta: 'Hel' }),
    told('item/reasoning/summaryTextDelta', { itemId: 'r', summaryIndex: 0, delta: '1' }),
    told('item/agentMessage/delta', { itemId: 'a', delta: 'lo' }),
    told('item/reasoning/textDelta', { itemId: 'r', contentIndex: 0, delta: 'raw' }),
    told('item/reasoning/summaryTextDelta', { itemId: 'r', summaryIndex: 1, delta: '2' }),
    told('item/reasoning/summaryTextDelta', { itemId: 'r', summaryIndex: 0, delta: '+' }),
  );
  expect(turnOf(view).items).toMatchObject([
    { id: 'a', text: 'Hello' },
    { id: 'r', summary: ['1+', '2'], content: ['raw'] },
  ]);
});

test('a delta that was merged from several is one like any other', () => {
  const merged = { ...told('item/agentMessage/delta', { itemId, delta: 'Hello' }), coalesced: 2 };
  expect(turnOf(viewAfter(merged)).items).toMatchObject([{ text: 'Hello' }]);
});

test('the changes of a file change, and the progress of a tool, are those told last', () => {
  const changes = [CHANGE, { ...CHANGE, path: '/b' }];
  const view = viewAfter(
    told('item/fileChange/patchUpdated', { itemId: 'f', changes: [CHANGE] }),
    told('item/fileChange/patchUpdated', { itemId: 'f', changes }),
    told('item/mcpToolCall/progress', { itemId: 'm', message: '1 of 2' }),
    told('item/mcpToolCall/progress', { itemId: 'm', message: '2 of 2' }),
  );
  expect(turnOf(view).items).toMatchObject([{ changes }, { progress: '2 of 2' }]);
  expect(applied(view, told('item/fileChange/patchUpdated', { itemId: 'f', changes: [...changes] }))).toBe(
    view,
  );
  expect(applied(view, told('item/mcpToolCall/progress', { itemId: 'm', message: '2 of 2' }))).toBe(view);
});

test('a patch that is told while the model writes it is a preview until the item begins', () => {
  const item = { type: 'fileChange' as const, id: 'f', changes: [CHANGE], status: 'inProgress' as const };
  const preview = { ...CHANGE, diff: '@@' };
  const view = viewAfter(
    told('item/fileChange/patchUpdated', { itemId: 'f', changes: [preview] }),
    told('item/started', { item: { type: 'plan', id: 'p', text: '' } }),
  );
  expect(turnOf(view).items).toMatchObject([{ changes: [preview], state: 'partial' }, { id: 'p' }]);
  const begun = applied(view, told('item/started', { item }));
  expect(turnOf(begun).items).toMatchObject([{ changes: [CHANGE], state: 'started' }, { id: 'p' }]);
  expect(applied(begun, told('item/started', { item: { ...item, changes: [preview] } }))).toBe(begun);
});

test('a delta without its text, or to a part that cannot be, adds nothing', () => {
  const wrong = (method: string, params: object) => ({
    kind: 'notification' as const,
    method,
    params: { threadId: 'thread', turnId: 'turn', ...params },
  });
  const view = viewAfter(
    told('item/agentMessage/delta', { itemId: 'a', delta: 'x' }),
    wrong('item/agentMessage/delta', { itemId: 'a' }),
    wrong('item/reasoning/textDelta', { itemId: 'r', contentIndex: -1, delta: 'x' }),
    wrong('item/reasoning/textDelta', { itemId: 'r', contentIndex: 1e15, delta: 'x' }),
    wrong('item/reasoning/summaryTextDelta', { itemId: 'r', summaryIndex: 2e9, delta: 'x' }),
    wrong('item/reasoning/textDelta', { itemId: 'r', delta: 'x' }),
  );
  expect(turnOf(view).items).toMatchObject([{ text: 'x' }, { content: [] }]);
});

/** An item with nothing in it yet, made from a view of one that nobody saw begin. */
function itemOf(type: ThreadItem['type']): ThreadItem {
  const growth = GROWTHS.find(([, , grown]) => grown.type === type);
  if (growth === undefined) throw new Error(`nothing grows ${type}`);
  const [item] = turnOf(viewAfter(told(growth[0], { ...growth[1], itemId }))).items;
  if (item === undefined) throw new Error('no item');
  const { state: _, progress: __, ...bare } = structuredClone(item);
  const empty = { text: '', summary: [], content: [], aggregatedOutput: null, changes: [] };
  return Object.assign(bare, Object.fromEntries(Object.entries(empty).filter(([key]) => key in bare)));
}
