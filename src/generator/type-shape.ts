/**
 * Reads the shape of a type's text: its union members, its fields, and whether it may be left out. It reads only what
 * ts-rs writes: object literals, mapped types, unions, intersections, names.
 */
import {
  colonIndex,
  insideOf,
  isMark,
  splitTop,
  type Token,
  textOf,
  tokenize,
  withoutComments,
} from './tokens.js';

/** One field of an object type. */
export interface Field {
  /** The name, without quotes. */
  readonly name: string;
  /** Is it written with `?`? */
  readonly optional: boolean;
  /** The text of its type. */
  readonly type: string;
}

/** The members of a union, in order, without their comments; parentheses around the whole are looked through. */
export function unionMembers(type: string): string[] {
  const tokens = withoutComments(tokenize(type));
  const inside = insideOf(tokens, '(');
  if (inside !== undefined) return unionMembers(textOf(inside));
  return splitTop(tokens, '|')
    .filter((member) => member.length > 0)
    .map(textOf);
}

/** The fields of an object literal type, or `undefined` when `type` is something else. */
export function fieldsOf(type: string): Field[] | undefined {
  const inside = insideOf(withoutComments(tokenize(type)), '{');
  return inside && splitTop(inside, ',').map(fieldOf);
}

function fieldOf(tokens: readonly Token[]): Field {
  const colon = colonIndex(tokens);
  if (colon === -1) throw new Error(`expected a field, got: ${textOf(tokens).slice(0, 200)}`);
  const head = tokens.slice(0, colon).filter(({ kind }) => kind !== 'space');
  const optional = isMark(head.at(-1), '?');
  const name = textOf(optional ? head.slice(0, -1) : head).replace(/^(["'])(.*)\1$/, '$2');
  return { name, optional, type: textOf(tokens.slice(colon + 1)).trim() };
}

/**
 * May params of this type be left out? Yes when it admits `null` or `undefined`, or when every field is optional.
 *
 * @param type - the text of the type
 * @param lookUp - gives the text of a named type, `undefined` for a name it does not know
 */
export function mayBeLeftOut(type: string, lookUp: (name: string) => string | undefined): boolean {
  const members = unionMembers(type);
  if (members.length > 1) return members.some((member) => mayBeLeftOut(member, lookUp));
  const tokens = tokenize(members[0] ?? '');
  const parts = splitTop(tokens, '&');
  if (parts.length > 1) return parts.every((part) => mayBeLeftOut(textOf(part), lookUp));
  return allowsEmpty(textOf(tokens), lookUp);
}

function allowsEmpty(type: string, lookUp: (name: string) => string | undefined): boolean {
  if (type === 'null' || type === 'undefined' || type === 'Record<string, never>') return true;
  const fields = fieldsOf(type);
  if (fields !== undefined) return fields.every(({ optional }) => optional);
  const named = lookUp(type);
  return named !== undefined && mayBeLeftOut(named, lookUp);
}
