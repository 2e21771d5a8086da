/** Folds every message of a tape into views of its threads, and looks at each step. */
import type { protocol } from 'codex-async-client';
import type { Tape, TapeMessage } from 'codex-async-client/testing';
import {
  applyMessage,
  emptyView,
  type ThreadView,
  threadIdOf,
  type ViewMessage,
  viewOfThread,
} from 'codex-async-client/view';

/** What a step of a fold came to. */
interface Step {
  /** The line's number in the tape. */
  readonly line: number;
  readonly message: ViewMessage;
  readonly before: ThreadView;
  readonly after: ThreadView;
  /** The views of the other threads. */
  readonly others: readonly ThreadView[];
}

/** What the server said of a whole thread. */
interface Told {
  readonly line: number;
  readonly view: ThreadView;
  readonly thread: protocol.Thread;
}

/** A tape, folded. */
export interface FoldedTape {
  readonly steps: readonly Step[];
  /** Each answer to `thread/read` with turns, beside the view at that moment. */
  readonly reads: readonly Told[];
  /** The views at the end, by thread. */
  readonly views: ReadonlyMap<string, ThreadView>;
}

/** Methods whose answer has a thread that this client sees for the first time, maybe with turns. */
const OPENING = ['thread/fork', 'thread/resume'];

/** Folds a tape, thread by thread, from the first message of each, or from what the server had of it. */
export function foldTape(tape: Tape): FoldedTape {
  const folding = new Folding();
  for (const entry of tape.lines) {
    if (entry.kind === 'sent') folding.asked(entry.message);
    if (entry.kind === 'received') folding.said(entry.message, entry.line);
  }
  return folding;
}

class Folding implements FoldedTape {
  readonly steps: Step[] = [];
  readonly reads: Told[] = [];
  readonly views = new Map<string, ThreadView>();
  readonly #asked = new Map<unknown, TapeMessage>();

  asked(message: TapeMessage): void {
    if (message['method'] !== undefined) this.#asked.set(message['id'], message);
  }

  said(message: TapeMessage, line: number): void {
    const { method, params, id } = message;
    if (typeof method !== 'string') this.#answered(message, line);
    else if (typeof id === 'number' || typeof id === 'string')
      this.#fold({ kind: 'request', method, params, id }, line);
    else this.#fold({ kind: 'notification', method, params }, line);
  }

  #fold(message: ViewMessage, line: number): void {
    const threadId = threadIdOf(message) ?? null;
    const before = this.views.get(threadId ?? '') ?? emptyView({ threadId: threadId ?? undefined });
    const after = applyMessage(before, message);
    const others = [...this.views.values()].filter((view) => view.threadId !== threadId);
    this.steps.push({ line, message, before, after, others });
    if (threadId !== null) this.views.set(threadId, after);
  }

  #answered({ id, result }: TapeMessage, line: number): void {
    const { method, params } = this.#asked.get(id) ?? {};
    // The answer is what the real server said, and the drift check holds it against these types.
    const thread = (result as { readonly thread?: protocol.Thread } | undefined)?.thread;
    if (thread === undefined || typeof method !== 'string') return;
    const view = this.views.get(thread.id);
    if (view === undefined && OPENING.includes(method)) this.views.set(thread.id, viewOfThread(thread));
    const hasTurns = method === 'thread/read' && Object(params).includeTurns === true;
    if (view !== undefined && hasTurns) this.reads.push({ line, view, thread });
  }
}
