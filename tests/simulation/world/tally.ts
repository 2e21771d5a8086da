/** What happened, and how often, over all points: by which it is known that the schedules reach everything. */

/** Counts by group and name. */
export class Tally {
  readonly counts: Record<string, number> = {};

  count(group: string, name: string): void {
    const key = `${group}: ${name}`;
    this.counts[key] = (this.counts[key] ?? 0) + 1;
  }

  /** Adds what another counted. */
  add(counts: Readonly<Record<string, number>>): void {
    for (const [key, count] of Object.entries(counts)) this.counts[key] = (this.counts[key] ?? 0) + count;
  }
}
