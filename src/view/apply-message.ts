/**
 * The fold: a view and a message make the next view. Owns which messages are of the view's thread, and hands them to what folds
 * them. Pure: it keeps nothing, and changes neither the view nor the message.
 */
import type { RequestId, ServerNotifications } from '../protocol/generated.js';
import { NOTIFICATION_FOLDS } from './notification-folds.js';
import { withRequest } from './open-requests.js';
import { withChanges } from './shared-structure.js';
import type { ThreadView } from './thread-view.js';
import { checkApplied, isObject } from './view-checks.js';

/** What a view is made of: every message of a server, also one that has been JSON in the meantime. */
export interface ViewMessage {
  /** Whether it tells or asks. */
  readonly kind: 'notification' | 'request';
  /** What happened, or what is asked. */
  readonly method: string;
  /** The facts, as received. */
  readonly params: unknown;
  /** The server's id of a request. */
  readonly id?: RequestId;
}

/**
 * The view after a message. It is the same object when the message changes nothing: one of another thread, such as a
 * sub-agent's, one that repeats what is known, one whose method these types do not know. Otherwise only what is on the path of
 * the change is new: turns, items and requests that did not change are the same objects as before.
 *
 * A view of no thread yet takes the thread of the first message that changes it. Items come as `item/started`, deltas,
 * `item/completed`, and the last is the truth; deltas alone make an item, too.
 *
 * @throws TypeError when the first argument is no view, or the second no message.
 */
export function applyMessage(view: ThreadView, message: ViewMessage): ThreadView {
  checkApplied(view, message);
  const threadId = threadIdOf(message);
  if (threadId === undefined || (view.threadId !== null && threadId !== view.threadId)) return view;
  const next = folded(view, message);
  return next === view ? view : withChanges(next, { threadId });
}

/** The thread that a message is of; undefined for those of the server, the account or the machine. */
export function threadIdOf({ params }: Pick<ViewMessage, 'params'>): string | undefined {
  if (!isObject(params)) return undefined;
  const thread = isObject(params['thread']) ? params['thread'] : {};
  // The two approval requests of the old protocol call it a conversation.
  const ids = [params['threadId'], thread['id'], params['conversationId']];
  return ids.find((id) => typeof id === 'string');
}

/** The view after a message that names its thread, and so has params. */
function folded(view: ThreadView, { kind, id, method, ...message }: ViewMessage): ThreadView {
  const params = message.params as object;
  if (kind === 'request') return withRequest(view, id, method, params);
  if (!isKnown(method)) return view;
  // The wire's edge: the method says what the params are.
  const fold = NOTIFICATION_FOLDS[method] as string | ((known: ThreadView, received: object) => ThreadView);
  return typeof fold === 'string' ? view : fold(view, params);
}

function isKnown(method: string): method is keyof ServerNotifications {
  return Object.hasOwn(NOTIFICATION_FOLDS, method);
}
