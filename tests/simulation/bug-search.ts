/** Points, one after another, until one finds the bug that is planted in all of them. */

/**
 * What the first of so many points says that breaks the law of the bug; empty when none does.
 *
 * @param run - Plays the point of a seed, from 1 on.
 */
export async function firstBroken<Lens>(
  { law, lens }: { readonly law: string; lens(): Lens },
  points: number,
  run: (seed: number, options: { readonly lens: Lens }) => Promise<{ readonly broken: readonly string[] }>,
): Promise<readonly string[]> {
  let found: readonly string[] = [];
  for (let seed = 1; seed <= points && found.length === 0; seed += 1) {
    const { broken } = await run(seed, { lens: lens() });
    found = broken.filter((what) => what.startsWith(`${law}:`));
  }
  return found;
}
