/** Which of the known names somebody may have meant. Case, and the signs between words, count for little. */

/**
 * The known name that is nearest to `name`, when little of it has to be changed.
 * @param part - how much at most, as a part of its length: a third, unless it is said otherwise; two signs always
 */
export function nearestName(name: string, known: readonly string[], part = 1 / 3): string | undefined {
  const [nearest] = byDistance(name, known);
  const limit = Math.max(2, Math.floor(name.length * part));
  return nearest !== undefined && nearest.distance <= limit ? nearest.name : undefined;
}

/** The known names that are nearest to `name`, the nearest first, however far they are. */
export function nearestNames(name: string, known: readonly string[], count: number): string[] {
  return byDistance(name, known)
    .slice(0, count)
    .map((candidate) => candidate.name);
}

function byDistance(name: string, known: readonly string[]): { name: string; distance: number }[] {
  return known
    .map((candidate) => ({ name: candidate, distance: editDistance(bare(name), bare(candidate)) }))
    .sort((left, right) => left.distance - right.distance);
}

/** `thread/start` and `threadStart` are the same words. */
function bare(name: string): string {
  return name.toLowerCase().replaceAll(/[/_-]/g, '');
}

/** Levenshtein distance, one row at a time. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const substitution = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, substitution));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
