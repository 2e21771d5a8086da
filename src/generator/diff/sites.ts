/**
 * The places where a user meets a type: what a method takes, what it answers, and what the server says. Who writes there
 * decides what a change means: what is written must still be taken, what is read may be something new.
 */
import type { Method, MethodMap } from '../method-map.js';
import type { Protocol } from './protocol.js';
import { alternatives, joinPath, literalTag, type Shape, type Types, unionOf } from './type-model.js';

/** A place that both versions have. */
export interface Site {
  /** For a line of the report, e.g. `` `thread/start` params ``. */
  readonly name: string;
  /** Does the user write what stands here, or read it? */
  readonly user: 'writes' | 'reads';
  readonly before: Shape;
  readonly after: Shape;
}

/** The places of all methods that both versions have, in the newer one's order. */
export function sitesOf(before: Protocol, after: Protocol): Site[] {
  const of = (kind: keyof MethodMap, make: (old: Method, now: Method) => (Site | undefined)[]) =>
    after.methods[kind].flatMap((now) => {
      const old = before.methods[kind].find(({ method }) => method === now.method);
      return old === undefined ? [] : make(old, now).filter((site) => site !== undefined);
    });
  const params = (user: Site['user']) => (old: Method, now: Method) => ({
    name: `\`${now.method}\` params`,
    user,
    before: paramsShape(old, before.types),
    after: paramsShape(now, after.types),
  });
  const answer = (user: Site['user'], what: string) => (old: Method, now: Method) =>
    answerSite(`\`${now.method}\` ${what}`, user, old, now, before.types, after.types);
  return [
    ...of('clientRequests', (old, now) => [
      params('writes')(old, now),
      answer('reads', 'response')(old, now),
    ]),
    ...of('serverRequests', (old, now) => [params('reads')(old, now), answer('writes', 'result')(old, now)]),
    ...of('serverNotifications', (old, now) => [params('reads')(old, now)]),
    ...of('clientNotifications', (old, now) => [params('writes')(old, now)]),
  ];
}

/** No params are an object without members, so that a first optional member is one that was added. */
function paramsShape({ params }: Method, types: Types): Shape {
  const some = alternatives(types.read(params)).filter(
    (shape) => shape.kind !== 'plain' || (shape.text !== 'undefined' && shape.text !== 'null'),
  );
  return some.length === 0 ? { kind: 'object', members: new Map(), rest: undefined } : unionOf(some);
}

/** The name of a response that one version does not lead to is taken from the other one. */
function answerSite(
  name: string,
  user: Site['user'],
  old: Method,
  now: Method,
  before: Types,
  after: Types,
): Site | undefined {
  const was = old.response ?? now.response ?? '';
  const is = now.response ?? old.response ?? '';
  if (!before.names.has(was) || !after.names.has(is)) return undefined;
  return { name, user, before: before.read(was), after: after.read(is) };
}

/** The types that can be met at a place, by name, each with the shortest path to it. */
export function typesAt(shape: Shape, types: Types): Map<string, string> {
  const found = new Map<string, string>();
  let edge = namesIn(shape, '');
  while (edge.length > 0) {
    const next: [string, string][] = [];
    for (const [name, path] of edge) {
      if (found.has(name)) continue;
      found.set(name, path);
      const named = types.shapeOf(name);
      if (named !== undefined) next.push(...namesIn(named, path));
    }
    edge = next;
  }
  return found;
}

/** The names in a shape, each with its path. */
function namesIn(shape: Shape, path: string): [string, string][] {
  if (shape.kind === 'name') return [[shape.name, path]];
  if (shape.kind === 'list') return namesIn(shape.item, `${path}[]`);
  if (shape.kind === 'union') {
    return shape.members.flatMap((member) => namesIn(member, `${path}${labelIn(shape, member)}`));
  }
  if (shape.kind !== 'object') return [];
  const rest = shape.rest === undefined ? [] : namesIn(shape.rest, `${path}[*]`);
  const members = [...shape.members].flatMap(([name, { shape: inner }]) =>
    namesIn(inner, joinPath(path, name)),
  );
  return [...members, ...rest];
}

function labelIn(union: Shape, member: Shape): string {
  const tag = literalTag(member);
  const objects = alternatives(union).filter(({ kind }) => kind === 'object');
  return tag !== undefined && objects.length > 1 ? `<${tag}>` : '';
}
