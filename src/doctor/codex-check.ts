/**
 * Which codex is run, and why: the same search as that of a start, place by place, those behind the one that is taken
 * included. Looks at files, and starts nothing.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import {
  type ExecutableSearch,
  type GoodPlace,
  INSTALL_HINT,
  type PassedPlace,
  placesOf,
} from '../app-server/locate/find-executable.js';
import { isExecutableFile } from '../app-server/locate/path-lookup.js';
import type { Detail, Finding } from './finding.js';

/** The finding, and the executable when there is one that the system would start. */
export interface FoundCodex {
  readonly finding: Finding;
  readonly file: string | undefined;
}

/** Finds the codex that a start with the same options runs. */
export function codexFinding(search: ExecutableSearch): FoundCodex {
  const places = distinct(placesOf(search));
  const taken = places.find((place) => 'file' in place);
  const details = { places: places.map((place) => placeDetail(place, place === taken)) };
  if (taken === undefined) {
    const notes = places.map((place) => `looked at ${placeText(place)}`);
    const advice = INSTALL_HINT;
    return {
      file: undefined,
      finding: { check: 'codex', status: 'fail', finding: 'there is no codex', advice, notes, details },
    };
  }
  return takenFinding(taken, places, search.platform ?? process.platform, details);
}

/** Each place once: from several folders the search may come to the same one. */
function distinct(places: Iterable<GoodPlace | PassedPlace>): (GoodPlace | PassedPlace)[] {
  const byText = new Map<string, GoodPlace | PassedPlace>();
  for (const place of places) if (!byText.has(placeText(place))) byText.set(placeText(place), place);
  return [...byText.values()];
}

function takenFinding(
  taken: GoodPlace,
  places: readonly (GoodPlace | PassedPlace)[],
  platform: string,
  details: Readonly<Record<string, Detail>>,
): FoundCodex {
  const { file, origin, launcher } = taken;
  const index = places.indexOf(taken);
  const others = places.filter((place) => place !== taken && !('file' in place && place.file === file));
  const notes = others.map(
    (place) => `${places.indexOf(place) < index ? 'before it' : 'after it'}: ${placeText(place)}`,
  );
  const found = { check: 'codex', notes } as const;
  if (!isExecutableFile(file, platform)) {
    const advice =
      'it is missing, or no file that this user may execute; reinstall it, or name another one with --codex-path';
    const finding = `${file} (${origin}) cannot be started`;
    return {
      file: undefined,
      finding: { ...found, status: 'fail', finding, advice, details: { ...details, file, origin } },
    };
  }
  const kind = kindOf(file);
  const behind = launcher === undefined ? '' : `, behind ${launcher}`;
  const finding = `${file} (${kind}, ${origin}${behind})`;
  return {
    file,
    finding: {
      ...found,
      status: 'ok',
      finding,
      details: { ...details, file, origin, kind, launcher: launcher ?? null },
    },
  };
}

function placeText(place: GoodPlace | PassedPlace): string {
  return 'file' in place ? `${place.place}: ${place.file}` : `${place.place}: ${place.problem}`;
}

function placeDetail(place: GoodPlace | PassedPlace, isTaken: boolean): Detail {
  if ('file' in place) return { place: place.place, file: place.file, taken: isTaken };
  return { place: place.place, problem: place.problem, taken: false };
}

/** A launcher is a script: it starts several times slower, and signals reach it before codex. */
function kindOf(file: string): 'native' | 'script' {
  if (/\.(cmd|bat|ps1|m?js)$/i.test(file)) return 'script';
  return firstBytes(file) === '#!' ? 'script' : 'native';
}

function firstBytes(file: string): string {
  try {
    const handle = openSync(file, 'r');
    const bytes = Buffer.alloc(2);
    readSync(handle, bytes);
    closeSync(handle);
    return bytes.toString('latin1');
  } catch {
    return '';
  }
}
