/**
 * The answers that were given beforehand for threads, which each life is told anew. Owns the tables; that they are given, the
 * session sees to.
 */
import { type StandingAnswers, StandingAnswerTable } from '../session/answers/standing-answers.js';
import type { Peer } from '../session/peer.js';

/** The standing answers of threads. */
export class ThreadAnswers {
  readonly #tables = new Map<string, StandingAnswerTable>();

  /**
   * Sets those of a thread, in place of those it had, here and in the life that is.
   * @throws InvalidArgumentError when an answer is none
   */
  set(threadId: string, answers: StandingAnswers, living: Peer | undefined): void {
    const table = new StandingAnswerTable(answers, living?.serverVersion);
    if (table.isEmpty) this.#tables.delete(threadId);
    else this.#tables.set(threadId, table);
    living?.answers.setThread(threadId, table);
  }

  /** Tells a server that has just begun. */
  giveTo(peer: Peer): void {
    for (const [threadId, table] of this.#tables) peer.answers.setThread(threadId, table);
  }
}
