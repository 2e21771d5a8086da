/** The figures of the last run that was kept: `results.json`, from which the tables and the picture are made. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type BenchCase, CASES } from './cases.js';
import { type Comparison, meetsBar } from './compare.js';
import type { Spread } from './statistics.js';

/** A run on one machine. */
export interface Results {
  /** The machine, Node.js and codex. */
  readonly where: string;
  /** By the title of the case, in the order of the cases; those that could not be measured are not there. */
  readonly measured: Readonly<Record<string, Spread>>;
}

/** A case that was measured. */
export interface Measured {
  readonly case: BenchCase;
  readonly result: Spread;
  /** Undefined: there is no bar. */
  readonly isMet: boolean | undefined;
}

const FILE = fileURLToPath(new URL('results.json', import.meta.url));

/** What was kept. */
export function readResults(): Results {
  return JSON.parse(readFileSync(FILE, 'utf8'));
}

/** Keeps a run, in the place of the one before. */
export function keepResults(results: Results): void {
  writeFileSync(FILE, `${JSON.stringify(results, undefined, 2)}\n`);
}

/** A run as it is kept: three decimals are more than anybody trusts. */
export function resultsOf(where: string, comparisons: readonly Comparison[]): Results {
  const rounded = (value: number) => Number(value.toFixed(3));
  const measured = comparisons.map(({ case: { title }, result: { median, lowest, highest } }) => [
    title,
    { median: rounded(median), lowest: rounded(lowest), highest: rounded(highest) },
  ]);
  return { where, measured: Object.fromEntries(measured) };
}

/** The cases that were measured, in the order of the table. */
export function measuredCases({ measured }: Results): Measured[] {
  return CASES.flatMap((benchCase) => {
    const result = measured[benchCase.title];
    return result === undefined ? [] : [{ case: benchCase, result, isMet: meetsBar(benchCase, result) }];
  });
}
