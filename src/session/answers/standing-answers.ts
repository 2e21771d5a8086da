/**
 * Decisions that were made beforehand, as data: method -> result. Owns the table and its texts; a request
 * that has an answer here is answered when it is read and reaches no stream.
 */
import { isPlainObject, rejectArgument } from '../../support/argument-checks.js';
import { jsonText } from '../../support/json-text.js';
import type { ServerRequestMethod, ServerRequestResult } from '../messages/server-message.js';

/** Results by server request method; a method that is not named is asked about in a stream. */
export type StandingAnswers = { readonly [M in ServerRequestMethod]?: ServerRequestResult<M> | undefined };

/** The table of standing answers. */
export class StandingAnswerTable {
  readonly #texts = new Map<string, string>();
  #given = 0;

  /** @throws InvalidArgumentError when the answers are no object or hold what JSON cannot */
  constructor(answers: StandingAnswers | undefined) {
    if (answers === undefined) return;
    if (!isPlainObject(answers)) rejectArgument('standingAnswers', answers, 'an object of method -> result');
    for (const [method, result] of Object.entries(answers)) this.set(method, result);
  }

  /** How many requests were answered from the table. */
  get given(): number {
    return this.#given;
  }

  /** Sets the answer for a method; `undefined` removes it. @throws InvalidArgumentError */
  set(method: string, result: unknown): void {
    if (typeof method !== 'string' || method === '') rejectArgument('method', method, 'a non-empty string');
    if (result === undefined) this.#texts.delete(method);
    else this.#texts.set(method, jsonText(`standingAnswers["${method}"]`, result));
  }

  /** The answer's JSON text for a request that has to be answered now. */
  take(method: string): string | undefined {
    const text = this.#texts.get(method);
    if (text !== undefined) this.#given += 1;
    return text;
  }
}
