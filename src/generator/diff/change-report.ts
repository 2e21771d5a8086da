/**
 * Writes what has changed as Markdown that can stand in a changelog: what breaks callers, what changes for readers, what is
 * new, and where the types are met that many methods share; a line for each, ordered by its text.
 */
import type { Effect, Finding } from './protocol-changes.js';

/** The headings, in the order of how much they ask of a user. */
const HEADINGS: readonly (readonly [Effect, string])[] = [
  ['breaks callers', 'Breaks callers'],
  ['changes for readers', 'Changes for readers'],
  ['new', 'New'],
];

/** The report. */
export function changeReport(before: string, after: string, findings: readonly Finding[]): string {
  const sections = HEADINGS.flatMap(([effect, heading]) => {
    const of = findings.filter((finding) => finding.effect === effect);
    return section(
      heading,
      of.map(({ subject, text }) => `- ${subject} ${text}`),
    );
  });
  const title = `## codex ${before} to ${after}\n`;
  if (sections.length === 0) return `${title}\nNo changes for a user.\n`;
  return [title, ...sections, ...section('Where these types are met', placeLines(findings))].join('\n');
}

function section(heading: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`### ${heading}\n\n${[...new Set(lines)].sort().join('\n')}\n`];
}

/** A line for each type that is told of by its name, with the places where it is met. */
function placeLines(findings: readonly Finding[]): string[] {
  const places = new Map<string, Set<string>>();
  for (const { subject, sites } of findings) {
    const [type = ''] = subject.split('.');
    for (const site of sites) places.set(type, (places.get(type) ?? new Set()).add(site));
  }
  return [...places].map(([type, sites]) => `- ${type}: ${[...sites].join(', ')}`);
}
