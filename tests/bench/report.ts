/** The table of a run that people read, as Markdown, and the words for its figures. */
import { cpus, loadavg } from 'node:os';
import type { BenchCase } from './cases.js';
import type { Comparison } from './compare.js';
import type { Spread } from './statistics.js';

/** Where it was measured, and how busy that machine was before: above 0.5 or so, trust no figure. */
export function machine(): string {
  const processors = cpus();
  return `${processors[0]?.model.trim() ?? 'unknown processor'}, ${processors.length} cores, Node.js ${process.versions.node}, ${process.platform}-${process.arch}, load ${loadavg()[0]?.toFixed(1)}`;
}

/** The table's first lines. */
export function tableHead(): string {
  return ['| work | client | yardstick | result (lowest to highest) | bar |', '|---|---|---|---|---|'].join(
    '\n',
  );
}

/** The line of one case. */
export function tableRow({ case: benchCase, client, yardstick, result, isMet }: Comparison): string {
  const { kind } = benchCase;
  const cells = [
    benchCase.title,
    `${benchCase.client.label}: ${figure(kind, client.median)}`,
    benchCase.yardstick === undefined || yardstick === undefined
      ? ''
      : `${benchCase.yardstick.label}: ${figure(kind, yardstick.median)}`,
    resultText(kind, result),
    isMet === undefined ? 'none' : `${barText(benchCase)}: ${isMet ? 'met' : 'MISSED'}`,
  ];
  return `| ${cells.join(' | ')} |`;
}

/** The line of a case that could not be measured. */
export function failureRow(benchCase: BenchCase, error: unknown): string {
  const reason = String(error instanceof Error ? error.message : error).split('\n', 1)[0];
  return `| ${benchCase.title} | failed: ${reason} | | | ${barText(benchCase)}: MISSED |`;
}

function figure(kind: BenchCase['kind'], value: number): string {
  if (kind === 'settled') return `${value * 100} %`;
  return kind === 'memory'
    ? `${value.toFixed(1)} MB`
    : `${value < 10 ? value.toFixed(2) : value.toFixed(0)} ms`;
}

/** A figure with its spread. */
export function resultText(kind: BenchCase['kind'], result: Spread): string {
  const { lowest, highest } = result;
  if (kind === 'settled') return medianText(kind, result);
  const digits = digitsOf(kind);
  return `${medianText(kind, result)} (${lowest.toFixed(digits)} to ${highest.toFixed(digits)})`;
}

/** A figure by itself; of what has to settle it is the worst round. */
export function medianText(kind: BenchCase['kind'], { median, lowest }: Spread): string {
  if (kind === 'settled') return lowest === 1 ? 'all' : `${(lowest * 100).toFixed(1)} %`;
  return `${median.toFixed(digitsOf(kind))}${kind === 'memory' ? ' MB' : ''}`;
}

const digitsOf = (kind: BenchCase['kind']): number => (kind === 'memory' ? 1 : 2);

/** What the figure is held to. */
export function barText({ kind, bar }: BenchCase): string {
  if (bar === undefined) return 'none';
  if (kind === 'settled') return 'all';
  if (kind === 'memory') return `at most ${bar} MB`;
  return kind === 'time' ? `at most ${bar}` : `at least ${bar}`;
}
