/**
 * Decisions that were made beforehand, as data: method -> result. Owns the table and its texts; a request
 * that has an answer here is answered when it is read and reaches no stream.
 */
import type { ServerVersion } from '../../protocol/checks/known-names.js';
import { jsonText } from '../../support/json-text.js';
import type { ServerRequestResult } from '../messages/answer-types.js';
import type { ServerRequestMethod } from '../messages/server-message.js';
import { checkStandingAnswer, checkStandingAnswers } from './standing-answer-checks.js';

/** Results by server request method; a method that is not named is asked about in a stream. */
export type StandingAnswers = { readonly [M in ServerRequestMethod]?: ServerRequestResult<M> | undefined };

/** The table of standing answers. */
export class StandingAnswerTable {
  readonly #texts = new Map<string, string>();

  /**
   * @param answers - an option called `standingAnswers`
   * @param server - undefined before the handshake
   * @throws InvalidArgumentError when the answers are no object, or hold one that cannot be given
   */
  constructor(answers: StandingAnswers | undefined, server?: ServerVersion) {
    if (answers === undefined) return;
    checkStandingAnswers('options.standingAnswers', answers, server);
    for (const [method, result] of Object.entries(answers)) this.#set(method, result);
  }

  get isEmpty(): boolean {
    return this.#texts.size === 0;
  }

  /**
   * Sets the answer for a method; `undefined` removes it.
   * @throws InvalidArgumentError when a server of this version cannot be answered so
   */
  set(method: string, result: unknown, server?: ServerVersion): void {
    checkStandingAnswer({ method: 'method', result: 'result' }, method, result, server);
    this.#set(method, result);
  }

  /** The answer's JSON text, when there is one. */
  get(method: string): string | undefined {
    return this.#texts.get(method);
  }

  #set(method: string, result: unknown): void {
    if (result === undefined) this.#texts.delete(method);
    else this.#texts.set(method, jsonText('result', result));
  }
}
