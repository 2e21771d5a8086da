/**
 * Standing answers by how far they reach: a run's, a thread's, the client's; the narrower one wins (L17). Owns who has
 * given some, and how many requests they have answered. Whose a request is, a run says itself.
 */
import { type MessageScope, type ServerRequest, scopeOf } from '../messages/server-message.js';
import type { StandingAnswerTable } from './standing-answers.js';

/** A run that has standing answers of its own. */
export interface AnsweringRun {
  readonly standingAnswers: StandingAnswerTable;
  /** Whether the run answers for whoever asks: for its turn and its sub-agents. It must not throw. */
  answersFor(request: ServerRequest, scope: MessageScope): boolean;
}

/** The standing answers of one client. */
export class ScopedAnswers {
  /** For every request that nothing narrower answers. */
  readonly client: StandingAnswerTable;
  readonly #byThread = new Map<string, StandingAnswerTable>();
  /** By the thread of its turn and the threads of its sub-agents: a thread has one turn at a time. */
  readonly #runs = new Map<string, AnsweringRun>();
  #given = 0;

  constructor(client: StandingAnswerTable) {
    this.client = client;
  }

  /** How many requests were answered so. */
  get given(): number {
    return this.#given;
  }

  /** The answers for a thread from now on, in place of those it had; an empty table takes them away. */
  setThread(threadId: string, answers: StandingAnswerTable): void {
    if (answers.isEmpty) this.#byThread.delete(threadId);
    else this.#byThread.set(threadId, answers);
  }

  /** The run answers what is asked on this thread, as far as it answers for it. */
  enter(run: AnsweringRun, threadId: string): void {
    this.#runs.set(threadId, run);
  }

  /** The run answers nothing any more. */
  leave(run: AnsweringRun): void {
    for (const [threadId, other] of this.#runs) if (other === run) this.#runs.delete(threadId);
  }

  /** The answer's JSON text for a request that has to be answered now. */
  take(request: ServerRequest): string | undefined {
    const text = this.#find(request);
    if (text !== undefined) this.#given += 1;
    return text;
  }

  #find(request: ServerRequest): string | undefined {
    const { method } = request;
    const scope = scopeOf(request);
    const { threadId = '' } = scope;
    const run = this.#runs.get(threadId);
    const ofRun = run?.answersFor(request, scope) === true ? run.standingAnswers.get(method) : undefined;
    return ofRun ?? this.#byThread.get(threadId)?.get(method) ?? this.client.get(method);
  }
}
