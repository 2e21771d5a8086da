/** Medians and spreads of a few repeated measurements. Pure functions; nothing here measures. */

/** The middle, and how far the measurements lie apart. */
export interface Spread {
  readonly median: number;
  readonly lowest: number;
  readonly highest: number;
}

/** Sums up at least one number. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const [below, above] = [sorted.at(Math.floor(middle)), sorted.at(Math.ceil(middle))];
  const [lowest, highest] = [sorted.at(0), sorted.at(-1)];
  if (below === undefined || above === undefined || lowest === undefined || highest === undefined)
    throw new RangeError('expected at least one value');
  return { median: (below + above) / 2, lowest, highest };
}
