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

/** Gives the text of a named type, `undefined` for a name it does not know. */
export type LookUp = (name: string) => string | undefined;

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
 */
export function mayBeLeftOut(type: string, lookUp: LookUp): boolean {
  const members = unionMembers(type);
  if (members.length > 1) return members.some((member) => mayBeLeftOut(member, lookUp));
  const tokens = tokenize(members[0] ?? '');
  const parts = splitTop(tokens, '&');
  if (parts.length > 1) return parts.every((part) => mayBeLeftOut(textOf(part), lookUp));
  return allowsEmpty(textOf(tokens), lookUp);
}

function allowsEmpty(type: string, lookUp: LookUp): boolean {
  if (type === 'null' || type === 'undefined' || type === 'Record<string, never>') return true;
  const fields = fieldsOf(type);
  if (fields !== undefined) return fields.every(({ optional }) => optional);
  const named = lookUp(type);
  return named !== undefined && mayBeLeftOut(named, lookUp);
}

/**
 * The keys that an object of this type may have, over all members of a union; none for `null` and `undefined`.
 * `undefined` when any key may stand there, or the type is no object.
 */
export function keysOf(type: string, lookUp: LookUp): string[] | undefined {
  const fields = allFieldsOf(type, lookUp);
  return fields && [...new Set(fields.map(({ name }) => name))];
}

/** One key of an object type, and whether every value of the type has it. */
export interface KeyUse {
  readonly name: string;
  readonly isAlways: boolean;
}

/** The keys as {@link keysOf} gives them, in order, those that are always there marked. */
export function keyUses(type: string, lookUp: LookUp): KeyUse[] | undefined {
  const members = unionMembers(type).filter((member) => member !== 'null' && member !== 'undefined');
  const named = members.length === 1 ? lookUp(members[0] ?? '') : undefined;
  if (named !== undefined) return keyUses(named, lookUp);
  const alternatives = members.map((member) => allFieldsOf(member, lookUp));
  if (!alternatives.every((fields) => fields !== undefined)) return undefined;
  const isAlways = (key: string) =>
    alternatives.every((fields) => fields.some(({ name, optional }) => name === key && !optional));
  const names = new Set(alternatives.flat().map(({ name }) => name));
  return [...names].map((name) => ({ name, isAlways: isAlways(name) }));
}

/** The fields of a named object type that have a doc comment, with it. None for what is no object. */
export function documentedFields(type: string, lookUp: LookUp): (Field & { readonly doc: string })[] {
  const inside = insideOf(tokenize(lookUp(type) ?? ''), '{');
  return splitTop(inside ?? [], ',').flatMap((tokens) => {
    const comments = tokens.filter(({ kind }) => kind === 'comment').map(({ text }) => text);
    const doc = comments.at(-1);
    return doc === undefined ? [] : [{ ...fieldOf(withoutComments(tokens)), doc }];
  });
}

/**
 * The values that a key of this object type may have when they are a closed list of texts and of objects with one key:
 * the texts as they are, of the objects the key in braces. `undefined` when anything else may stand there.
 */
export function choicesOf(type: string, key: string, lookUp: LookUp): string[] | undefined {
  const field = allFieldsOf(type, lookUp)?.find(({ name }) => name === key);
  return field && closedChoices(field.type, lookUp);
}

function allFieldsOf(type: string, lookUp: LookUp): Field[] | undefined {
  const parts = unionMembers(type).flatMap((member) => splitTop(tokenize(member), '&').map(textOf));
  const fields = parts.map((part) => partFields(part, lookUp));
  return fields.every((list) => list !== undefined) ? fields.flat() : undefined;
}

function partFields(part: string, lookUp: LookUp): Field[] | undefined {
  if (part === 'null' || part === 'undefined' || part === 'Record<string, never>') return [];
  const fields = fieldsOf(part);
  // The key of a mapped type is any text.
  if (fields !== undefined) return fields.some(({ name }) => name.startsWith('[')) ? undefined : fields;
  const named = part.startsWith('(') ? part : lookUp(part);
  return named === undefined ? undefined : allFieldsOf(named, lookUp);
}

function closedChoices(type: string, lookUp: LookUp): string[] | undefined {
  const choices = unionMembers(type).map((member) => {
    const text = /^"([^"]*)"$/.exec(member)?.[1];
    if (text !== undefined) return [text];
    const named = lookUp(member);
    if (named !== undefined) return closedChoices(named, lookUp);
    const fields = partFields(member, lookUp);
    return fields?.length === 1 && member !== 'null' ? [`{${fields[0]?.name}}`] : undefined;
  });
  return choices.every((list) => list !== undefined) ? choices.flat() : undefined;
}
