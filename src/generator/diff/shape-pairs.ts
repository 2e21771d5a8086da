/**
 * Finds out which alternatives of two unions are the same, which are the same and have changed, and which came or went.
 */
import {
  alternatives,
  canonical,
  literalTag,
  type ObjectShape,
  type Shape,
  type Types,
  tagOf,
} from './type-model.js';

/** The types that the two sides may name. */
export interface Sides {
  readonly before: Types;
  readonly after: Types;
}

/** What only one side has. While both have something, names are opened: they may stand for the same. */
export function onOneSide(
  before: readonly Shape[],
  after: readonly Shape[],
  sides: Sides,
): [readonly Shape[], readonly Shape[]] {
  const left = without(before, after);
  const right = without(after, before);
  if (left.length === 0 || right.length === 0) return [left, right];
  const openedLeft = left.flatMap((shape) => openName(shape, sides.before));
  const openedRight = right.flatMap((shape) => openName(shape, sides.after));
  const isOpen =
    openedLeft.every((shape) => left.includes(shape)) && openedRight.every((shape) => right.includes(shape));
  return isOpen ? [left, right] : onOneSide(openedLeft, openedRight, sides);
}

function without(shapes: readonly Shape[], others: readonly Shape[]): Shape[] {
  const texts = new Set(others.map(canonical));
  return shapes.filter((shape) => !texts.has(canonical(shape)));
}

function openName(shape: Shape, types: Types): readonly Shape[] {
  const named = shape.kind === 'name' ? types.shapeOf(shape.name) : undefined;
  return named === undefined ? [shape] : alternatives(named);
}

/** An alternative of each side that are one and the same, changed. */
export type Pair = readonly [Shape, Shape];

/**
 * Which of two sides are the same thing that has changed: objects with one tag, or the only one of each side.
 *
 * @param isOnly - is there but one object in the whole union? Then it is the same whatever its tag.
 */
export function pairUp(
  before: readonly Shape[],
  after: readonly Shape[],
  isOnly: boolean,
): { pairs: Pair[]; lost: Shape[]; gained: Shape[] } {
  const pairs: Pair[] = [];
  const lost: Shape[] = [];
  const gained = [...after];
  for (const shape of before) {
    const partner = partnerOf(shape, before, gained, isOnly);
    if (partner === undefined) lost.push(shape);
    else pairs.push([shape, ...gained.splice(gained.indexOf(partner), 1)] as [Shape, Shape]);
  }
  return { pairs, lost, gained };
}

function partnerOf(
  shape: Shape,
  before: readonly Shape[],
  after: readonly Shape[],
  isOnly: boolean,
): Shape | undefined {
  const same = after.filter(({ kind }) => kind === shape.kind);
  if (shape.kind === 'list') return same[0];
  if (shape.kind !== 'object') return undefined;
  const isAlone = before.filter(({ kind }) => kind === 'object').length === 1 && same.length === 1;
  const alike = same.filter(
    (other) => isOnly || (isAlone && !isTold(shape, other)) || hasTagOf(shape, other),
  );
  return alike.sort((left, right) => sharedKeys(shape, right) - sharedKeys(shape, left))[0];
}

/** Do the literals of two objects tell them apart? */
function isTold(shape: Shape, other: Shape): boolean {
  return literalTag(shape) !== literalTag(other);
}

function hasTagOf(shape: Shape, other: Shape): boolean {
  return tagOf(shape) !== undefined && tagOf(other) === tagOf(shape);
}

/** How many members two objects have in common, by name. */
function sharedKeys(shape: ObjectShape, other: Shape): number {
  if (other.kind !== 'object') return 0;
  return [...shape.members.keys()].filter((name) => other.members.has(name)).length;
}

/** Is it a single value? */
export const isLiteral = (shape: Shape): boolean =>
  shape.kind === 'plain' && (shape.text === 'null' || /^["\d-]/.test(shape.text));

/** Does one of the wider plain types admit this literal? */
export function isCovered(shape: Shape, by: readonly Shape[]): boolean {
  return by.some((wide) => covers(wide, shape));
}

function covers(wide: Shape, narrow: Shape): boolean {
  if (wide.kind !== 'plain' || narrow.kind !== 'plain') return false;
  if (wide.text === 'string') return narrow.text.startsWith('"');
  if (wide.text === 'number') return /^-?\d/.test(narrow.text);
  return wide.text === 'boolean' && /^(true|false)$/.test(narrow.text);
}
