/**
 * The walk through a recorded message and the given one, side by side. Owns which values are set against each other, and in
 * which order: that of the recorded line, so that what is learned on the way is the same in every replay. It walks with a
 * stack of its own, looks at each value once, and never fails, however deep a message is.
 */
import { isPlainObject } from '../../support/argument-checks.js';
import { MASKED } from '../../support/secret-shapes.js';
import type { TapeMessage } from '../tapes/tape.js';
import type { BoundRoots, TextFit } from './bound-roots.js';
import type { ClientIds } from './client-ids.js';
import { isIgnored, type PathsHere, pathsAt } from './ignored-paths.js';
import { fitsMasked } from './masked-text.js';
import { isDefault, isFreeText, isVolatile, namesFolder, nullSpeaks, watchesFolder } from './member-rules.js';

/** A place where a line is not what the tape has. */
export interface Difference {
  /** The place from the message on, dotted, for example `params.input.0.text`: as the option `ignore` takes it. */
  readonly path: string;
  /** What the tape has there; undefined where it has nothing. */
  readonly recorded: unknown;
  /** What the program sent there; undefined where it sent nothing. */
  readonly given: unknown;
  /** Why the two do not fit, where they do not show it themselves: an earlier line bound one of them to another. */
  readonly reason?: string;
}

/** What the lines before taught. */
export interface Bindings {
  readonly ids: ClientIds;
  readonly roots: BoundRoots;
}

/** Where a value stands. */
interface Place {
  readonly holder: Place | undefined;
  readonly key: string;
  /** The member that the value belongs to: entries of a list belong to the member of the list. */
  readonly member: string;
  /** The value belongs to a member that names folders. */
  readonly isFolder: boolean;
  readonly ignored: PathsHere;
}

interface Pair {
  readonly recorded: unknown;
  readonly given: unknown;
  readonly place: Place;
}

/** The members of a line that are compared; ids of requests and what belongs to tracing are not. */
const COMPARED = ['method', 'params', 'result', 'error'] as const;

export class LineComparison {
  readonly #method: string;
  readonly #bindings: Bindings;
  readonly #differences: Difference[] = [];
  #open: Pair[] = [];

  /** @param method - the method of the recorded line; empty for an answer */
  constructor(method: string, bindings: Bindings) {
    this.#method = method;
    this.#bindings = bindings;
  }

  /** Where the lines differ, in the order of the recorded one. */
  compare(recorded: TapeMessage, given: TapeMessage, ignored: PathsHere): readonly Difference[] {
    if (isThere(recorded['id']) !== isThere(given['id'])) {
      const place = { holder: undefined, key: 'id', member: 'id', isFolder: false, ignored: [] };
      this.#differ({ recorded: recorded['id'], given: given['id'], place }, undefined);
    }
    for (const key of COMPARED) {
      const place = { holder: undefined, key, member: key, isFolder: false, ignored: pathsAt(ignored, key) };
      // `params` that are left out are empty ones.
      const missing = key === 'params' ? {} : undefined;
      this.#walk({ recorded: recorded[key] ?? missing, given: given[key] ?? missing, place });
    }
    return this.#differences;
  }

  #walk(first: Pair): void {
    this.#open = [first];
    for (let pair = this.#open.pop(); pair !== undefined; pair = this.#open.pop()) {
      const parts = this.#look(pair);
      // The last one in is the first one out.
      for (const part of parts.reverse()) this.#open.push(part);
    }
  }

  /** Looks at two values; what they hold is looked at next. */
  #look(pair: Pair): Pair[] {
    const { recorded, given, place } = pair;
    if (isIgnored(place.ignored) || isVolatile(place.member, place.holder?.member ?? '')) return [];
    if (recorded === MASKED && isThere(given)) return [];
    if (isDefault(place.member, recorded ?? given) && isDefault(place.member, given ?? recorded)) return [];
    if (Array.isArray(recorded) && Array.isArray(given)) return this.#entries(recorded, given, place);
    if (isPlainObject(recorded) && isPlainObject(given)) return this.#members(recorded, given, place);
    const fit = this.#fit(pair);
    if (!fit.fits) this.#differ(pair, fit.reason);
    return [];
  }

  #entries(recorded: readonly unknown[], given: readonly unknown[], holder: Place): Pair[] {
    const length = Math.max(recorded.length, given.length);
    return Array.from({ length }, (_, index) => ({
      recorded: recorded[index],
      given: given[index],
      place: this.#below(holder, String(index), holder.member),
    }));
  }

  #members(
    recorded: Readonly<Record<string, unknown>>,
    given: Readonly<Record<string, unknown>>,
    holder: Place,
  ): Pair[] {
    const others = new Set(Object.keys(given));
    const single: string[] = [];
    const partners = new Map<string, string>();
    for (const key of Object.keys(recorded)) {
      const partner = [key, this.#bindings.roots.translate(key)].find((name) => others.has(name));
      if (partner === undefined) single.push(key);
      else partners.set(key, partner);
      others.delete(partner ?? key);
    }
    const rest = [...others];
    // What has no partner by name, such as a path of another machine, goes with what is left at the same turn.
    for (const [index, key] of single.entries()) {
      const other = rest[index];
      if (other === undefined || !this.#fitsKey(key, other, holder)) continue;
      partners.set(key, other);
      others.delete(other);
    }
    const below = (key: string) => this.#below(holder, key, key);
    return [
      ...Object.keys(recorded).map((key) => {
        const partner = partners.get(key);
        return {
          recorded: recorded[key],
          given: partner === undefined ? undefined : given[partner],
          place: below(key),
        };
      }),
      ...[...others].map((key) => ({ recorded: undefined, given: given[key], place: below(key) })),
    ];
  }

  #fitsKey(recorded: string, given: string, { isFolder }: Place): boolean {
    if (recorded.includes(MASKED)) return fitsMasked(recorded, given);
    return this.#bindings.roots.fit(recorded, given, isFolder).fits;
  }

  #below(holder: Place, key: string, member: string): Place {
    const isFolder = holder.isFolder || namesFolder(member, this.#method);
    return { holder, key, member, isFolder, ignored: pathsAt(holder.ignored, key) };
  }

  /** Two values of which one at least holds no others. */
  #fit({ recorded, given, place }: Pair): TextFit {
    const { member, holder } = place;
    const expected = this.#bindings.ids.requestId(this.#method, member, recorded);
    if (typeof expected === 'string' && typeof given === 'string')
      return this.#fitTexts(expected, given, place);
    if (expected === given) return { fits: true };
    // One is `null` and the other missing. In a list `null` is an entry like any other.
    const isMember = place.key === member && !isThere(expected) && !isThere(given);
    return { fits: isMember && !nullSpeaks(member, holder?.member ?? '', this.#method) };
  }

  #fitTexts(recorded: string, given: string, { member, isFolder }: Place): TextFit {
    if (recorded.includes(MASKED)) return { fits: fitsMasked(recorded, given) };
    const { ids, roots } = this.#bindings;
    const byId = ids.fit(this.#method, member, recorded, given);
    if (byId !== undefined) return byId;
    if (isFreeText(member)) return { fits: recorded === given };
    const areFolders =
      isFolder || [recorded, given].every((path) => watchesFolder(member, this.#method, path));
    return roots.fit(recorded, given, areFolders);
  }

  #differ({ recorded, given, place }: Pair, reason: string | undefined): void {
    const keys: string[] = [];
    for (let at: Place | undefined = place; at !== undefined; at = at.holder) keys.push(at.key);
    const path = keys.reverse().join('.');
    this.#differences.push({ path, recorded, given, ...(reason !== undefined && { reason }) });
  }
}

function isThere(value: unknown): boolean {
  return value !== undefined && value !== null;
}
