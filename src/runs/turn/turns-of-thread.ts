/**
 * One turn out of what the server has of a thread. Owns how a review is put together, which the server keeps as two turns: one
 * with its beginning and its end, under the id by which everybody knows it, kept when it is over; and within that one the
 * turn that the reviewer runs as, which has all that happened between, and counts as interrupted.
 */
import type { Thread, ThreadItem, Turn } from '../../protocol/generated.js';

/** The turn as the server has it, with all of its items; undefined when it has none of that id. */
export function turnIn({ turns }: Thread, turnId: string): Turn | undefined {
  const turn = turns.find(({ id }) => id === turnId);
  const begin = turn?.items.findIndex(({ type }) => type === 'enteredReviewMode') ?? 0;
  const within = begin === -1 ? undefined : turns.find((other) => isWithin(other, turnId));
  if (turn === undefined || within === undefined) return turn ?? (within && { ...within, id: turnId });
  return { ...turn, items: inserted(turn.items, begin + 1, within.items) };
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
