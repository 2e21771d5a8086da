/**
 * What is different for a user between two versions of the protocol: methods that came, went or moved, and changes of the
 * types at the places where a user meets them. A change is told where it is met; one that is met in many places is told
 * once, under the name of its type.
 */
import type { Method, MethodMap } from '../method-map.js';
import type { Protocol } from './protocol.js';
import type { Sides } from './shape-pairs.js';
import { type Site, sitesOf, typesAt } from './sites.js';
import { type Change, typeChanges } from './type-changes.js';
import { joinPath } from './type-model.js';

/** What a change asks of a user. */
export type Effect = 'breaks callers' | 'changes for readers' | 'new';

/** One line of the report. */
export interface Finding {
  readonly effect: Effect;
  /** The method or type, with the path of the member. */
  readonly subject: string;
  readonly text: string;
  /** Where the type that the subject names is met; empty when the subject names the place. */
  readonly sites: readonly string[];
}

/** A type that is met in more places than this is told once, under its own name. */
const FEW_SITES = 2;

/** Everything that is different, without an order that means anything. */
export function protocolChanges(before: Protocol, after: Protocol): Finding[] {
  const sites = sitesOf(before, after);
  const sides = { before: before.types, after: after.types };
  return [...methodFindings(before.methods, after.methods), ...typeFindings(sites, sides)];
}

const KINDS: Readonly<Record<keyof MethodMap, { noun: string; gone: Effect }>> = {
  clientRequests: { noun: 'method', gone: 'breaks callers' },
  clientNotifications: { noun: 'client notification', gone: 'breaks callers' },
  serverRequests: { noun: 'server request', gone: 'changes for readers' },
  serverNotifications: { noun: 'notification', gone: 'changes for readers' },
};

function methodFindings(before: MethodMap, after: MethodMap): Finding[] {
  return (Object.keys(KINDS) as (keyof MethodMap)[]).flatMap((kind) => {
    const { noun, gone } = KINDS[kind];
    const old = new Map(before[kind].map((method) => [method.method, method]));
    const now = new Map(after[kind].map((method) => [method.method, method]));
    return [
      ...[...old.keys()]
        .filter((name) => !now.has(name))
        .map((name) => methodFinding(gone, name, `is gone (${noun})`)),
      ...[...now.values()].flatMap((method) => cameOrMoved(old.get(method.method), method, noun, gone)),
    ];
  });
}

function cameOrMoved(old: Method | undefined, now: Method, noun: string, gone: Effect): Finding[] {
  const { method, experimental } = now;
  if (old === undefined) {
    return [methodFinding('new', method, `is new (${noun}${experimental ? ', experimental' : ''})`)];
  }
  if (old.experimental === experimental) return [];
  return experimental
    ? [methodFinding(gone, method, `is experimental now (${noun})`)]
    : [methodFinding('new', method, `is stable now (${noun})`)];
}

const methodFinding = (effect: Effect, method: string, text: string): Finding => ({
  effect,
  subject: `\`${method}\``,
  text,
  sites: [],
});

/** A site with the types that are met there in both versions, each with its path in the newer one. */
interface Reach {
  readonly site: Site;
  readonly paths: ReadonlyMap<string, string>;
}

function typeFindings(sites: readonly Site[], sides: Sides): Finding[] {
  const reaches = sites.map((site) => reachOf(site, sides));
  const shared = [...sides.after.names].filter((name) => sides.before.names.has(name));
  return [
    ...sites.flatMap((site) =>
      typeChanges(site.before, site.after, sides).map((change) => findingAt(site, change, '')),
    ),
    ...shared.flatMap((name) => findingsOfType(name, reaches, sides)),
  ];
}

function reachOf(site: Site, { before, after }: Sides): Reach {
  const earlier = typesAt(site.before, before);
  const paths = [...typesAt(site.after, after)].filter(([name]) => earlier.has(name));
  return { site, paths: new Map(paths) };
}

function findingsOfType(name: string, reaches: readonly Reach[], sides: Sides): Finding[] {
  const [before, after] = [sides.before.shapeOf(name), sides.after.shapeOf(name)];
  if (before === undefined || after === undefined) return [];
  const changes = typeChanges(before, after, sides);
  if (changes.length === 0) return [];
  const met = reaches.filter(({ paths }) => paths.has(name));
  return (['writes', 'reads'] as const).flatMap((user) => {
    const places = met.filter(({ site }) => site.user === user);
    return changes.flatMap((change) => findingsAt(name, change, user, places));
  });
}

function findingsAt(name: string, change: Change, user: Site['user'], places: readonly Reach[]): Finding[] {
  if (places.length === 0) return [];
  if (places.length <= FEW_SITES) {
    return places.map(({ site, paths }) => findingAt(site, change, paths.get(name) ?? ''));
  }
  return [
    finding(
      `\`${name}\``,
      change.path,
      change,
      user,
      places.map(({ site }) => site.name),
    ),
  ];
}

function findingAt(site: Site, change: Change, path: string): Finding {
  return finding(site.name, joinPath(path, change.path), change, site.user, []);
}

function finding(
  where: string,
  path: string,
  change: Change,
  user: Site['user'],
  sites: readonly string[],
): Finding {
  const subject = path === '' ? where : `${where}.\`${path}\``;
  const { effect, text } = MEANINGS[user](change);
  return { effect, subject, text, sites };
}

interface Meaning {
  readonly effect: Effect;
  readonly text: string;
}

const meaning = (effect: Effect, text: string): Meaning => ({ effect, text });
const codes = (texts: readonly string[]): string => texts.map((text) => `\`${text}\``).join(', ');
const retyped = ([was = '', is = '']: readonly string[]): string => `was \`${was}\`, is \`${is}\` now`;

/** What a change means to the one who writes there, and to the one who reads. */
const MEANINGS: Readonly<Record<Site['user'], (change: Change) => Meaning>> = {
  writes: ({ kind, details }) =>
    ({
      added: () => meaning('breaks callers', 'is new and required'),
      'added optional': () => meaning('new', 'is new'),
      removed: () => meaning('breaks callers', 'is gone'),
      'now required': () => meaning('breaks callers', 'is required now'),
      'now optional': () => meaning('new', 'may be left out now'),
      widened: () => meaning('new', `also takes ${codes(details)}`),
      narrowed: () => meaning('breaks callers', `does not take ${codes(details)} any more`),
      named: () => meaning('new', `names ${codes(details)}`),
      retyped: () => meaning('breaks callers', retyped(details)),
    })[kind](),
  reads: ({ kind, details }) =>
    ({
      added: () => meaning('new', 'is new'),
      'added optional': () => meaning('new', 'is new, and not always there'),
      removed: () => meaning('changes for readers', 'is gone'),
      'now required': () => meaning('new', 'is always there now'),
      'now optional': () => meaning('changes for readers', 'may be missing now'),
      widened: () => meaning('changes for readers', `may also be ${codes(details)}`),
      narrowed: () =>
        meaning(
          details.every((text) => text === 'null') ? 'new' : 'changes for readers',
          `is never ${codes(details)} any more`,
        ),
      named: () => meaning('new', `names ${codes(details)}`),
      retyped: () => meaning('changes for readers', retyped(details)),
    })[kind](),
};
