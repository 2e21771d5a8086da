/** One turn out of what the server has of a thread; a review is kept as two. */
import type { protocol } from 'codex-async-client';
import { describe, expect, test } from 'vitest';
import { activeTurnIdIn, turnIn } from '../../../src/runs/turn/turns-of-thread.js';
import { turnOf } from '../played-server.js';

type Status = Parameters<typeof turnOf>[1];

/** A turn with items of these types, which are their ids, too. */
const turn = (id: string, rootTurnId: string | null, status: Status, ...types: string[]) => ({
  ...turnOf(id, status),
  rootTurnId,
  items: types.map((type) => ({ type, id: type })),
});

const within = (status: Status) => turn('within', 'review', status, 'userMessage', 'commandExecution');
const REVIEW = turn('review', 'review', 'completed', 'enteredReviewMode', 'exitedReviewMode');
const WHOLE = ['enteredReviewMode', 'userMessage', 'commandExecution', 'exitedReviewMode'];

// A thread with the member that is looked at.
const threadOf = (...turns: object[]) => ({ turns }) as unknown as protocol.Thread;
const found = (turnId: string, ...turns: object[]) => {
  const it = turnIn(threadOf(...turns), turnId);
  return it && { id: it.id, status: it.status, items: it.items.map(({ type }) => type) };
};

describe('a turn of a thread', () => {
  test('is found by its id, with its own items', () => {
    const turns = [
      turn('a', 'a', 'completed', 'x'),
      turn('b', 'a', 'inProgress', 'y'),
      turn('c', null, 'failed'),
    ];
    expect(found('a', ...turns)).toEqual({ id: 'a', status: 'completed', items: ['x'] });
    expect(found('b', ...turns)).toEqual({ id: 'b', status: 'inProgress', items: ['y'] });
    expect(found('c', ...turns)).toEqual({ id: 'c', status: 'failed', items: [] });
    expect(found('d', ...turns)).toBeUndefined();
  });

  test('is a review with what happened in the turn within it, by the id of either', () => {
    const review = { id: 'review', status: 'completed', items: WHOLE };
    expect(found('review', within('interrupted'), REVIEW)).toEqual(review);
    expect(found('within', within('interrupted'), REVIEW)).toEqual(review);
  });

  test('is not the review before it, although that is its root', () => {
    const later = turn('later', 'review', 'completed', 'x');
    expect(found('later', within('interrupted'), REVIEW, later)).toEqual({
      id: 'later',
      status: 'completed',
      items: ['x'],
    });
    expect(found('review', within('interrupted'), REVIEW, later)?.items).toEqual(WHOLE);
  });

  test('is a review that runs, of which only the turn within it is kept', () => {
    const items = ['userMessage', 'commandExecution'];
    expect(found('review', within('inProgress'))).toEqual({ id: 'review', status: 'inProgress', items });
    expect(found('within', within('inProgress'))).toEqual({ id: 'within', status: 'inProgress', items });
  });

  test('is a review that had no time for a turn within it', () => {
    expect(found('review', REVIEW)?.items).toEqual(['enteredReviewMode', 'exitedReviewMode']);
  });
});

test('the server knows a review that runs by the turn within it, and any other turn by its own id', () => {
  expect(activeTurnIdIn(threadOf(within('inProgress')), 'review')).toBe('within');
  expect(activeTurnIdIn(threadOf(within('interrupted'), REVIEW), 'review')).toBe('review');
  expect(activeTurnIdIn(threadOf(turn('a', 'a', 'inProgress')), 'a')).toBe('a');
});
