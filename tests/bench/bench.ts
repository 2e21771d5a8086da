/**
 * `npm run bench`: the built client side by side with what a good engineer writes without it, on the same servers,
 * in one run. Prints a table of ratios; a missed bar is printed, and is no failure of the program.
 *
 * Options: `--quick` (little work, three rounds), `--json`, `--only WORD` (cases whose title has it), `--rounds N`, and
 * `--write`, which keeps the figures of a whole run in `results.json`, and makes the tables and the picture from them.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { findExecutable } from '../../src/app-server/locate/find-executable.js';
import { PROTOCOL_VERSION } from '../../src/protocol/generated.js';
import { type BenchCase, CASES } from './cases.js';
import { type Comparison, compare } from './compare.js';
import { writeDocuments } from './documents.js';
import { failureRow, machine, tableHead, tableRow } from './report.js';
import { keepResults, resultsOf } from './results.js';

const QUICK_ROUNDS = 3;

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    rounds: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
});
if (options.write && (options.quick || options.only !== ''))
  throw new Error('--write keeps the figures of a whole run: leave out --quick and --only');

const where = machine();
const codexHome = mkdtempSync(join(tmpdir(), 'codex-async-client-bench-'));
try {
  const { file: codexPath } = findExecutable({ env: process.env });
  if (!options.json) console.log(`${where}\n\n${tableHead()}`);
  const comparisons: Comparison[] = [];
  for (const benchCase of CASES.filter(({ title }) => title.includes(options.only))) {
    const comparison = await measure(benchCase, { codexPath, codexHome });
    if (comparison !== undefined) comparisons.push(comparison);
  }
  if (options.json) console.log(JSON.stringify({ machine: where, comparisons }, undefined, 2));
  if (options.write) {
    const results = resultsOf(`${where}, codex ${PROTOCOL_VERSION}`, comparisons);
    keepResults(results);
    writeDocuments(results);
  }
} finally {
  rmSync(codexHome, { recursive: true, force: true, maxRetries: 5 });
}

async function measure(
  benchCase: BenchCase,
  codex: { readonly codexPath: string; readonly codexHome: string },
): Promise<Comparison | undefined> {
  const amount = options.quick ? benchCase.quickAmount : benchCase.amount;
  const rounds = Number(options.rounds ?? (options.quick ? QUICK_ROUNDS : benchCase.rounds));
  try {
    const comparison = await compare(benchCase, { ...amount, ...codex }, rounds);
    if (!options.json) console.log(tableRow(comparison));
    return comparison;
  } catch (error) {
    (options.json ? console.error : console.log)(failureRow(benchCase, error));
    return undefined;
  }
}
