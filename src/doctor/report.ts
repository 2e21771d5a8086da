/** What the doctor prints: plain lines for people, one object for programs. Both have every finding. */
import type { Finding } from './finding.js';

/** The number of the form of the report; a member that is added does not change it. */
const REPORT_FORMAT = 1;

/** Exit codes of the program. That of a signal is its number and `signal`, as shells have it: 130 after Ctrl-C. */
export const EXIT = { nothingFailed: 0, somethingFailed: 1, badArguments: 2, signal: 128 } as const;

/** The lines of one finding, each with its `\n`. */
export function findingLines({ status, check, finding, advice, notes = [] }: Finding): string {
  const first = `${status.padEnd(4)}  ${check}: ${finding}${advice === undefined ? '' : ` (${advice})`}`;
  return [first, ...notes.map((note) => `      ${note}`)].map((line) => `${line}\n`).join('');
}

/** The last line: how many failed, and how many are worth a look. */
export function lastLine(findings: readonly Finding[]): string {
  const failed = count(findings, 'fail');
  const warned = count(findings, 'warn');
  if (failed === 0 && warned === 0) return 'Nothing is wrong.\n';
  return `${failed} failed, ${warned} ${warned === 1 ? 'is' : 'are'} worth a look.\n`;
}

/** The object, as text with its `\n`. */
export function reportText(findings: readonly Finding[]): string {
  const report = { doctor: REPORT_FORMAT, ok: count(findings, 'fail') === 0, checks: findings };
  return `${JSON.stringify(report, null, 2)}\n`;
}

/** The exit code that the findings make. */
export function exitCodeOf(findings: readonly Finding[]): number {
  return count(findings, 'fail') === 0 ? EXIT.nothingFailed : EXIT.somethingFailed;
}

function count(findings: readonly Finding[], status: Finding['status']): number {
  return findings.filter((finding) => finding.status === status).length;
}
