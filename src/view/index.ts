/**
 * The entry point `codex-async-client/view`: the state of a thread as plain data, folded from its messages. It loads no
 * other room and nothing of Node.js, so that a page can use it. Every export is named here on purpose.
 */
export { applyMessage, threadIdOf, type ViewMessage } from './apply-message.js';
export { requestKey } from './open-requests.js';
export {
  type EmptyViewOptions,
  emptyView,
  type ItemState,
  type ItemView,
  type ModelReroute,
  type RequestView,
  type ThreadRequestMethod,
  type ThreadView,
  type TurnView,
  type ViewOptions,
} from './thread-view.js';
export { viewOfThread } from './view-of-thread.js';
