/** The tables and the picture of the benchmarks, as README and the page about them have them. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { benchmarkPicture } from './picture.js';
import { barText, resultText } from './report.js';
import { type Measured, measuredCases, type Results } from './results.js';

/** A file of the repository, from here. */
const file = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

const START = '<!-- benchmarks: written by `npm run bench -- --write` -->';
const END = '<!-- benchmarks: end -->';

/** The files that are made from the figures, each with the text that it is to have. */
export function writtenFiles(results: Results): ReadonlyMap<string, string> {
  const rows = measuredCases(results);
  const headlines = rows.filter(({ case: { headline } }) => headline !== undefined);
  return new Map([
    ['.github/benchmarks.svg', benchmarkPicture(results)],
    [
      'README.md',
      withTable(
        'README.md',
        table(headlines, ({ case: { headline, title } }) => headline ?? title),
      ),
    ],
    [
      '.github/docs/benchmarks.md',
      withTable(
        '.github/docs/benchmarks.md',
        `Medians on ${results.where}, with the lowest and the highest round.\n\n${table(rows, ({ case: { title } }) => title)}`,
      ),
    ],
  ]);
}

/** Brings the files up to date. */
export function writeDocuments(results: Results): void {
  for (const [path, text] of writtenFiles(results)) writeFileSync(file(path), text);
}

/** The document with what stands between the two marks replaced. */
function withTable(path: string, text: string): string {
  const document = readFileSync(file(path), 'utf8');
  const [before, rest] = document.split(`${START}\n`);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) throw new Error(`${path} has no marks for the table`);
  return `${before}${START}\n${text}\n${END}${after}`;
}

function table(rows: readonly Measured[], nameOf: (row: Measured) => string): string {
  return [
    '| work | against | result | bar |',
    '|---|---|---|---|',
    ...rows.map(
      (row) =>
        `| ${[nameOf(row), against(row), resultText(row.case.kind, row.result), verdict(row)].join(' | ')} |`,
    ),
  ].join('\n');
}

function against({ case: { kind, yardstick } }: Measured): string {
  if (yardstick === undefined) return '';
  const measure = { rate: 'rate', time: 'time', memory: 'peak memory', settled: '' }[kind];
  return `${measure} of: ${yardstick.label}`;
}

function verdict({ case: benchCase, isMet }: Measured): string {
  return isMet === undefined ? 'none' : `${barText(benchCase)}: ${isMet ? 'met' : 'missed'}`;
}
