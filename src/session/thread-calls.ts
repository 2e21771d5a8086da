/**
 * What our own calls tell of threads, whoever makes them: a turn that is started by hand makes its thread busy before the
 * server says so, and what is started, resumed, forked or given back is known with its answer. Refuses what would start a turn
 * when none may start.
 */
import { memberOf } from '../support/argument-checks.js';
import type { InternalRequestOptions } from './requests/internal-request.js';
import type { ThreadActivity } from './thread-activity.js';
import type { ThreadSubscriptions } from './thread-subscriptions.js';
import type { TurnGate } from './turn-gate.js';

/** The methods by which a turn is started. */
const STARTS: ReadonlySet<string> = new Set(['turn/start', 'review/start', 'thread/queue/start']);
/** The method by which a turn is left to the server, which starts it when it can. */
const QUEUES = 'thread/queue/add';

/** Those who know of threads. */
export interface ThreadParts {
  readonly activity: ThreadActivity;
  readonly subscriptions: ThreadSubscriptions;
  readonly turnGate: TurnGate;
}

/** What is noted of one call. */
export interface CallNotes {
  /** Hears the answer before any message behind it is looked at. */
  readonly onResult: ((result: unknown) => void) | undefined;
  /** The call was made; it settles with the answer. */
  sent(answer: Promise<unknown>): void;
}

/** Notes what calls tell. */
export class ThreadCalls {
  readonly #parts: ThreadParts;

  constructor(parts: ThreadParts) {
    this.#parts = parts;
  }

  /**
   * What is to be noted of a call that is about to be made.
   * @throws CodexClientError when it would start a turn and none may start
   */
  notesOf<M extends string>(method: M, params: unknown, internal: InternalRequestOptions<M>): CallNotes {
    const { subscriptions, turnGate } = this.#parts;
    const startsTurn = STARTS.has(method);
    if ((startsTurn || method === QUEUES) && turnGate.refusal !== undefined) throw turnGate.refusal;
    // The edge of the wire: the server's answer has the type that the protocol promises for the method.
    const heard = internal.onResult as ((result: unknown) => void) | undefined;
    const noted = (result: unknown) => {
      subscriptions.noteAnswer(method, params, result);
      if (method === 'thread/resume') this.#resumed(memberOf(result, 'thread'));
      if (method === 'thread/unsubscribe') this.#unsubscribed(memberOf(params, 'threadId'));
      heard?.(result);
    };
    return {
      onResult: subscriptions.concerns(method) ? noted : heard,
      sent: (answer) => {
        if (startsTurn && internal.isOwnTurn !== true) this.#startSent(params, answer);
      },
    };
  }

  #resumed(thread: unknown): void {
    const threadId = memberOf(thread, 'id');
    if (typeof threadId !== 'string') return;
    const { activity } = this.#parts;
    if (memberOf(memberOf(thread, 'status'), 'type') === 'active') activity.foundActive(threadId);
    else activity.foundIdle(threadId);
  }

  #unsubscribed(threadId: unknown): void {
    if (typeof threadId === 'string') this.#parts.activity.unheard(threadId);
  }

  #startSent(params: unknown, answer: Promise<unknown>): void {
    const threadId = memberOf(params, 'threadId');
    if (typeof threadId !== 'string') return;
    const { activity } = this.#parts;
    activity.startSent(threadId);
    answer.then(
      (start) => {
        const turnId = memberOf(memberOf(start, 'turn'), 'id');
        activity.startSettled(threadId, typeof turnId === 'string' ? turnId : undefined);
      },
      () => activity.startSettled(threadId, undefined),
    );
  }
}
