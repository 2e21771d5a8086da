/**
 * A view that begins with what the server has of a thread, so that a page goes on from there after a reload.
 */
import type { Thread } from '../protocol/generated.js';
import { withThreadFacts } from './notification-folds.js';
import { withChanges } from './shared-structure.js';
import { emptyView, type ThreadView, type ViewOptions } from './thread-view.js';
import { newTurn, withTurnFacts } from './turn-items.js';
import { checkThread, checkViewOptions } from './view-checks.js';

/**
 * The view of a thread as the server has it: the `thread` in the answer to `thread/read` with `includeTurns`, or to
 * `thread/resume`. Messages that repeat what is in it change nothing, so a page may open its stream first and read then.
 *
 * The server does not keep plans and diffs, nor a message that is still being written; token usage and open requests it sends
 * after `thread/resume`.
 *
 * @throws TypeError when it is no thread with a list of turns, or an option is unknown or no text.
 */
export function viewOfThread(thread: Thread, options: ViewOptions = {}): ThreadView {
  checkThread(thread);
  checkViewOptions('viewOfThread', options, ['epoch']);
  const view = emptyView({ ...options, threadId: thread.id });
  const turns = thread.turns.map((turn) => withTurnFacts(newTurn(turn.id), turn));
  return withChanges(withThreadFacts(view, thread), { turns });
}
