/**
 * Turns and items within a view: found from the end, where nearly every message belongs, and changed along their path.
 */
import type { ThreadItem, Turn, TurnStatus } from '../protocol/generated.js';
import { keepEqual, lastIndexById, withChanges, withElement } from './shared-structure.js';
import type { ItemState, ItemView, ThreadView, TurnView } from './thread-view.js';

/** The view with a turn changed; a turn that is not known yet begins with it. */
export function withTurn(
  view: ThreadView,
  turnId: string | undefined,
  change: (turn: TurnView) => TurnView,
): ThreadView {
  if (typeof turnId !== 'string') return view;
  const index = lastIndexById(view.turns, turnId);
  const turns = withElement(view.turns, index, change(view.turns[index] ?? newTurn(turnId)));
  return withChanges(view, { turns });
}

/** The view with a turn changed, if it has that turn. */
export function withKnownTurn(
  view: ThreadView,
  turnId: string,
  change: (turn: TurnView) => TurnView,
): ThreadView {
  return lastIndexById(view.turns, turnId) === -1 ? view : withTurn(view, turnId, change);
}

/** The turn with these items; that it has some again means that it goes on. */
export function withItems(turn: TurnView, items: readonly ItemView[]): TurnView {
  return items === turn.items ? turn : withChanges(turn, { items, retrying: null });
}

/**
 * The turn with an item that the server has told whole. What is known keeps its place, and is only ever completed; but a patch
 * that was streamed while the model wrote it is a preview until it begins.
 */
export function withWholeItem(turn: TurnView, item: ThreadItem, state: ItemState): TurnView {
  if (typeof item?.id !== 'string') return turn;
  const index = lastIndexById(turn.items, item.id);
  const known = turn.items[index];
  const isPreview = known?.type === 'fileChange' && known.state === 'partial';
  if (known !== undefined && state !== 'completed' && !isPreview) return turn;
  const next: ItemView = { ...item, state, progress: null };
  return withItems(turn, withElement(turn.items, index, known === undefined ? next : keepEqual(known, next)));
}

/** The turn as the server describes it. What it leaves out of a summary stays. */
export function withTurnFacts(known: TurnView, turn: Turn): TurnView {
  const items = turn.items ?? [];
  const filled = items.reduce((grown, item) => withWholeItem(grown, item, stateOf(item, turn.status)), known);
  return withChanges(filled, {
    status: turn.status,
    error: keepEqual(filled.error, turn.error ?? filled.error),
    retrying: turn.status === 'inProgress' ? filled.retrying : null,
    startedAt: turn.startedAt ?? filled.startedAt,
    completedAt: turn.completedAt ?? filled.completedAt,
    durationMs: turn.durationMs ?? filled.durationMs,
  });
}

/** A turn of which nothing is known but its id. */
export function newTurn(id: string): TurnView {
  return {
    id,
    status: 'inProgress',
    error: null,
    retrying: null,
    items: [],
    plan: null,
    planExplanation: null,
    diff: null,
    usage: null,
    reroute: null,
    startedAt: null,
    completedAt: null,
    durationMs: null,
  };
}

/** Items that stand in a turn which is over will not change any more. */
function stateOf(item: ThreadItem, status: TurnStatus): ItemState {
  return status !== 'inProgress' || typeof item?.completedAtMs === 'number' ? 'completed' : 'started';
}
