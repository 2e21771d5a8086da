/** Whether a line of the program stands for a recorded one: for now, when they are deeply equal. */
import { isDeepStrictEqual } from 'node:util';
import type { TapeMessage } from '../tapes/tape.js';

/** One place where two lines differ. */
export interface Difference {
  readonly path: string;
  readonly recorded: unknown;
  readonly given: unknown;
}

/** Compares lines. */
export class LineFit {
  readonly #ignore: readonly string[];

  constructor(ignore: readonly string[]) {
    this.#ignore = ignore;
  }

  fit(recorded: TapeMessage, given: TapeMessage): readonly Difference[] {
    const members = ['method', 'params', 'result', 'error'].filter((name) => !this.#ignore.includes(name));
    return members
      .filter((name) => !isDeepStrictEqual(recorded[name], given[name]))
      .map((path) => ({ path, recorded: recorded[path], given: given[path] }));
  }

  translate(message: TapeMessage): TapeMessage {
    return message;
  }
}
