/** Writes what tapes hold and types do not as Markdown: a section for each folder of tapes, a line for each thing. */
import { relative } from 'node:path';
import type { Tape } from '../../testing/tapes/tape.js';
import type { Drift } from './tape-drift.js';

/** The report on the tapes of one folder; paths are shown as seen from `from`. */
export function driftReport(
  folder: string,
  version: string,
  tapes: readonly Tape[],
  drifts: readonly Drift[],
  from: string,
): string {
  const title = `## ${relative(from, folder)} against the types of codex ${version}\n\n`;
  const lines = tapes.reduce((sum, tape) => sum + tape.lines.length, 0);
  const what = `${tapes.length} tapes with ${lines} lines`;
  if (drifts.length === 0) return `${title}The types have all of ${what}.\n`;
  const told = drifts.map((drift) => `- ${placeOf(drift, from)}`);
  return `${title}In ${what} the types do not have:\n\n${told.join('\n')}\n`;
}

function placeOf({ file, line, method, path, text, more }: Drift, from: string): string {
  const others = more === 0 ? '' : ` (and ${more} more)`;
  return `${relative(from, file)}:${line} \`${method}\` \`${path}\`: ${text}${others}`;
}
