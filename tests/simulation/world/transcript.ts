/** All that happened at a point, in order: what the server wrote, what it read, what the program did, and the time. */

/** Who did it. */
type Actor = 'server' | 'client' | 'program' | 'fault' | 'time';

const SIGNS: Readonly<Record<Actor, string>> = {
  server: '<',
  client: '>',
  program: '.',
  fault: '!',
  time: '@',
};

/** Keeps notes as they come, and writes them out only when somebody wants to read them. */
export class Transcript {
  readonly #notes: (readonly [Actor, string, unknown])[] = [];
  readonly #isKept: boolean;

  /** @param isKept - false where nobody will read it */
  constructor(isKept: boolean) {
    this.#isKept = isKept;
  }

  note(actor: Actor, what: string, details?: unknown): void {
    if (this.#isKept) this.#notes.push([actor, what, details]);
  }

  /** One line for each note: `<` the server wrote, `>` it read, `.` the program, `!` a fault, `@` time. */
  get text(): string {
    return this.#notes
      .map(([actor, what, details]) => {
        const more = details === undefined ? '' : ` ${JSON.stringify(details)}`;
        return `${SIGNS[actor]} ${what.trimEnd()}${more}\n`;
      })
      .join('');
  }
}
