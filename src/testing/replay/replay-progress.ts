/**
 * How far a replay is: which lines of the client have come in, and which line of the server is next. The rule of a replay
 * is here and nowhere else: a line of the server is due when every line of the client before it has come in. Knows no
 * streams, no time and no faults.
 */

import type { Difference, LineFit } from '../fit/line-fit.js';
import type { TapeLine, TapeMessage } from '../tapes/tape.js';
import { isAnswer, isRequest, keyOf, type ReplayScript, type ScriptLine } from './replay-script.js';

/** A line of the program that stands for none of the tape. */
export interface Stray {
  readonly line: undefined;
  /** The line that it comes closest to, or else the first that has not come in; `undefined` when all have. */
  readonly nearest: ScriptLine | undefined;
  readonly differences: readonly Difference[];
}

/** What a line of the program is found to be: the line of the tape for which it stands, or a stray. */
export type Found = { readonly line: ScriptLine } | Stray;

/** Follows one replay. */
export class ReplayProgress {
  readonly #fit: LineFit;
  readonly #sent: readonly ScriptLine[];
  readonly #received: readonly ScriptLine[];
  /** The client's lines that have not come in, by what they are matched by, in the tape's order. */
  readonly #missing = new Map<string, ScriptLine[]>();
  readonly #cameIn = new Set<ScriptLine>();
  /** The program's own ids of the requests that came in. */
  readonly #ids = new Map<ScriptLine, unknown>();
  readonly #unplayed: TapeLine[] = [];
  /** Where the first line of the client stands in `#sent` that has not come in. */
  #firstMissing = 0;
  #next = 0;

  constructor(script: ReplayScript, fit: LineFit) {
    this.#fit = fit;
    this.#sent = script.lines.filter(({ line }) => line.kind === 'sent');
    this.#received = script.lines.filter(({ line }) => line.kind === 'received');
    for (const line of this.#sent) {
      const alike = this.#missing.get(line.key);
      if (alike === undefined) this.#missing.set(line.key, [line]);
      else alike.push(line);
    }
  }

  /** The line of the server that is due, if one is. */
  get due(): ScriptLine | undefined {
    const next = this.#received[this.#next];
    const missing = this.#sent[this.#firstMissing];
    return next === undefined || (missing !== undefined && missing.index < next.index) ? undefined : next;
  }

  /** The line of the client that lines of the server wait for, if they do. */
  get waitsFor(): ScriptLine | undefined {
    const waits = this.#next < this.#received.length && this.due === undefined;
    return waits ? this.#sent[this.#firstMissing] : undefined;
  }

  /** Every line came in or went out. */
  get isOver(): boolean {
    return this.#next === this.#received.length && this.#firstMissing === this.#sent.length;
  }

  /** How many lines of the client came in. */
  get cameIn(): number {
    return this.#cameIn.size;
  }

  /** The lines of the client that have not come in. */
  get unsent(): readonly TapeLine[] {
    return this.#sent.filter((line) => !this.#cameIn.has(line)).map(({ line }) => line);
  }

  /** The lines of the server that were not handed out. */
  get unplayed(): readonly TapeLine[] {
    return [...this.#unplayed, ...this.#received.slice(this.#next).map(({ line }) => line)];
  }

  /** Which line of the tape a line of the program stands for: the first like it that fits and has not come in. */
  find(message: TapeMessage): Found {
    const key = keyOf(message);
    let nearest: ScriptLine | undefined;
    let differences: readonly Difference[] = [];
    for (const line of this.#missing.get(key) ?? []) {
      if (!this.#wasAsked(line)) continue;
      const found = this.#fit.fit(line.line.message, message);
      if (found.length === 0) return { line };
      if (nearest === undefined) [nearest, differences] = [line, found];
    }
    return { line: undefined, nearest: nearest ?? this.#sent[this.#firstMissing], differences };
  }

  /** The line that was found last is not taken: what it taught is forgotten. */
  turnAway(): void {
    this.#fit.forgetLast();
  }

  /** A line of the client came in, as the program put it. */
  comeIn(line: ScriptLine, message: TapeMessage): void {
    const alike = this.#missing.get(line.key) ?? [];
    alike.splice(alike.indexOf(line), 1);
    this.#cameIn.add(line);
    if (isRequest(message)) this.#ids.set(line, message['id']);
    while (this.#hasComeIn(this.#sent[this.#firstMissing])) this.#firstMissing += 1;
  }

  /** The server's request with this id, when it was handed out. */
  askedWith(id: unknown): ScriptLine | undefined {
    return this.#received
      .slice(0, this.#next)
      .find(({ line }) => isRequest(line.message) && line.message['id'] === id);
  }

  /** What a line of the server says, with the ids and paths of the program. */
  wordsOf({ line, answers }: ScriptLine): TapeMessage {
    const message = this.#fit.translate(line.message);
    if (line.message['id'] === undefined) return message;
    return { ...message, id: answers === undefined ? line.message['id'] : this.#ids.get(answers) };
  }

  /** The line that was due was handed out; or, when it was dropped, it never will be. */
  pass(how: 'handed out' | 'dropped'): void {
    const line = this.#received[this.#next];
    if (line !== undefined && how === 'dropped') this.#unplayed.push(line.line);
    this.#next += 1;
  }

  #hasComeIn(line: ScriptLine | undefined): boolean {
    return line !== undefined && this.#cameIn.has(line);
  }

  /** An answer stands for a recorded one only when the replay has asked. */
  #wasAsked({ line, answers }: ScriptLine): boolean {
    if (!isAnswer(line.message) || answers === undefined) return true;
    const next = this.#received[this.#next];
    return next === undefined || answers.index < next.index;
  }
}
