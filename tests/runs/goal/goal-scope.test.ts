/** Whose a message is, for a goal of many turns. */
import type { ServerMessage } from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import { GoalScope } from '../../../src/runs/goal/goal-scope.js';
import { scopeOf } from '../../../src/session/messages/server-message.js';
import { turnOf } from '../played-server.js';

/** A notification, as the server would send it. */
const told = (method: string, params: object) => ({ kind: 'notification', method, params }) as ServerMessage;
const begun = (id: string, threadId = 't') => told('turn/started', { threadId, turn: turnOf(id) });

function scopeWith(...turnIds: readonly string[]): GoalScope {
  const scope = new GoalScope('t');
  for (const turnId of turnIds) scope.addTurn(turnId);
  return scope;
}

const belonging = (scope: GoalScope, message: ServerMessage) => scope.belongingOf(message, scopeOf(message));

describe('a message belongs', () => {
  test.each([
    ['turn', told('turn/diff/updated', { threadId: 't', turnId: 'one' })],
    ['turn', told('turn/diff/updated', { threadId: 't', turnId: 'two' })],
    ['turn', told('thread/goal/updated', { threadId: 't', turnId: null })],
    ['other', told('turn/diff/updated', { threadId: 't', turnId: 'earlier' })],
    ['other', told('thread/started', { thread: { id: 't' } })],
    ['other', told('turn/diff/updated', { threadId: 'u', turnId: 'one' })],
    ['subagent', told('turn/diff/updated', { threadId: 'sub', turnId: 'x' })],
  ])('%s: %j', (whose, message) => {
    const scope = scopeWith('one', 'two');
    scope.subagents.add('sub');
    expect(belonging(scope, message)).toBe(whose);
  });
});

test('a turn begins once, on its own thread', () => {
  const scope = scopeWith('one');
  const newIn = (message: ServerMessage) => scope.newTurnIn(message, scopeOf(message));
  expect(newIn(begun('one'))).toBeUndefined();
  expect(newIn(begun('two', 'u'))).toBeUndefined();
  expect(newIn(told('turn/diff/updated', { threadId: 't', turnId: 'two' }))).toBeUndefined();
  expect(newIn(begun('two'))).toBe('two');
  expect(newIn(told('item/started', { threadId: 't', turnId: 'two', item: {} }))).toBe('two');
});

test('every turn of the goal is the root of its work, and nothing else is', () => {
  const scope = scopeWith('one', 'two');
  expect(['one', 'two', 'three', null, undefined].map((id) => scope.isRoot(id))).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
});
