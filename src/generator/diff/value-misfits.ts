/**
 * Holds a value that was said against a type: what of it the type does not have, each with its path. A path has no indices,
 * so that what is said many times has one path. What the model of types does not take apart fits everything.
 */
import {
  alternatives,
  joinPath,
  literalTag,
  type ObjectShape,
  type Shape,
  shown,
  type Types,
} from './type-model.js';

/** One place in a value where it is not what its type says. */
export interface Misfit {
  readonly path: string;
  /** What is wrong there, such as `unknown member`. */
  readonly text: string;
}

type Fields = Readonly<Record<string, unknown>>;

/** Everything in a value that its type does not have; `path` is that of the value. */
export function misfits(value: unknown, shape: Shape, types: Types, path: string): Misfit[] {
  const choices = opened(shape, types);
  if (choices.some((choice) => admits(choice, value))) return [];
  if (Array.isArray(value)) return misfitsOfList(value, choices, types, path);
  if (isFields(value)) return misfitsOfObject(value, choices, types, path);
  return [{ path, text: reason(value, choices) }];
}

/** What a shape may be, with names and unions opened. */
function opened(shape: Shape, types: Types): readonly Shape[] {
  return alternatives(shape).flatMap((member) => {
    if (member.kind !== 'name') return [member];
    const named = types.shapeOf(member.name);
    return named === undefined ? [{ kind: 'plain', text: 'unknown' }] : opened(named, types);
  });
}

/** What TypeScript calls a value that is neither list nor object. */
const PLAIN_TYPES: Readonly<Record<string, readonly string[]>> = {
  string: ['string'],
  number: ['number'],
  bigint: ['number'],
  boolean: ['boolean'],
};

/** Does a shape without parts have this value? */
function admits(shape: Shape, value: unknown): boolean {
  if (shape.kind !== 'plain') return false;
  const named = PLAIN_TYPES[shape.text];
  if (named !== undefined) return named.includes(typeof value);
  return isLiteral(shape.text) ? shape.text === literalOf(value) : true;
}

const isLiteral = (text: string): boolean => /^("|-?\d|(true|false|null|undefined|never)$)/.test(text);
const literalOf = (value: unknown): string => (value === undefined ? 'undefined' : JSON.stringify(value));
const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;

function reason(value: unknown, choices: readonly Shape[]): string {
  const isOfLiterals = choices.some(({ kind, ...rest }) => kind === 'plain' && /^"/.test(Object(rest).text));
  if (typeof value === 'string' && isOfLiterals) return `unknown value ${JSON.stringify(value)}`;
  return `is ${typeOf(value)}, expected ${choices.map(shown).join(' | ')}`;
}

function typeOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  return Array.isArray(value) ? 'a list' : `${typeof value === 'object' ? 'an' : 'a'} ${typeof value}`;
}

function misfitsOfList(
  value: readonly unknown[],
  choices: readonly Shape[],
  types: Types,
  path: string,
): Misfit[] {
  const lists = choices.filter((choice) => choice.kind === 'list');
  if (lists.length === 0) return [{ path, text: reason(value, choices) }];
  return fewest(
    lists.map(({ item }) => value.flatMap((element) => misfits(element, item, types, `${path}[]`))),
  );
}

/** Of a union the object with the value's own tag counts, else the one that it fits best. */
function misfitsOfObject(value: Fields, choices: readonly Shape[], types: Types, path: string): Misfit[] {
  const objects = choices.filter((choice) => choice.kind === 'object');
  if (objects.length === 0) return [{ path, text: reason(value, choices) }];
  const candidates = objects.filter((object) => tagMisfit(value, object) === undefined);
  if (candidates.length === 0) return [tagMisfitOf(value, objects, path)];
  return fewest(
    candidates.map((object) => {
      const tag = objects.length > 1 ? literalTag(object) : undefined;
      return misfitsInside(value, object, types, tag === undefined ? path : `${path}<${tag}>`);
    }),
  );
}

/** The name of the first literal of an object that the value has not. */
function tagMisfit(value: Fields, { members }: ObjectShape): string | undefined {
  for (const [name, { shape }] of members) {
    if (shape.kind !== 'plain' || !shape.text.startsWith('"')) continue;
    if (shape.text !== literalOf(value[name])) return name;
  }
  return undefined;
}

function tagMisfitOf(value: Fields, objects: readonly ObjectShape[], path: string): Misfit {
  const [first] = objects;
  const name = (first === undefined ? undefined : tagMisfit(value, first)) ?? '';
  return { path: joinPath(path, name), text: `unknown value ${literalOf(value[name])}` };
}

function misfitsInside(value: Fields, { members, rest }: ObjectShape, types: Types, path: string): Misfit[] {
  const missing = [...members].filter(([name, { optional }]) => !optional && !(name in value));
  const said = Object.entries(value).flatMap(([name, inner]) => {
    const shape = members.get(name)?.shape;
    if (shape !== undefined) return misfits(inner, shape, types, joinPath(path, name));
    if (rest !== undefined) return misfits(inner, rest, types, `${path}[*]`);
    return [{ path: joinPath(path, name), text: 'unknown member' }];
  });
  return [...missing.map(([name]) => ({ path: joinPath(path, name), text: 'is missing' })), ...said];
}

function fewest(found: readonly Misfit[][]): Misfit[] {
  return found.reduce((best, one) => (one.length < best.length ? one : best));
}
