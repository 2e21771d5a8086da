/**
 * Findings are pasted into reports that everybody can read: what looks like a key is masked, the folder of the user, which
 * has the user's name in it, is `~`, and what controls a terminal is gone. All texts come through here. Those that a server
 * or a program has written went through `cleanStderrText` before: there a label such as "password" hides what follows it,
 * which it must not do in a path.
 */
import { stripVTControlCharacters } from 'node:util';
import { MASKED, maskShapes } from '../support/secret-shapes.js';
import type { Detail, Finding } from './finding.js';
import { userHome } from './user.js';

/**
 * An address, as a server may write it to stderr. A package and its version, as in the paths of pnpm and Homebrew, is none:
 * no domain ends with a number, or begins as `0.169` does.
 */
const ADDRESS = /[\w.+-]+@(?!v?\d+\.\d)[\w-]+(\.[\w-]+)*\.[a-z]{2,}\b/gi;

/** The finding as it may be shown. */
export function shownFinding(found: Finding, home: string = userHome()): Finding {
  const show = (text: string) => withoutHome(masked(text), home);
  const { check, status, finding, advice, notes = [], details } = found;
  return {
    check,
    status,
    finding: show(finding),
    advice: advice === undefined ? undefined : show(advice),
    notes: notes.length === 0 ? undefined : notes.map(show),
    details: details === undefined ? undefined : shownMembers(details, show),
  };
}

function masked(text: string): string {
  return maskShapes(stripVTControlCharacters(text), MASKED).replace(ADDRESS, '[address]');
}

function withoutHome(text: string, home: string): string {
  // A user without a folder of their own has none, or the root.
  if (home.length <= 1) return text;
  return text.split(home).reduce((before, after) => `${before}${/^[\w.-]/.test(after) ? home : '~'}${after}`);
}

function shownDetail(detail: Detail, show: (text: string) => string): Detail {
  if (typeof detail === 'string') return show(detail);
  if (detail === null || typeof detail !== 'object') return detail;
  if (isList(detail)) return detail.map((entry) => shownDetail(entry, show));
  return shownMembers(detail, show);
}

function isList(detail: Detail): detail is readonly Detail[] {
  return Array.isArray(detail);
}

function shownMembers(
  members: Readonly<Record<string, Detail>>,
  show: (text: string) => string,
): Readonly<Record<string, Detail>> {
  return Object.fromEntries(
    Object.entries(members).map(([name, detail]) => [name, shownDetail(detail, show)]),
  );
}
