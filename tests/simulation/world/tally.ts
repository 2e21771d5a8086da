/** What happened, and how often, over all points: by which it is known that the schedules reach everything. */

/** Counts by group and name. */
export type Counts = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** Counts. */
export class Tally {
  readonly counts: Record<string, Record<string, number>> = {};

  count(group: string, name: string, times = 1): void {
    let names = this.counts[group];
    if (names === undefined) {
      names = {};
      this.counts[group] = names;
    }
    names[name] = (names[name] ?? 0) + times;
  }

  /** Adds what another counted. */
  add(counts: Counts): void {
    for (const [group, names] of Object.entries(counts))
      for (const [name, times] of Object.entries(names)) this.count(group, name, times);
  }
}
