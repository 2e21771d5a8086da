/**
 * One turn out of what the server has of a thread. Owns how a review is put together, which the server keeps as two turns: one
 * with its beginning and its end, under the id by which everybody knows it, kept when it is over; and within that one the
 * turn that the reviewer runs as, kept before it, which has all that happened between, and counts as interrupted in the end.
 */
import type { Thread, ThreadItem, Turn } from '../../protocol/generated.js';

/**
 * The turn as the server has it, with all of its items; undefined when it has none of that id. By the id of the turn within
 * a review that is over it is the review.
 */
export function turnIn({ turns }: Thread, turnId: string): Turn | undefined {
  const turn = turns.find(({ id }) => id === turnId);
  const rootTurnId = turn?.rootTurnId ?? turnId;
  const review = turns.find(({ id }) => id === rootTurnId);
  const earlier = review === undefined ? turns : turns.slice(0, turns.indexOf(review));
  const within = earlier.find((other) => isWithin(other, rootTurnId));
  if (turn === undefined) return within && { ...within, id: turnId };
  return review !== undefined && (turn === review || turn === within) ? whole(review, within) : turn;
}

/** The id by which the server knows a turn while it runs: of a review that of the turn within it. */
export function activeTurnIdIn({ turns }: Thread, turnId: string): string {
  const within = turns.findLast((turn) => isWithin(turn, turnId) && turn.status === 'inProgress');
  return within?.id ?? turnId;
}

/** A turn that is no review has no items but its own. */
function whole(review: Turn, within: Turn | undefined): Turn {
  const begin = review.items.findIndex(({ type }) => type === 'enteredReviewMode');
  if (begin === -1 || within === undefined) return review;
  return { ...review, items: inserted(review.items, begin + 1, within.items) };
}

function isWithin({ id, rootTurnId }: Turn, turnId: string): boolean {
  return rootTurnId === turnId && id !== turnId;
}

function inserted(items: readonly ThreadItem[], at: number, more: readonly ThreadItem[]): ThreadItem[] {
  return [...items.slice(0, at), ...more, ...items.slice(at)];
}

/** A turn that runs, and of which nothing is known but its id. */
export function unknownTurn(id: string): Turn {
  return {
    id,
    rootTurnId: null,
    items: [],
    itemsView: 'notLoaded',
    status: 'inProgress',
    error: null,
    startedAt: null,
    completedAt: null,
    durationMs: null,
  };
}
