/** What a run says about the tests: counts, a score, and a line for each mutant that nobody noticed. Runs nothing. */

/** What became of one mutant; lines and columns count from 1. */
export interface Outcome {
  readonly fileName: string;
  readonly location: { readonly start: Position; readonly end: Position };
  readonly mutatorName: string;
  readonly replacement?: string;
  readonly status: string;
  /** The message of the test that failed, or of the error. */
  readonly statusReason?: string;
}

interface Position {
  readonly line: number;
  readonly column: number;
}

/** Gives the text of a source file. */
export type ReadSource = (fileName: string) => string;

const MAX_CODE_LENGTH = 120;
/** How Vitest begins the message. */
const TIMED_OUT = /^(Test|Hook) timed out in /;
/** What is shown mutant by mutant, the most telling first. */
const SHOWN: readonly (readonly [status: string, title: string])[] = [
  ['Survived', 'survived'],
  ['NoCoverage', 'no test runs it'],
  ['Timeout', 'timed out'],
  ['RuntimeError', 'failed outside of a test'],
];

/**
 * Tells a mutant whose test waited too long from one whose test saw something wrong: Stryker says killed for both, and
 * the first can be the fault of a busy machine.
 */
export function asTimeout<Told extends Outcome>(outcome: Told): Told {
  const isTimeout = outcome.status === 'Killed' && TIMED_OUT.test(outcome.statusReason ?? '');
  return isTimeout ? { ...outcome, status: 'Timeout' } : outcome;
}

/** Percent of the mutants that were noticed. A time-out is noticed; errors are counted on neither side. */
export function scoreOf(outcomes: readonly Outcome[]): number {
  const noticed = count(outcomes, 'Killed') + count(outcomes, 'Timeout');
  const unnoticed = count(outcomes, 'Survived') + count(outcomes, 'NoCoverage');
  return noticed + unnoticed === 0 ? 100 : (100 * noticed) / (noticed + unnoticed);
}

/** The counts and the score, in one line. */
export function summaryLine(outcomes: readonly Outcome[]): string {
  const counts = [
    `${count(outcomes, 'Killed')} killed`,
    `${count(outcomes, 'Survived')} survived`,
    `${count(outcomes, 'Timeout')} timeout`,
    `${count(outcomes, 'NoCoverage')} no coverage`,
    `${count(outcomes, 'RuntimeError') + count(outcomes, 'CompileError')} errors`,
  ];
  // Rounded down, so that 95.0 % is never a score below 95.
  const score = Math.floor(scoreOf(outcomes) * 10) / 10;
  return `${outcomes.length} mutants: ${counts.join(', ')}; score ${score.toFixed(1)} %`;
}

/** The mutants that were not killed, a paragraph for each way that they were not; none when all were. */
export function details(outcomes: readonly Outcome[], read: ReadSource): string[] {
  return SHOWN.flatMap(([status, title]) => {
    const lines = outcomes.filter((outcome) => outcome.status === status).map((one) => mutantLine(one, read));
    return lines.length === 0 ? [] : [`${title}:\n${lines.join('\n')}`];
  });
}

/** `src/wire/line.ts:3:7 NumberIncrement: 1 -> 2` */
function mutantLine(outcome: Outcome, read: ReadSource): string {
  const { fileName, location, mutatorName, replacement = '', status, statusReason = '' } = outcome;
  const original = textAt(read(fileName), location);
  const error = status === 'RuntimeError' ? `\n    ${inOneLine(statusReason)}` : '';
  const { line, column } = location.start;
  return `  ${fileName}:${line}:${column} ${mutatorName}: ${inOneLine(original)} -> ${inOneLine(replacement)}${error}`;
}

function textAt(source: string, { start, end }: Outcome['location']): string {
  const lines = source.split('\n').slice(start.line - 1, end.line);
  const last = lines.length - 1;
  return lines
    .map((line, index) =>
      line.slice(index === 0 ? start.column - 1 : 0, index === last ? end.column - 1 : undefined),
    )
    .join('\n');
}

/** Long code is cut in the middle: its end often tells what it is. */
function inOneLine(code: string): string {
  const line = code.replaceAll(/\s+/g, ' ').trim();
  if (line.length <= MAX_CODE_LENGTH) return line;
  const half = MAX_CODE_LENGTH / 2;
  return `${line.slice(0, half)} … ${line.slice(-half)}`;
}

function count(outcomes: readonly Outcome[], status: string): number {
  return outcomes.filter((outcome) => outcome.status === status).length;
}
