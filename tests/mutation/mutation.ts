/**
 * `npm run mutation`: which small changes of a room's sources do the tests not notice? `--help` prints the options.
 * Ends with status 1 when the score is below `--bar`, or when the tests fail without any change.
 */
import { readFileSync } from 'node:fs';
import { relative, sep } from 'node:path';
import { type Arguments, argumentsOf, USAGE } from './arguments.js';
import { catalogueOf } from './catalogue.js';
import { sourcesOf } from './room.js';
import { runMutants } from './run-mutants.js';
import { sampleOf } from './sample.js';
import { asTimeout, details, type Outcome, scoreOf, summaryLine } from './summary.js';

try {
  const wanted = argumentsOf(process.argv.slice(2));
  if (wanted === undefined) console.log(USAGE);
  else report(await outcomesOf(wanted), wanted.bar);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function outcomesOf({ room, sample, seed, testFiles }: Arguments): Promise<Outcome[]> {
  const sources = sourcesOf(room);
  const catalogue = await catalogueOf(sources);
  const drawn = sampleOf(catalogue, sample, seed);
  console.log(`src/${room}: ${drawn.length} of ${catalogue.length} mutants, drawn with --seed ${seed}`);
  const files = sources.map(({ path }) => path);
  const outcomes = await runMutants({ files, ids: drawn.map(({ id }) => id), testFiles });
  return outcomes.map((outcome) => asTimeout({ ...outcome, fileName: fromRoot(outcome.fileName) }));
}

function report(outcomes: readonly Outcome[], bar: number): void {
  const lines = details(outcomes, (fileName) => readFileSync(fileName, 'utf8'));
  console.log([...lines, summaryLine(outcomes)].map((part) => `\n${part}`).join('\n'));
  if (scoreOf(outcomes) >= bar) return;
  console.error(`The score is below the bar of ${bar} %.`);
  process.exitCode = 1;
}

function fromRoot(path: string): string {
  return relative(process.cwd(), path).split(sep).join('/');
}
