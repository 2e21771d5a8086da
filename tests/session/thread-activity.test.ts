/** Which threads are busy, as far as messages and answers tell; and that the others leave nothing behind. */
import type { ServerMessage } from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import { ThreadActivity } from '../../src/session/thread-activity.js';
import { delta } from '../helpers/messages.js';
import { outcomeOf } from '../helpers/piped-server.js';

/** A notification with the params that activity looks at; the tests need no more of them. */
function told(method: ServerMessage['method'], params: unknown): ServerMessage {
  return { kind: 'notification', method, params } as never;
}

const started = (turnId: string, threadId = 't') => told('turn/started', { threadId, turn: { id: turnId } });
const completed = (turnId: string, threadId = 't') =>
  told('turn/completed', { threadId, turn: { id: turnId } });
const status = (type: string, threadId = 't') =>
  told('thread/status/changed', { threadId, status: { type } });
const closed = (threadId = 't') => told('thread/closed', { threadId });

/** Activity that was told these, in order. */
function activityAfter(...messages: readonly ServerMessage[]): ThreadActivity {
  const activity = new ThreadActivity();
  for (const message of messages) activity.note(message);
  return activity;
}

describe('a turn that the server tells of', () => {
  test('makes its thread busy until the turn is over, and no other thread', () => {
    const activity = activityAfter(started('u'));
    expect(activity.isBusy('t')).toBe(true);
    expect(activity.turnOf('t')).toBe('u');
    expect(activity.isBusy('other')).toBe(false);
    expect(activity.turnOf('other')).toBeUndefined();
    activity.note(completed('u', 'other'));
    expect(activity.isBusy('t')).toBe(true);
    activity.note(completed('u'));
    expect(activity.isBusy('t')).toBe(false);
    expect(activity.turnOf('t')).toBeUndefined();
  });

  test('is not over with the end of an earlier one', () => {
    const activity = activityAfter(started('u'), started('v'), completed('u'));
    expect(activity.turnOf('t')).toBe('v');
    activity.note(completed('v'));
    expect(activity.isBusy('t')).toBe(false);
  });

  test('is over with the end of the turn whose work it is, as that of a review is', () => {
    const within = told('turn/started', { threadId: 't', turn: { id: 'within', rootTurnId: 'review' } });
    const activity = activityAfter(within, status('active'), completed('other'));
    expect(['within', 'review', 'other'].map((id) => activity.isOthers('t', id))).toEqual([
      false,
      false,
      true,
    ]);
    // Whoever finds out that the first turn of a chain is over says nothing of the one that runs.
    activity.ended('t', 'review');
    expect(activity.isBusy('t')).toBe(true);
    activity.note(completed('review'));
    expect(activity.isBusy('t')).toBe(false);
    expect(activity.isOthers('t', 'other')).toBe(false);
    const next = activityAfter(within, started('next'), completed('review'));
    expect(next.turnOf('t')).toBe('next');
  });

  test('is nobody else’s while its name is not known', () => {
    expect(activityAfter(status('active')).isOthers('t', 'any')).toBe(false);
  });

  test('is over when the thread is closed, or when somebody found out', () => {
    expect(activityAfter(started('u'), closed()).isBusy('t')).toBe(false);
    expect(activityAfter(started('u'), status('notLoaded')).isBusy('t')).toBe(false);
    const activity = activityAfter(started('u'));
    activity.ended('t', 'u');
    expect(activity.isBusy('t')).toBe(false);
  });

  test('is known by its own end, not by the rest of its thread, which may come before', () => {
    const activity = activityAfter(status('active'), started('u'), status('idle'));
    expect(activity.turnOf('t')).toBe('u');
    activity.note(completed('u'));
    expect(activity.isBusy('t')).toBe(false);
    activity.note(status('idle'));
    expect(activity.isBusy('t')).toBe(false);
  });

  test('of a thread that is said to be active again stays the one that is known', () => {
    expect(activityAfter(started('u'), status('active')).turnOf('t')).toBe('u');
  });
});

describe('a status without a turn', () => {
  test.each(['idle', 'notLoaded', 'systemError'])('makes the thread busy until it is %s', (rest) => {
    const activity = activityAfter(status('active'));
    expect(activity.isBusy('t')).toBe(true);
    expect(activity.turnOf('t')).toBeUndefined();
    activity.note(status(rest));
    expect(activity.isBusy('t')).toBe(false);
  });

  test('outlives a start that came to nothing', () => {
    const activity = new ThreadActivity();
    activity.startSent('t');
    activity.note(status('active'));
    activity.startSettled('t', undefined);
    expect(activity.isBusy('t')).toBe(true);
    activity.note(completed('u'));
    expect(activity.isBusy('t')).toBe(false);
  });

  test('does not end with what is no status', () => {
    const activity = activityAfter(status('active'), delta(1, { threadId: 't' }));
    expect(activity.isBusy('t')).toBe(true);
  });

  test('ends with any turn of the thread, since there is one at a time', () => {
    expect(activityAfter(status('active'), completed('u')).isBusy('t')).toBe(false);
  });
});

describe('a start that was made here', () => {
  test('makes the thread busy before the server says so, and its answer names the turn', () => {
    const activity = new ThreadActivity();
    activity.startSent('t');
    expect(activity.isBusy('t')).toBe(true);
    expect(activity.turnOf('t')).toBeUndefined();
    activity.startSettled('t', 'u');
    expect(activity.turnOf('t')).toBe('u');
    activity.note(completed('u'));
    expect(activity.isBusy('t')).toBe(false);
  });

  test('that came to nothing leaves the thread as it was', () => {
    const activity = new ThreadActivity();
    activity.startSent('t');
    activity.startSettled('t', undefined);
    expect(activity.isBusy('t')).toBe(false);
    activity.note(started('u'));
    activity.startSent('t');
    activity.startSettled('t', undefined);
    expect(activity.turnOf('t')).toBe('u');
  });

  test('whose answer is handled after the end of its turn does not make the thread busy again', () => {
    const activity = new ThreadActivity();
    activity.startSent('t');
    activity.note(started('u'));
    activity.note(completed('u'));
    expect(activity.isBusy('t')).toBe(true);
    activity.startSettled('t', 'u');
    expect(activity.isBusy('t')).toBe(false);
  });

  test('whose answer is handled after the end of its turn, which nobody told the start of, does neither', () => {
    const activity = new ThreadActivity();
    activity.startSent('t');
    activity.note(completed('u'));
    activity.startSettled('t', 'u');
    expect(activity.isBusy('t')).toBe(false);
  });

  test('whose answer is handled after the end of its turn and of one after it does not make the thread busy again', () => {
    const activity = new ThreadActivity();
    activity.startSent('t');
    for (const turnId of ['u', 'v']) {
      activity.note(started(turnId));
      activity.note(completed(turnId));
    }
    activity.startSettled('t', 'u');
    expect(activity.isBusy('t')).toBe(false);
  });

  test('is one of several: the thread is busy until each is answered and the turn is over', () => {
    const activity = new ThreadActivity();
    activity.startSent('t');
    activity.startSent('t');
    activity.startSettled('t', undefined);
    expect(activity.isBusy('t')).toBe(true);
    activity.startSettled('t', 'u');
    expect(activity.isBusy('t')).toBe(true);
    activity.note(completed('u'));
    expect(activity.isBusy('t')).toBe(false);
  });

  test('that joined a turn is answered with it, and ends with it', () => {
    const activity = activityAfter(started('u'));
    activity.startSent('t');
    activity.startSettled('t', 'u');
    activity.note(completed('u'));
    expect(activity.isBusy('t')).toBe(false);
  });

  test('outlives the turn before it', () => {
    const activity = activityAfter(started('u'));
    activity.startSent('t');
    activity.note(completed('u'));
    expect(activity.isBusy('t')).toBe(true);
    activity.startSettled('t', 'v');
    expect(activity.turnOf('t')).toBe('v');
  });

  test('is not called off when the thread is closed meanwhile', () => {
    const activity = new ThreadActivity();
    activity.startSent('t');
    activity.note(closed());
    expect(activity.isBusy('t')).toBe(true);
    activity.startSettled('t', undefined);
    expect(activity.isBusy('t')).toBe(false);
  });
});

describe('waiting for a thread', () => {
  test('is over when its turn is, for everybody, and not before', async () => {
    const activity = activityAfter(started('u'), started('x', 'other'));
    const waits = [activity.untilIdle('t'), activity.untilIdle('t')];
    activity.note(completed('x', 'other'));
    activity.note(delta(1, { threadId: 't' }));
    for (const wait of waits) expect(await outcomeOf(wait)).toBe('pending');
    activity.note(completed('u'));
    for (const wait of waits) expect(await outcomeOf(wait)).toBeUndefined();
  });

  test('is over at once when it has no turn, and again when it had one', async () => {
    const activity = new ThreadActivity();
    expect(await outcomeOf(activity.untilIdle('t'))).toBeUndefined();
    activity.note(started('u'));
    activity.note(completed('u'));
    expect(await outcomeOf(activity.untilIdle('t'))).toBeUndefined();
    activity.note(started('v'));
    expect(await outcomeOf(activity.untilIdle('t'))).toBe('pending');
  });
});

describe('all threads', () => {
  test('are told with their turns, where they are known', () => {
    const activity = activityAfter(started('u'), status('active', 'other'));
    activity.startSent('third');
    expect(activity.turns).toEqual([
      { threadId: 't', turnId: 'u' },
      { threadId: 'other', turnId: undefined },
      { threadId: 'third', turnId: undefined },
    ]);
  });

  test('are waited for together, those that become busy meanwhile, too', async () => {
    const activity = activityAfter(started('u'), started('v', 'other'));
    const idle = activity.untilAllIdle();
    activity.note(completed('u'));
    activity.note(started('w', 'third'));
    activity.note(completed('v', 'other'));
    activity.note(started('x'));
    expect(await outcomeOf(idle)).toBe('pending');
    activity.note(completed('w', 'third'));
    expect(await outcomeOf(idle)).toBe('pending');
    activity.note(completed('x'));
    expect(await outcomeOf(idle)).toBeUndefined();
    expect(await outcomeOf(activity.untilAllIdle())).toBeUndefined();
  });
});

test('L10 the end of the session ends every wait, and no thread is busy', async () => {
  const activity = activityAfter(started('u'), status('active', 'other'));
  activity.startSent('third');
  const waits = ['t', 'other', 'third'].map((threadId) => activity.untilIdle(threadId));
  activity.end();
  for (const wait of waits) expect(await outcomeOf(wait)).toBeUndefined();
  activity.startSettled('third', 'w');
  activity.startSent('fourth');
  activity.note(started('u'));
  for (const threadId of ['t', 'other', 'third', 'fourth']) expect(activity.isBusy(threadId)).toBe(false);
});

test.each([
  told('turn/started', null),
  told('turn/started', { turn: { id: 'u' } }),
  told('turn/completed', {}),
  told('thread/closed', null),
  told('thread/status/changed', null),
  told('thread/status/changed', { threadId: 't' }),
  delta(1, { threadId: 't' }),
])('a message that says nothing of a turn makes no thread busy: %j', (message) => {
  const activity = activityAfter(message);
  expect(activity.isBusy('t')).toBe(false);
  expect(activity.isBusy(undefined as never)).toBe(false);
  activity.note(started('u'));
  activity.note(message);
  expect(activity.turnOf('t')).toBe('u');
});
