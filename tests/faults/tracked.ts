/** The promises of a user by name, with how each of them stands: what is pending after the end is a hang. */

/** How one promise ended. */
export type Ending =
  | { readonly state: 'pending' }
  | { readonly state: 'resolved'; readonly value: unknown }
  | { readonly state: 'rejected'; readonly error: unknown };

/** Turns of the event loop after the end of a server in which the user's own loops may finish. */
const TURNS_AFTER_END = 20;

/** Promises by name. */
export class Tracked {
  readonly #endings = new Map<string, Ending>();

  /** How everything stands. */
  get endings(): ReadonlyMap<string, Ending> {
    return this.#endings;
  }

  add(name: string, promise: Promise<unknown>): void {
    this.#endings.set(name, { state: 'pending' });
    promise.then(
      (value) => this.#endings.set(name, { state: 'resolved', value }),
      (error) => this.#endings.set(name, { state: 'rejected', error }),
    );
  }
}

/** Lets what has settled be noticed by everybody who waits for it. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < TURNS_AFTER_END; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
