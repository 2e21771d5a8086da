/** What each notification does to a view: by hand for those that are folded; all others change nothing. */
import { emptyView } from 'codex-async-client/view';
import { describe, expect, test } from 'vitest';
import type { ThreadTokenUsage, TurnError } from '../../src/protocol/generated.js';
import { SERVER_NOTIFICATION_METHODS } from '../../src/protocol/generated.js';
import { NOTIFICATION_FOLDS } from '../../src/view/notification-folds.js';
import { thread } from './threads.js';
import { agentMessage, applied, asked, THREAD, TURN, told, turn, turnOf, viewAfter } from './told.js';

const error: TurnError = {
  message: 'no',
  codexErrorInfo: 'other',
  additionalDetails: null,
  misalignment: null,
};

/** A usage with one number in it. */
function usage(totalTokens: number): ThreadTokenUsage {
  const tokens = {
    totalTokens,
    inputTokens: 0,
    cachedInputTokens: 0,
    cacheWriteInputTokens: 0,
    outputTokens: 0,
    reasoningOutputTokens: 0,
  };
  return { total: tokens, last: tokens, modelContextWindow: null };
}

describe('every notification', () => {
  test('has a fold, or a reason why it has none', () => {
    expect(Object.keys(NOTIFICATION_FOLDS).sort()).toEqual([...SERVER_NOTIFICATION_METHODS].sort());
    const reasons = Object.values(NOTIFICATION_FOLDS).filter((fold) => typeof fold === 'string');
    expect(reasons.filter((reason) => reason.length < 10)).toEqual([]);
  });

  test.each(SERVER_NOTIFICATION_METHODS.filter((method) => typeof NOTIFICATION_FOLDS[method] === 'string'))(
    '%s changes nothing, even of the view’s own thread',
    (method) => {
      const view = emptyView();
      expect(applied(view, told(method))).toBe(view);
    },
  );
});

describe('of the thread', () => {
  test('thread/started tells what it is', () => {
    const view = viewAfter({ kind: 'notification', method: 'thread/started', params: { thread: thread() } });
    expect(view).toMatchObject({
      threadId: THREAD,
      life: 'open',
      status: { type: 'idle' },
      name: null,
      preview: 'Hi!',
      cwd: '/work',
      model: 'm',
      modelProvider: 'p',
      reasoningEffort: 'low',
      turns: [],
    });
  });

  test('thread/status/changed tells what it waits for', () => {
    const status = { type: 'active' as const, activeFlags: ['waitingOnApproval' as const] };
    const view = viewAfter(told('thread/status/changed', { status }));
    expect(view.status).toEqual(status);
    expect(applied(view, told('thread/status/changed', { status: { ...status } }))).toBe(view);
  });

  test('thread/name/updated names it, and takes the name away', () => {
    const view = viewAfter(told('thread/name/updated', { threadName: 'Name' }));
    expect(view.name).toBe('Name');
    expect(applied(view, told('thread/name/updated')).name).toBeNull();
  });

  test('thread/settings/updated tells all settings, and those that the view has by themselves', () => {
    const settings = JSON.parse(
      '{"cwd":"/other","model":"m2","modelProvider":"p2","effort":"high","approvalPolicy":"never"}',
    );
    const view = viewAfter(told('thread/settings/updated', { threadSettings: settings }));
    const named = { cwd: '/other', model: 'm2', modelProvider: 'p2', reasoningEffort: 'high' };
    expect(view).toMatchObject({ settings, ...named });
  });

  test('thread/goal/updated and thread/goal/cleared tell its goal', () => {
    const goal = JSON.parse('{"threadId":"thread","objective":"Win.","status":"active"}');
    const view = viewAfter(told('thread/goal/updated', { goal }));
    expect(view.goal).toEqual(goal);
    expect(applied(view, told('thread/goal/cleared')).goal).toBeNull();
  });

  test('thread/tokenUsage/updated tells the usage of the thread, and of its turn', () => {
    const view = viewAfter(
      told('turn/started', { turn: turn() }),
      told('thread/tokenUsage/updated', { tokenUsage: usage(5) }),
    );
    expect(view.usage).toEqual(usage(5));
    expect(turnOf(view).usage).toBe(view.usage);
    expect(applied(view, told('thread/tokenUsage/updated', { tokenUsage: usage(5) }))).toBe(view);
  });

  test('thread/tokenUsage/updated of a turn that the view does not have begins none', () => {
    expect(viewAfter(told('thread/tokenUsage/updated', { tokenUsage: usage(5) })).turns).toEqual([]);
  });

  test('thread/reverted makes the view stale', () => {
    const view = viewAfter(told('thread/status/changed', { status: { type: 'idle' } }));
    expect(view.isStale).toBe(false);
    expect(applied(view, told('thread/reverted'))).toEqual({ ...view, isStale: true });
  });

  test('thread/closed closes it until it goes on, and thread/deleted ends it', () => {
    const view = viewAfter(told('thread/closed'));
    expect(view.life).toBe('closed');
    const started = { kind: 'notification' as const, method: 'thread/started', params: { thread: thread() } };
    expect(applied(view, started).life).toBe('open');
    expect(applied(view, told('turn/started', { turn: turn() })).life).toBe('open');
    expect(applied(view, told('thread/deleted')).life).toBe('deleted');
  });
});

describe('of a turn', () => {
  test('turn/started begins it', () => {
    const view = viewAfter(told('turn/started', { turn: turn({ startedAt: 7 }) }));
    expect(turnOf(view)).toMatchObject({ id: TURN, status: 'inProgress', startedAt: 7, completedAt: null });
  });

  test('turn/completed ends it with all that the server says of its end, and keeps its items', () => {
    const item = agentMessage('a', 'Hello');
    const view = viewAfter(
      told('item/completed', { item }),
      told('item/completed', { item: agentMessage('b', 'Bye') }),
      told('turn/completed', {
        turn: turn({ status: 'failed', error, completedAt: 9, durationMs: 8_000, items: [item] }),
      }),
    );
    expect(turnOf(view)).toMatchObject({ status: 'failed', error, completedAt: 9, durationMs: 8_000 });
    expect(turnOf(view).items).toMatchObject([{ id: 'a' }, { id: 'b', text: 'Bye' }]);
  });

  test('turn/started of the turn that a review runs as begins no other', () => {
    const entered = { type: 'enteredReviewMode', id: 'e', review: 'x' } as const;
    const view = viewAfter(told('item/completed', { item: entered }));
    const begun = applied(
      view,
      told('turn/started', { turn: turn({ id: 'within', rootTurnId: TURN, startedAt: 7 }) }),
    );
    expect(begun.turns).toMatchObject([
      { id: TURN, status: 'inProgress', startedAt: 7, items: [{ id: 'e' }] },
    ]);
    const over = applied(begun, told('turn/completed', { turn: turn({ status: 'completed' }) }));
    const next = applied(over, told('turn/started', { turn: turn({ id: 'next', rootTurnId: TURN }) }));
    expect(next.turns.map(({ id }) => id)).toEqual([TURN, 'next']);
  });

  test('turn/started of a turn that is over changes nothing, nor does a second end that says the same', () => {
    const end = told('turn/completed', { turn: turn({ status: 'completed', completedAt: 9 }) });
    const view = viewAfter(end);
    expect(applied(view, told('turn/started', { turn: turn() }))).toBe(view);
    expect(applied(view, structuredClone(end))).toBe(view);
  });

  test('an end without its turn ends nothing', () => {
    const view = viewAfter(told('turn/started', { turn: turn() }));
    expect(applied(view, told('turn/completed'))).toBe(view);
    expect(applied(view, told('turn/started'))).toBe(view);
  });

  test('turn/diff/updated and turn/plan/updated tell the last ones', () => {
    const plan = [{ step: 'a', status: 'completed' as const }];
    const messages = [
      told('turn/diff/updated', { diff: 'd' }),
      told('turn/plan/updated', { plan, explanation: 'Why.' }),
    ];
    const view = viewAfter(...messages);
    expect(turnOf(view)).toMatchObject({ diff: 'd', plan, planExplanation: 'Why.' });
    expect(applied(view, ...structuredClone(messages))).toBe(view);
    const next = applied(view, told('turn/plan/updated', { plan: [], explanation: null }));
    expect(turnOf(next)).toMatchObject({ diff: 'd', plan: [], planExplanation: null });
  });

  test('error tells of the end, or of one more try, which is over as soon as the turn goes on', () => {
    const retrying = viewAfter(told('error', { error, willRetry: true }));
    expect(turnOf(retrying)).toMatchObject({ status: 'inProgress', error: null, retrying: error });
    expect(applied(retrying, told('error', { error: { ...error }, willRetry: true }))).toBe(retrying);
    const delta = told('item/agentMessage/delta', { itemId: 'a', delta: 'x' });
    expect(turnOf(applied(retrying, delta))).toMatchObject({ error: null, retrying: null });
    const failed = applied(retrying, told('error', { error, willRetry: false }));
    expect(turnOf(failed)).toMatchObject({ error, retrying: null });
    const end = told('turn/completed', { turn: turn({ status: 'interrupted' }) });
    expect(turnOf(applied(retrying, end))).toMatchObject({ error: null, retrying: null });
  });

  test('error after the end changes nothing', () => {
    const view = viewAfter(told('turn/completed', { turn: turn({ status: 'completed' }) }));
    expect(applied(view, told('error', { error, willRetry: true }))).toBe(view);
  });

  test('model/rerouted tells which model answers', () => {
    const reroute = { fromModel: 'a', toModel: 'b', reason: 'highRiskCyberActivity' as const };
    const view = viewAfter(told('model/rerouted', reroute));
    expect(turnOf(view).reroute).toEqual(reroute);
    expect(applied(view, told('model/rerouted', reroute))).toBe(view);
  });
});

describe('of an item', () => {
  test('item/started, deltas and item/completed: the last is the truth', () => {
    const view = viewAfter(
      told('item/started', { item: agentMessage('a', '') }),
      told('item/agentMessage/delta', { itemId: 'a', delta: 'Hel' }),
    );
    expect(turnOf(view).items).toMatchObject([{ id: 'a', text: 'Hel', state: 'started' }]);
    const after = applied(view, told('item/completed', { item: agentMessage('a', 'Hello!') }));
    expect(turnOf(after).items).toEqual([
      { ...agentMessage('a', 'Hello!'), state: 'completed', progress: null },
    ]);
  });

  test('a completed item that comes again is the same, and a later one is the truth', () => {
    const view = viewAfter(told('item/completed', { item: agentMessage('a', 'Hello!') }));
    expect(applied(view, told('item/completed', { item: agentMessage('a', 'Hello!') }))).toBe(view);
    expect(applied(view, told('item/started', { item: agentMessage('a', '') }))).toBe(view);
    const after = applied(view, told('item/completed', { item: agentMessage('a', 'Hi!') }));
    expect(turnOf(after).items).toMatchObject([{ text: 'Hi!' }]);
  });

  test('an item without an id is none', () => {
    const view = viewAfter(told('turn/started', { turn: turn() }));
    expect(applied(view, told('item/completed'))).toBe(view);
  });
});

test('serverRequest/resolved of an unknown id changes nothing', () => {
  const view = viewAfter(asked(0, 'item/tool/call'));
  expect(applied(view, told('serverRequest/resolved', { requestId: 1 }))).toBe(view);
});
