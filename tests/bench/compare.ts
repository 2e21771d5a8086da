/** Runs a case: both sides in turn, round after round, and one number out of each round. */
import type { BenchCase, Kind } from './cases.js';
import { type Figures, runSide } from './run-side.js';
import { type Spread, spreadOf } from './statistics.js';

/** A case and what came out. */
export interface Comparison {
  readonly case: BenchCase;
  readonly client: Spread;
  readonly yardstick: Spread | undefined;
  /** The number that is held to the bar: of each round, so that what disturbs a round disturbs both sides. */
  readonly result: Spread;
  /** Undefined: there is no bar. */
  readonly isMet: boolean | undefined;
}

/** Measures a case. The sides take turns in going first. */
export async function compare(
  benchCase: BenchCase,
  parameters: Readonly<Record<string, unknown>>,
  rounds: number,
): Promise<Comparison> {
  const clientFigures: number[] = [];
  const yardstickFigures: number[] = [];
  const results: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const [client, yardstick] = await runRound(benchCase, parameters, round % 2 === 1);
    clientFigures.push(figureOf(benchCase.kind, client));
    if (yardstick !== undefined) yardstickFigures.push(figureOf(benchCase.kind, yardstick));
    results.push(resultOf(benchCase.kind, clientFigures.at(-1) ?? Number.NaN, yardstickFigures.at(-1)));
  }
  const result = spreadOf(results);
  return {
    case: benchCase,
    client: spreadOf(clientFigures),
    yardstick: benchCase.yardstick === undefined ? undefined : spreadOf(yardstickFigures),
    result,
    isMet: meetsBar(benchCase, result),
  };
}

/** One number of the figures of a round. */
export function resultOf(kind: Kind, client: number, yardstick: number | undefined): number {
  if (yardstick === undefined) return client;
  if (kind === 'memory') return client - yardstick;
  return kind === 'rate' ? yardstick / client : client / yardstick;
}

/** The median decides; of what has to settle, the worst round does. */
export function meetsBar(
  { kind, bar }: Pick<BenchCase, 'kind' | 'bar'>,
  result: Spread,
): boolean | undefined {
  if (bar === undefined) return undefined;
  if (kind === 'settled') return result.lowest >= bar;
  return kind === 'rate' ? result.median >= bar : result.median <= bar;
}

async function runRound(
  { client, yardstick }: BenchCase,
  parameters: Readonly<Record<string, unknown>>,
  yardstickFirst: boolean,
): Promise<[Figures, Figures | undefined]> {
  if (yardstick === undefined) return [await runSide(client, parameters), undefined];
  const early = yardstickFirst ? await runSide(yardstick, parameters) : undefined;
  const figures = await runSide(client, parameters);
  return [figures, early ?? (await runSide(yardstick, parameters))];
}

function figureOf(kind: Kind, { ms, peakMb, seen, expected }: Figures): number {
  if (kind === 'settled') return seen / expected;
  if (seen !== expected)
    throw new Error(`${seen} of ${expected} were seen; a figure without the work is none`);
  return (kind === 'memory' ? peakMb : ms) ?? Number.NaN;
}
