/**
 * Pairs of a recorded name and the one that the program gives for it, one to one. What was paired since the last `keep` can
 * be forgotten again, so that a line which does not fit teaches nothing.
 */
export class OneToOne<Given> {
  readonly #given = new Map<string, { readonly key: string; readonly given: Given }>();
  readonly #recorded = new Map<string, string>();
  /** The recorded keys that are not kept yet. */
  #fresh: string[] = [];

  /** What stands for a recorded key; undefined while nothing does. */
  given(recorded: string): Given | undefined {
    return this.#given.get(recorded)?.given;
  }

  /** The recorded key that a given one stands for. */
  recorded(given: string): string | undefined {
    return this.#recorded.get(given);
  }

  /** Pairs two keys, both of which are free. */
  bind(recorded: string, given: { readonly key: string; readonly given: Given }): void {
    this.#given.set(recorded, given);
    this.#recorded.set(given.key, recorded);
    this.#fresh.push(recorded);
  }

  /** What was paired stays. */
  keep(): void {
    this.#fresh = [];
  }

  /** What was paired since the last `keep` is free again. */
  forget(): void {
    for (const recorded of this.#fresh) {
      const bound = this.#given.get(recorded);
      this.#given.delete(recorded);
      if (bound !== undefined) this.#recorded.delete(bound.key);
    }
    this.#fresh = [];
  }
}
