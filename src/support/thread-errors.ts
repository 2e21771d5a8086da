/** The errors about a thread or a turn of it that hold no result. */
import type { QueuedSubmission, ThreadGoal, ThreadStartResponse } from '../protocol/generated.js';
import { CodexClientError } from './errors.js';

/** The thread was started and its first turn did not succeed; the thread can still be used. */
export class ThreadRunError extends CodexClientError {
  readonly code = 'CODEX_THREAD_RUN';
  /** The whole answer to `thread/start`. */
  readonly thread: ThreadStartResponse;

  constructor(message: string, details: { readonly thread: ThreadStartResponse }, options?: ErrorOptions) {
    super(message, options);
    this.thread = details.thread;
  }

  /** The thread's id. */
  get threadId(): string {
    return this.thread.thread.id;
  }
}

/** The thread is there, and the run has failed. @internal */
export function firstTurnFailed(answer: ThreadStartResponse, cause: CodexClientError): ThreadRunError {
  const message = `thread ${answer.thread.id} was started, and its first turn did not succeed: ${cause.message}`;
  return new ThreadRunError(message, { thread: answer }, { cause });
}

/** The thread has an active goal, which starts one turn after another, so waiting for it would have no end. */
export class ThreadBusyError extends CodexClientError {
  readonly code = 'CODEX_THREAD_BUSY';
  /** The thread that is busy. */
  readonly threadId: string;

  constructor(message: string, details: { readonly threadId: string }) {
    super(message);
    this.threadId = details.threadId;
  }
}

/** Another server process has the thread's writer lock: it goes on with the thread, and this server cannot. */
export class ThreadBusyElsewhereError extends CodexClientError {
  readonly code = 'CODEX_THREAD_BUSY_ELSEWHERE';
  /** The thread that the other process has. */
  readonly threadId: string;

  constructor(message: string, details: { readonly threadId: string }, options?: ErrorOptions) {
    super(message, options);
    this.threadId = details.threadId;
  }
}

/**
 * The thread was not resumed, because resuming it would start turns that nobody here asked for: it has an active goal, or
 * turns wait in its queue that no run here has left there. `Supervisor.resume(threadId)` resumes it all the same.
 */
export class ResumeWouldSpendError extends CodexClientError {
  readonly code = 'CODEX_RESUME_WOULD_SPEND';
  /** The thread that was not resumed. */
  readonly threadId: string;
  /** The active goal; `null` when there is none. */
  readonly goal: ThreadGoal | null;
  /** What waits in the thread's queue, in order; empty when nothing does. */
  readonly queued: readonly QueuedSubmission[];

  constructor(
    message: string,
    details: {
      readonly threadId: string;
      readonly goal: ThreadGoal | null;
      readonly queued: readonly QueuedSubmission[];
    },
  ) {
    super(message);
    this.threadId = details.threadId;
    this.goal = details.goal;
    this.queued = details.queued;
  }
}

/** The turn that was to be adopted does not run, and the server has none of that id. */
export class TurnNotFoundError extends CodexClientError {
  readonly code = 'CODEX_TURN_NOT_FOUND';
  /** The thread that was asked for it. */
  readonly threadId: string;
  /** The turn that it does not have. */
  readonly turnId: string;

  constructor(
    message: string,
    details: { readonly threadId: string; readonly turnId: string },
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.threadId = details.threadId;
    this.turnId = details.turnId;
  }
}

/** A turn that waited in the server's queue was taken out of it by somebody else, or ended before the server kept its message. */
export class TurnRemovedError extends CodexClientError {
  readonly code = 'CODEX_TURN_REMOVED';
  /** The thread in whose queue it waited. */
  readonly threadId: string;
  /** The id that its message was added with. */
  readonly clientUserMessageId: string;

  constructor(message: string, details: { readonly threadId: string; readonly clientUserMessageId: string }) {
    super(message);
    this.threadId = details.threadId;
    this.clientUserMessageId = details.clientUserMessageId;
  }
}

/** What to do when another process has the thread; `cause` is the server's refusal. */
export function threadBusyElsewhere(threadId: string, cause: unknown): ThreadBusyElsewhereError {
  const message = `thread ${threadId} is in use by another server process, which has its writer lock; close the thread or that process first, then try again`;
  return new ThreadBusyElsewhereError(message, { threadId }, { cause });
}

/** What to do when a thread would start turns by itself. */
export function resumeWouldSpend(
  details: ConstructorParameters<typeof ResumeWouldSpendError>[1],
): ResumeWouldSpendError {
  const { threadId, goal, queued } = details;
  const count = queued.length;
  const goals = goal === null ? [] : ['an active goal'];
  const turns = count === 0 ? [] : [`${count} queued ${count === 1 ? 'turn' : 'turns'}`];
  const held = [...goals, ...turns].join(' and ');
  const message = `thread ${threadId} was not resumed, because it has ${held}, and would go on and spend by itself; look at goal and queued, and call supervisor.resume(${JSON.stringify(threadId)}) to resume it all the same`;
  return new ResumeWouldSpendError(message, details);
}
