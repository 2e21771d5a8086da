/** Turns and items found and changed in their place. */
import { emptyView } from 'codex-async-client/view';
import { describe, expect, test } from 'vitest';
import { newTurn, withKnownTurn, withTurn, withTurnFacts, withWholeItem } from '../../src/view/turn-items.js';
import { agentMessage, frozen, turn } from './told.js';

describe('a turn', () => {
  const view = frozen({ ...emptyView(), turns: [newTurn('a'), newTurn('b')] });

  test('is changed in its place, and the others are the same objects', () => {
    const after = withTurn(view, 'a', (known) => ({ ...known, diff: 'd' }));
    expect(after.turns[0]).toEqual({ ...newTurn('a'), diff: 'd' });
    expect(after.turns[1]).toBe(view.turns[1]);
    expect(after.turns).toHaveLength(2);
  });

  test('that is not known yet begins at the end', () => {
    expect(withTurn(view, 'c', (known) => known).turns.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
    expect(withKnownTurn(view, 'c', (known) => ({ ...known, diff: 'd' }))).toBe(view);
  });

  test('that stays as it is leaves the view', () => {
    expect(withTurn(view, 'a', (known) => known)).toBe(view);
    expect(withTurn(view, undefined, (known) => ({ ...known, diff: 'd' }))).toBe(view);
  });
});

describe('the items of a turn that the server describes', () => {
  const started = withWholeItem(newTurn('turn'), agentMessage('a', 'so far'), 'started');

  test('are completed when the turn is over, and their places stay', () => {
    const both = withWholeItem(started, agentMessage('b', ''), 'started');
    const items = [agentMessage('a', 'whole')];
    const over = withTurnFacts(frozen(both), turn({ status: 'completed', items, itemsView: 'summary' }));
    expect(over.items).toMatchObject([
      { id: 'a', text: 'whole', state: 'completed' },
      { id: 'b', state: 'started' },
    ]);
  });

  test('are what they are while it runs: completed only with the time of their end', () => {
    const items = [agentMessage('b', ''), { ...agentMessage('c', 'x'), completedAtMs: 5 }];
    const running = withTurnFacts(frozen(started), turn({ items: [agentMessage('a', ''), ...items] }));
    expect(running.items.map(({ id, state }) => [id, state])).toEqual([
      ['a', 'started'],
      ['b', 'started'],
      ['c', 'completed'],
    ]);
    expect(running.items[0]).toBe(started.items[0]);
  });

  test('are those it had, where the server leaves them out', () => {
    const { items: _, ...bare } = turn({ status: 'interrupted' });
    expect(withTurnFacts(started, JSON.parse(JSON.stringify(bare))).items).toBe(started.items);
  });

  test('leave one more try as it is while the turn runs', () => {
    const error = { message: 'no', codexErrorInfo: null, additionalDetails: null, misalignment: null };
    const retrying = { ...started, retrying: error };
    expect(withTurnFacts(retrying, turn()).retrying).toBe(error);
    expect(withTurnFacts(retrying, turn({ status: 'failed' })).retrying).toBeNull();
  });

  test('do not take away what was known before', () => {
    const over = withTurnFacts(started, turn({ status: 'completed', completedAt: 5, durationMs: 6 }));
    const again = withTurnFacts(over, turn({ status: 'completed', startedAt: null }));
    expect(again).toBe(over);
  });
});
