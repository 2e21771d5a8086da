/**
 * Whether a line of a program stands for a recorded one, and what a recorded line of the server is in the program's own ids
 * and paths. Owns what a replay learns on its way: which id and which folder stands for a recorded one. It never decides
 * which line is set beside which, and never changes a message.
 */
import { isPlainObject } from '../../support/argument-checks.js';
import type { TapeMessage } from '../tapes/tape.js';
import { BoundRoots } from './bound-roots.js';
import { ClientIds } from './client-ids.js';
import { ignoredPaths, type PathsHere } from './ignored-paths.js';
import { type Difference, LineComparison } from './line-comparison.js';
import { isFreeText } from './member-rules.js';

export type { Difference } from './line-comparison.js';

export class LineFit {
  readonly #ignored: PathsHere;
  readonly #ids = new ClientIds();
  readonly #roots = new BoundRoots();

  /**
   * One for each replay.
   * @param ignore - dotted paths from the message on that are not compared, `*` for any index or key
   * @throws InvalidArgumentError that names `options.ignore`
   */
  constructor(ignore: readonly string[]) {
    this.#ignored = ignoredPaths(ignore);
  }

  /** Where two lines differ. Where they do not, what they taught is kept; else nothing is learned. */
  fit(recorded: TapeMessage, given: TapeMessage): readonly Difference[] {
    this.#ids.keep();
    this.#roots.keep();
    const comparison = new LineComparison(methodOf(recorded), { ids: this.#ids, roots: this.#roots });
    const differences = comparison.compare(recorded, given, this.#ignored);
    if (differences.length > 0) {
      this.forgetLast();
      return differences;
    }
    if (methodOf(recorded) !== '') this.#ids.noteRequest(recorded['id'], given['id']);
    return [];
  }

  /** What the last pair of lines taught is forgotten: the program may put its line in another way the next time. */
  forgetLast(): void {
    this.#ids.forget();
    this.#roots.forget();
  }

  /**
   * A recorded line of the server in the ids and paths of the program. The `id` of the line stays. It is the same object
   * where nothing is to be changed.
   */
  translate(message: TapeMessage): TapeMessage {
    const method = methodOf(message);
    let translated = message;
    for (const member of ['params', 'result', 'error']) {
      const before = message[member];
      const after = this.#value(method, member, before);
      if (after !== before) translated = { ...translated, [member]: after };
    }
    return translated;
  }

  #value(method: string, member: string, value: unknown): unknown {
    if (typeof value === 'string') return this.#text(method, member, value);
    if (Array.isArray(value)) {
      const entries = value.map((entry: unknown) => this.#value(method, member, entry));
      return entries.some((entry, index) => entry !== value[index]) ? entries : value;
    }
    if (!isPlainObject(value)) return value;
    let isChanged = false;
    const members = Object.entries(value).map(([key, held]): [string, unknown] => {
      const entry: [string, unknown] = [this.#roots.translate(key), this.#value(method, key, held)];
      isChanged ||= entry[0] !== key || entry[1] !== held;
      return entry;
    });
    return isChanged ? Object.fromEntries(members) : value;
  }

  #text(method: string, member: string, text: string): string {
    const id = this.#ids.translate(method, member, text);
    return id !== text || isFreeText(member) ? id : this.#roots.translate(text);
  }
}

function methodOf(message: TapeMessage): string {
  return typeof message['method'] === 'string' ? message['method'] : '';
}
