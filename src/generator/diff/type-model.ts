/**
 * Reads the text of types into shapes that can be compared: objects, lists, unions, names, and plain text for the rest. An
 * intersection is an object, or a union of objects, with all of its members, so that it is compared as what it means.
 *
 * Names stay names: a shape ends where another type is named, and so has an end.
 */
import type { Declaration } from '../flatten.js';
import {
  closingIndex,
  insideOf,
  isMark,
  splitTop,
  type Token,
  textOf,
  tokenize,
  withoutComments,
} from '../tokens.js';
import { fieldsOf } from '../type-shape.js';

/** An object: its members, and the type of every other key where any may stand there. */
export interface ObjectShape {
  readonly kind: 'object';
  readonly members: ReadonlyMap<string, Member>;
  readonly rest: Shape | undefined;
}

/** One member of an object. */
interface Member {
  readonly optional: boolean;
  readonly shape: Shape;
}

/** What a type looks like. */
export type Shape =
  | ObjectShape
  | { readonly kind: 'list'; readonly item: Shape }
  | { readonly kind: 'union'; readonly members: readonly Shape[] }
  /** Another type of the protocol. */
  | { readonly kind: 'name'; readonly name: string }
  /** `string`, `null`, a literal, or what is not taken apart. */
  | { readonly kind: 'plain'; readonly text: string };

/** The types of one version, by name. */
export interface Types {
  readonly names: ReadonlySet<string>;
  /** The shape of a named type; `undefined` for a name that it does not have. */
  shapeOf(name: string): Shape | undefined;
  /** The shape of a text that may name its types. */
  read(text: string): Shape;
}

/** Of an object with more keys than this the others are three dots. */
const MAX_KEYS = 4;

const EMPTY: ObjectShape = { kind: 'object', members: new Map(), rest: undefined };

/** The types that declarations declare. */
export function readTypes(declarations: readonly Declaration[]): Types {
  const bodies = new Map(declarations.map(({ name, body }) => [name, body]));
  const shapes = new Map<string, Shape>();
  const types: Types = {
    names: new Set(bodies.keys()),
    shapeOf(name) {
      const body = bodies.get(name);
      const shape = shapes.get(name) ?? (body === undefined ? undefined : types.read(body));
      if (shape !== undefined) shapes.set(name, shape);
      return shape;
    },
    read: (text) => shapeIn(withoutComments(tokenize(text)), types),
  };
  return types;
}

/** What a shape may be, with unions opened: itself when it is no union. */
export function alternatives(shape: Shape): readonly Shape[] {
  return shape.kind === 'union' ? shape.members : [shape];
}

/** The union of shapes, each once. */
export function unionOf(shapes: readonly Shape[]): Shape {
  const members = shapes.flatMap(alternatives);
  const [first = { kind: 'plain', text: 'never' }, ...others] = [
    ...new Map(members.map((member) => [canonical(member), member])).values(),
  ];
  return others.length === 0 ? first : { kind: 'union', members: [first, ...others] };
}

/** A text that two shapes share exactly when they admit the same, names taken as they are. */
export function canonical(shape: Shape): string {
  const text = texts.get(shape) ?? canonicalText(shape);
  texts.set(shape, text);
  return text;
}

const texts = new WeakMap<Shape, string>();

function canonicalText(shape: Shape): string {
  if (shape.kind === 'plain') return shape.text;
  if (shape.kind === 'name') return `@${shape.name}`;
  if (shape.kind === 'list') return `Array<${canonical(shape.item)}>`;
  if (shape.kind === 'union') return shape.members.map(canonical).sort().join(' | ');
  const members = [...shape.members].map(
    ([name, { optional, shape: inner }]) => `${name}${optional ? '?' : ''}: ${canonical(inner)}`,
  );
  const rest = shape.rest === undefined ? [] : [`[*]: ${canonical(shape.rest)}`];
  return `{ ${[...members.sort(), ...rest].join(', ')} }`;
}

const isTag = (shape: Shape): shape is Extract<Shape, { kind: 'plain' }> =>
  shape.kind === 'plain' && shape.text.startsWith('"');

/** The first literal of an object, without its quotes: what tells it apart from the others of a union. */
export function literalTag(shape: Shape): string | undefined {
  if (shape.kind !== 'object') return undefined;
  for (const { shape: member } of shape.members.values()) {
    if (isTag(member)) return member.text.slice(1, -1);
  }
  return undefined;
}

/** What tells an object of a union apart: its first literal, or its only key. */
export function tagOf(shape: Shape): string | undefined {
  const [only, ...others] = shape.kind === 'object' ? [...shape.members.keys()] : [];
  return literalTag(shape) ?? (others.length === 0 ? only : undefined);
}

/** A shape in a few words: of an object its tag or its keys. */
export function shown(shape: Shape): string {
  if (shape.kind === 'plain') return shape.text;
  if (shape.kind === 'name') return shape.name;
  if (shape.kind === 'list') return `Array<${shown(shape.item)}>`;
  if (shape.kind === 'union') return shape.members.map(shown).join(' | ');
  const keys = [...shape.members].map(([name, { shape: member }]) =>
    isTag(member) ? `${name}: ${member.text}` : name,
  );
  const shownKeys = [...keys.filter((key) => key.includes(':')), ...keys.filter((key) => !key.includes(':'))];
  const more = keys.length > MAX_KEYS || shape.rest !== undefined ? ['...'] : [];
  return `{ ${[...shownKeys.slice(0, MAX_KEYS), ...more].join(', ')} }`;
}

/** One path after another: a member after a dot, brackets and tags without. */
export function joinPath(path: string, more: string): string {
  return path === '' || more === '' || /^[[<]/.test(more) ? path + more : `${path}.${more}`;
}

function shapeIn(tokens: readonly Token[], types: Types): Shape {
  const members = splitTop(tokens, '|').filter((member) => member.length > 0);
  if (members.length > 1) return unionOf(members.map((member) => shapeIn(member, types)));
  const parts = splitTop(members[0] ?? [], '&');
  if (parts.length > 1) return parts.map((part) => shapeIn(part, types)).reduce(both(types));
  return single(parts[0] ?? [], types);
}

function single(tokens: readonly Token[], types: Types): Shape {
  const inside = insideOf(tokens, '(');
  if (inside !== undefined) return shapeIn(withoutComments(inside), types);
  if (isMark(tokens[0], '{')) return objectIn(textOf(tokens), types);
  if (isMark(tokens.at(-1), ']') && isMark(tokens.at(-2), '[')) {
    return { kind: 'list', item: single(tokens.slice(0, -2), types) };
  }
  if (isMark(tokens[1], '<')) return generic(tokens, types);
  const text = textOf(tokens).replaceAll(/\s+/g, ' ');
  return types.names.has(text) ? { kind: 'name', name: text } : { kind: 'plain', text };
}

function generic(tokens: readonly Token[], types: Types): Shape {
  const name = tokens[0]?.text;
  const [first = [], second = []] = splitTop(tokens.slice(2, closingIndex(tokens, 1)), ',');
  if (name === 'Array') return { kind: 'list', item: shapeIn(first, types) };
  if (name !== 'Record') return { kind: 'plain', text: textOf(tokens).replaceAll(/\s+/g, ' ') };
  return textOf(second) === 'never' ? EMPTY : { ...EMPTY, rest: shapeIn(second, types) };
}

function objectIn(text: string, types: Types): ObjectShape {
  const members = new Map<string, Member>();
  let rest: Shape | undefined;
  for (const { name, optional, type } of fieldsOf(text) ?? []) {
    if (name.startsWith('[')) rest = types.read(type);
    else members.set(name, { optional, shape: types.read(type) });
  }
  return { kind: 'object', members, rest };
}

/** The intersection of two shapes; what is no object goes into it as it is. */
function both(types: Types): (left: Shape, right: Shape) => Shape {
  return (left, right) =>
    unionOf(
      opened(left, types).flatMap((one) =>
        opened(right, types).map((other) =>
          one.kind === 'object' && other.kind === 'object' ? merged(one, other) : plainBoth(one, other),
        ),
      ),
    );
}

/** The alternatives of a shape, with names replaced by what they stand for. */
function opened(shape: Shape, types: Types): readonly Shape[] {
  return alternatives(shape).flatMap((member) => {
    const named = member.kind === 'name' ? types.shapeOf(member.name) : undefined;
    return named === undefined ? [member] : opened(named, types);
  });
}

function merged(left: ObjectShape, right: ObjectShape): ObjectShape {
  return {
    kind: 'object',
    members: new Map([...left.members, ...right.members]),
    rest: left.rest ?? right.rest,
  };
}

function plainBoth(left: Shape, right: Shape): Shape {
  return { kind: 'plain', text: `${canonical(left)} & ${canonical(right)}` };
}
