/** Messages as a view gets them, with a thread and a turn where a test names none; and views frozen to their last member. */
import {
  applyMessage,
  emptyView,
  type ThreadView,
  type TurnView,
  type ViewMessage,
} from 'codex-async-client/view';
import type { ServerNotifications, ServerRequests, ThreadItem, Turn } from '../../src/protocol/generated.js';

export const THREAD = 'thread';
export const TURN = 'turn';

/** A notification. */
export function told<M extends keyof ServerNotifications>(
  method: M,
  params: Partial<ServerNotifications[M]> = {},
): ViewMessage {
  return { kind: 'notification', method, params: { threadId: THREAD, turnId: TURN, ...params } };
}

/** A server request. */
export function asked<M extends keyof ServerRequests>(
  id: string | number,
  method: M,
  params: Partial<ServerRequests[M]['params']> = {},
): ViewMessage {
  return {
    kind: 'request',
    id,
    method,
    params: { threadId: THREAD, turnId: TURN, itemId: 'item', ...params },
  };
}

/** The view after messages. Views and messages are frozen, so that a fold that touches one throws. */
export function viewAfter(...messages: readonly ViewMessage[]): ThreadView {
  return applied(emptyView(), ...messages);
}

/** A view after more messages, all frozen. */
export function applied(view: ThreadView, ...messages: readonly ViewMessage[]): ThreadView {
  return messages.reduce((known, message) => frozen(applyMessage(known, frozen(message))), frozen(view));
}

/** The only turn of a view. */
export function turnOf(view: ThreadView): TurnView {
  const [turn, ...others] = view.turns;
  if (turn === undefined || others.length > 0) throw new Error(`${view.turns.length} turns instead of one`);
  return turn;
}

/** A turn as the server tells it. */
export function turn(facts: Partial<Turn> = {}): Turn {
  return {
    id: TURN,
    rootTurnId: null,
    items: [],
    itemsView: 'notLoaded',
    status: 'inProgress',
    error: null,
    startedAt: 1,
    completedAt: null,
    durationMs: null,
    ...facts,
  };
}

/** An agent message as the server tells it. */
export function agentMessage(id: string, text: string): ThreadItem {
  return {
    type: 'agentMessage',
    id,
    text,
    phase: null,
    moderation: null,
    memoryCitation: null,
    delivery: null,
    questions: null,
  };
}

/** The value with all that is in it frozen. */
export function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const member of Object.values(value)) frozen(member);
  return Object.freeze(value);
}
