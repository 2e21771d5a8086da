/**
 * Masks the lines of a tape as they are written. Owns which answers are about the account: those to requests that are.
 * Lines that hold nothing to mask stay the very text that passed.
 */
import { isPlainObject } from '../../support/argument-checks.js';
import { maskMessage } from './masking.js';
import type { Redaction } from './redaction.js';
import { Suspicion } from './suspicion.js';
import type { TapeMessage } from './tape.js';

/** Methods about the account, and about the machines and keys of its owner. */
const OF_ACCOUNT = /^(?:account(?:Session)?|remoteControl|userVerification)\//;

/** When a line passed, as the line begins. */
const AT = /^\{"atMs":\d+,/;

type Direction = 'sent' | 'received';

/** Masks lines. */
export class TapeMasking {
  readonly #redaction: Redaction;
  readonly #suspicion: Suspicion;
  /** Requests about the account that were not answered yet. */
  readonly #asked = new Set<string>();
  #leftOut = 0;

  constructor(redaction: Redaction) {
    this.#redaction = redaction;
    this.#suspicion = new Suspicion(redaction);
  }

  /** How many lines were left out, because they were no messages or too deep. */
  get leftOut(): number {
    return this.#leftOut;
  }

  /**
   * The lines of a tape without what is to be masked. A line whose message is none, or is too deep to look through, is left
   * out and counts as missed.
   *
   * @param text - one or more whole lines
   * @param doubtful - where a line begins that may be no message
   */
  mask(text: string, doubtful?: number): string {
    const starts = this.#suspicion.linesIn(text, this.#asked.size > 0);
    const inOrder = [...new Set(doubtful === undefined ? starts : [...starts, doubtful])].sort(
      (a, b) => a - b,
    );
    let done = 0;
    let masked = '';
    for (const start of inOrder) {
      const end = text.indexOf('\n', start);
      masked += text.slice(done, start) + this.maskLine(text.slice(start, end));
      done = end;
    }
    return masked + text.slice(done);
  }

  /** One line, without its end. */
  maskLine(line: string): string {
    try {
      return this.#maskEntry(line);
    } catch {
      // Not parsed, so nothing is known of it: better a tape with a gap than one with a secret.
      this.#leftOut += 1;
      return `${AT.exec(line)?.[0] ?? '{'}"missed":1}`;
    }
  }

  #maskEntry(line: string): string {
    const entry: unknown = JSON.parse(line);
    if (!isPlainObject(entry)) return line;
    for (const direction of ['sent', 'received'] as const) {
      const message = entry[direction];
      if (!isPlainObject(message)) continue;
      const isOfAccount = this.#isOfAccount(message, direction);
      const masked = maskMessage(this.#redaction.apply(message), isOfAccount);
      if (masked !== message) return JSON.stringify({ ...entry, [direction]: masked });
    }
    return line;
  }

  #isOfAccount({ id, method }: TapeMessage, direction: Direction): boolean {
    if (typeof method !== 'string') return this.#asked.delete(idOf(id, direction));
    const isOfAccount = OF_ACCOUNT.test(method);
    if (isOfAccount && id !== undefined)
      this.#asked.add(idOf(id, direction === 'sent' ? 'received' : 'sent'));
    return isOfAccount;
  }
}

/** An id of those that one side answers. */
function idOf(id: unknown, answerer: Direction): string {
  return `${answerer} ${JSON.stringify(id)}`;
}
