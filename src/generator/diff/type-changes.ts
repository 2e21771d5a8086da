/**
 * Compares two shapes and lists what is different, each with the path of the member it is at. It does not look into types
 * that have the same name on both sides: those are compared by themselves, once.
 *
 * Paths: `a.b` is a member, `a[]` an item of a list, `a[*]` what any other key holds, `a<x>` the object of a union that is
 * told apart by the literal `x`.
 */
import { isCovered, isLiteral, onOneSide, type Pair, pairUp, type Sides } from './shape-pairs.js';
import {
  alternatives,
  canonical,
  joinPath,
  literalTag,
  type ObjectShape,
  type Shape,
  shown,
} from './type-model.js';

/** What can happen to a type or a member. */
type ChangeKind =
  | 'added'
  | 'added optional'
  | 'removed'
  | 'now required'
  | 'now optional'
  | 'widened'
  | 'narrowed'
  | 'retyped'
  /** A literal that an open type admitted before is one of those it names. */
  | 'named';

/** One difference. */
export interface Change {
  /** Where, from the type that was compared; `''` for the type itself. */
  readonly path: string;
  readonly kind: ChangeKind;
  /** What came or went, or the old and the new type; empty where the kind says all. */
  readonly details: readonly string[];
}

/** Everything that is different between two shapes, in the order of the older one's members. */
export function typeChanges(before: Shape, after: Shape, sides: Sides): Change[] {
  return compare(before, after, '', { ...sides, open: new Set() });
}

interface Context extends Sides {
  /** The pairs that are being compared: a type that contains itself ends there. */
  readonly open: Set<string>;
}

function compare(before: Shape, after: Shape, path: string, context: Context): Change[] {
  if (canonical(before) === canonical(after)) return [];
  const wasAdmitted = alternatives(before);
  const isAdmitted = alternatives(after);
  const [was, is] = onOneSide(wasAdmitted, isAdmitted, context);
  const objects = Math.max(objectsIn(wasAdmitted), objectsIn(is), objectsIn(was));
  const { pairs, lost, gained } = pairUp(was, is, objects === 1);
  const gone = lost.filter((shape) => !isCovered(shape, isAdmitted));
  const come = gained.filter((shape) => !isCovered(shape, wasAdmitted));
  const named = gained.filter((shape) => !come.includes(shape));
  return [
    ...compareInside(pairs, path, objects, context),
    ...cameAndWent(gone, come, path),
    ...listed('named', named, path),
  ];
}

const objectsIn = (shapes: readonly Shape[]): number => shapes.filter(({ kind }) => kind === 'object').length;

function cameAndWent(gone: readonly Shape[], come: readonly Shape[], path: string): Change[] {
  const [was, ...more] = gone;
  const [is, ...others] = come;
  if (was !== undefined && is !== undefined && more.length + others.length === 0) {
    if (!isLiteral(was) && !isLiteral(is)) return listed('retyped', [was, is], path);
  }
  return [...listed('narrowed', gone, path), ...listed('widened', come, path)];
}

function listed(kind: ChangeKind, shapes: readonly Shape[], path: string): Change[] {
  return shapes.length === 0 ? [] : [{ path, kind, details: shapes.map(shown) }];
}

/**
 * What has changed inside the pairs of a union with so many objects. A change of all of them is one of their common part,
 * and told once.
 */
function compareInside(pairs: readonly Pair[], path: string, objects: number, context: Context): Change[] {
  const labelled = pairs.flatMap(([before, after]) => {
    const label = objects > 1 ? tagLabel(before, after) : '';
    return comparePair(before, after, context).map((found) => ({ label, found }));
  });
  const counts = new Map<string, number>();
  for (const { found } of labelled) counts.set(keyOf(found), (counts.get(keyOf(found)) ?? 0) + 1);
  const all = labelled.map(({ label, found }) => {
    const isCommon = counts.get(keyOf(found)) === objects;
    return { ...found, path: joinPath(joinPath(path, isCommon ? '' : label), found.path) };
  });
  return [...new Map(all.map((found) => [keyOf(found), found])).values()];
}

/** The paths of what it finds begin in the pair. A pair that contains itself is not compared again in there. */
function comparePair(before: Shape, after: Shape, context: Context): Change[] {
  const pair = `${canonical(before)} -> ${canonical(after)}`;
  if (context.open.has(pair)) return [];
  context.open.add(pair);
  const changes =
    before.kind === 'list' && after.kind === 'list'
      ? compare(before.item, after.item, '[]', context)
      : before.kind === 'object' && after.kind === 'object'
        ? compareObjects(before, after, context)
        : [];
  context.open.delete(pair);
  return changes;
}

const keyOf = ({ path, kind, details }: Change): string => JSON.stringify([path, kind, details]);

/** The literal that two objects have in common; none when they are told apart by nothing. */
function tagLabel(before: Shape, after: Shape): string {
  const tag = literalTag(before);
  return tag !== undefined && tag === literalTag(after) ? `<${tag}>` : '';
}

function compareObjects(before: ObjectShape, after: ObjectShape, context: Context): Change[] {
  const names = new Set([...before.members.keys(), ...after.members.keys()]);
  return [
    ...[...names].flatMap((name) => compareMembers(name, before, after, context)),
    ...compareRests(before.rest, after.rest, context),
  ];
}

function compareMembers(name: string, before: ObjectShape, after: ObjectShape, context: Context): Change[] {
  const was = before.members.get(name);
  const is = after.members.get(name);
  if (was === undefined) return [change(name, is?.optional ? 'added optional' : 'added')];
  if (is === undefined) return [change(name, 'removed')];
  const changes = compare(was.shape, is.shape, name, context);
  if (was.optional === is.optional) return changes;
  return [change(name, is.optional ? 'now optional' : 'now required'), ...changes];
}

function compareRests(before: Shape | undefined, after: Shape | undefined, context: Context): Change[] {
  if (before !== undefined && after !== undefined) return compare(before, after, '[*]', context);
  if (after !== undefined) return [change('[*]', 'added optional')];
  return before === undefined ? [] : [change('[*]', 'removed')];
}

const change = (path: string, kind: ChangeKind): Change => ({ path, kind, details: [] });
