/**
 * A JSON Schema in the form that strict mode takes: every object closed, every key required, and a key that was optional
 * may be `null` instead. Owns what is refused because that form cannot say it; the way back from an answer is
 * `added-nulls.ts`. A schema that has this form already comes out equal, and a value that fits the schema fits the form,
 * with a `null` for each optional key it lacks.
 */
import { checkTextList, isPlainObject, rejectArgument } from '../support/argument-checks.js';
import { InvalidArgumentError } from '../support/errors.js';
import {
  branchesOf,
  elementsOf,
  hasType,
  membersOf,
  type SchemaNode,
  SchemaTree,
  typeOf,
  valuesOf,
} from './schema-nodes.js';
import { BESIDE_CHOICE, fateOf, insteadOf, meantBy, measures, narrows } from './strict-keywords.js';

/** How deep a schema may be; strict mode takes ten levels or so. */
const MAX_DEPTH = 64;

const DEFINITION = '"#", or the name of a definition, such as "#/$defs/Name"';

const TYPES: readonly unknown[] = ['string', 'number', 'integer', 'boolean', 'object', 'array', 'null'];

/** How a schema is brought into its strict form. */
export interface StrictFormOptions {
  /** Where it comes from in the caller's program, such as `params.outputSchema`. */
  readonly argument: string;
  /** The answer is validated afterwards, so what only narrows may be left out. */
  readonly isValidated: boolean;
}

/**
 * The strict form of a JSON Schema; the schema itself is not changed.
 *
 * @throws InvalidArgumentError that names the part which strict mode cannot say
 */
export function strictFormOf(tree: SchemaTree, options: StrictFormOptions): SchemaNode {
  const { argument } = options;
  const { root } = tree;
  if (branchesOf(root) !== undefined)
    refuse(argument, 'the root cannot be a choice', 'put it into a property of an object');
  if (root['type'] !== 'object') rejectArgument(`${argument}.type`, root['type'], '"object" at the root');
  return new StrictForm(tree, options).of(root, argument);
}

/**
 * A schema whose root only names a definition, as recursive ones have it, with that definition for its root.
 *
 * @throws InvalidArgumentError when it is no schema, or names none
 */
export function withoutRootReference(argument: string, schema: unknown): SchemaNode {
  if (!isPlainObject(schema)) rejectArgument(argument, schema, 'a JSON Schema: an object');
  const { $ref, ...rest } = schema;
  if ($ref === undefined) return schema;
  checkBeside(schema, '$ref', argument);
  const target = new SchemaTree(schema).target({ $ref });
  if (target === undefined) rejectArgument(`${argument}.$ref`, $ref, DEFINITION);
  return { ...target, ...rest };
}

/** Says what cannot be said. @throws InvalidArgumentError always */
function refuse(path: string, what: string, instead: string): never {
  throw new InvalidArgumentError(path, `${path}: ${what} in strict mode, which codex asks for; ${instead}`);
}

class StrictForm {
  readonly #tree: SchemaTree;
  readonly #isValidated: boolean;

  constructor(tree: SchemaTree, { isValidated }: StrictFormOptions) {
    this.#tree = tree;
    this.#isValidated = isValidated;
  }

  of(part: unknown, path: string, depth = 0): SchemaNode {
    if (typeof part === 'boolean') refuse(path, 'true and false are no schemas', 'say which type it has');
    if (!isPlainObject(part)) rejectArgument(path, part, 'a JSON Schema: an object');
    const node = this.#isValidated ? withoutMeasuresBeside(part) : part;
    if (depth > MAX_DEPTH) refuse(path, `schemas have at most ${MAX_DEPTH} levels`, 'make it flatter');
    checkValues(node, path);
    this.#checkKind(node, path);
    const entries = Object.entries(node).flatMap((entry) => this.#member(node, entry, path, depth));
    return beside({ ...Object.fromEntries(entries), ...this.#added(node) });
  }

  /** One member of a part, in its strict form; none where it is left out. */
  #member(
    node: SchemaNode,
    [key, value]: [string, unknown],
    path: string,
    depth: number,
  ): [string, unknown][] {
    const place = `${path}.${key}`;
    switch (key) {
      case 'properties':
        return [[key, this.#properties(node, value, place, depth)]];
      case '$defs':
      case 'definitions':
        return [[key, this.#each(value, place, depth)]];
      case 'items':
        return [[key, this.of(value, place, depth + 1)]];
      case 'anyOf':
      case 'oneOf':
        return [['anyOf', this.#branches(key, value, place, depth)]];
      case 'required':
        return [[key, allRequired(node, place)]];
      default:
        return this.#plainMember([key, value], place);
    }
  }

  /** A member without schemas in it. */
  #plainMember([key, value]: [string, unknown], place: string): [string, unknown][] {
    const isNarrowing = narrows(key, value);
    if (isNarrowing && this.#isValidated) return [];
    checkPossible(key, place);
    if (key === 'additionalProperties' && value !== false)
      refuse(place, 'an object has no further keys', 'use an array of objects with a key and a value');
    if (key === '$ref' && this.#tree.target({ $ref: value }) === undefined)
      rejectArgument(place, value, DEFINITION);
    if (isNarrowing)
      refuse(
        place,
        'it cannot be said',
        'leave it out, or give a schema of a library, which checks the answer',
      );
    checkSpelling(key, place);
    return fateOf(key) === 'left out' || fateOf(key) === 'unknown' ? [] : [[key, value]];
  }

  #properties(node: SchemaNode, properties: unknown, path: string, depth: number): SchemaNode {
    if (!isPlainObject(properties)) rejectArgument(path, properties, 'an object: a schema for each key');
    const required = elementsOf(node['required']);
    const entries = Object.entries(properties).map(([name, property]): [string, unknown] => {
      const strict = this.of(property, `${path}.${name}`, depth + 1);
      const mayBeLeftOut = !required.includes(name) && !this.#tree.acceptsNull(property);
      return [name, mayBeLeftOut ? orNull(strict) : strict];
    });
    return Object.fromEntries(entries);
  }

  #each(schemas: unknown, path: string, depth: number): SchemaNode {
    const each = membersOf(schemas).map(([name, schema]): [string, unknown] => [
      name,
      this.of(schema, `${path}.${name}`, depth + 1),
    ]);
    return Object.fromEntries(each);
  }

  #branches(key: string, branches: unknown, path: string, depth: number): SchemaNode[] {
    if (!Array.isArray(branches) || branches.length === 0)
      rejectArgument(path, branches, 'an array of schemas');
    if (key === 'oneOf' && !this.#areDisjoint(branches))
      refuse(path, 'it is said as anyOf, and these branches overlap', 'tell them apart by a required const');
    return branches.map((branch: unknown, index) => this.of(branch, `${path}[${index}]`, depth + 1));
  }

  #areDisjoint(branches: readonly unknown[]): boolean {
    return branches.every((branch, index) =>
      branches.slice(index + 1).every((other) => this.#tree.areDisjoint(branch, other)),
    );
  }

  /** A part says what it is: a reference, a choice, or a type with what that type needs. */
  #checkKind(node: SchemaNode, path: string): void {
    const choice = choiceIn(node);
    if (choice !== undefined) checkBeside(node, choice, path);
    else if (node['type'] === undefined && valuesOf(node) === undefined) {
      for (const key of Object.keys(node)) checkPossible(key, `${path}.${key}`);
      refuse(path, 'a schema has a type', 'say which one, such as type: "string"');
    } else if (valuesOf(node) === undefined) checkParts(node, path);
  }

  /** What strict mode wants to be said, and the schema leaves out. */
  #added(node: SchemaNode): SchemaNode {
    const values = valuesOf(node);
    const types = [...new Set(values?.map(typeOf))];
    return {
      ...(node['type'] === undefined &&
        values !== undefined && { type: types.length === 1 ? types[0] : types }),
      ...('properties' in node && { required: allRequired(node, '') }),
      ...('properties' in node && { additionalProperties: false }),
    };
  }
}

/** A reference stands alone in strict mode, so what describes it is put around it. */
function beside(node: SchemaNode): SchemaNode {
  const { $ref, ...rest } = node;
  const isAlone = $ref === undefined || Object.keys(rest).length === 0;
  return isAlone ? node : { ...rest, anyOf: [{ $ref }] };
}

/** The part, or `null`. */
function orNull(strict: SchemaNode): SchemaNode {
  const { type, anyOf } = strict;
  const isPlain = valuesOf(strict) === undefined && !hasType(strict, 'object') && !hasType(strict, 'array');
  if (Array.isArray(anyOf)) return { ...strict, anyOf: [...anyOf, { type: 'null' }] };
  if (type === undefined || !isPlain) return { anyOf: [strict, { type: 'null' }] };
  return { ...strict, type: [type, 'null'].flat() };
}

/** Every key, in the order of the caller where all were required. */
function allRequired(node: SchemaNode, path: string): readonly unknown[] {
  const names = membersOf(node['properties']).map(([name]) => name);
  const required = elementsOf(node['required']);
  const stray = required.find((name) => !names.includes(String(name)));
  if (stray !== undefined) rejectArgument(path, stray, 'only names that are in properties');
  return names.every((name) => required.includes(name)) ? required : names;
}

/** The keyword of a reference or a choice, where the part is one. */
function choiceIn(node: SchemaNode): string | undefined {
  return ['$ref', 'anyOf', 'oneOf'].find((key) => key in node);
}

/** A reference or a choice without what only narrows it, as ArkType writes a format beside its branches. */
function withoutMeasuresBeside(node: SchemaNode): SchemaNode {
  if (choiceIn(node) === undefined) return node;
  return Object.fromEntries(Object.entries(node).filter(([key]) => !measures(key)));
}

/** What stands beside a reference or a choice would have to hold as well. */
function checkBeside(node: SchemaNode, choice: string, path: string): void {
  const other = Object.keys(node).find(
    (key) => key !== choice && !BESIDE_CHOICE.has(key) && !['left out', 'unknown'].includes(fateOf(key)),
  );
  if (other !== undefined)
    refuse(`${path}.${other}`, `it cannot stand beside ${choice}`, 'write it into the part itself');
}

/** An object says its keys, and an array its items. */
function checkParts(node: SchemaNode, path: string): void {
  const types = elementsOf([node['type']].flat());
  const isClosed = 'properties' in node || node['additionalProperties'] === false;
  if (types.includes('object') && !isClosed && !isImpossible(node))
    refuse(path, 'an object has no keys but its properties', 'say which it has');
  if (types.includes('array') && Array.isArray(node['items']))
    refuse(
      `${path}.items`,
      'an array has one schema for all items',
      'use an object with a property for each place',
    );
  if (types.includes('array') && !('items' in node) && !isImpossible(node))
    refuse(path, 'an array says its items', 'add items');
}

/** Another keyword is the better reason. */
function isImpossible(node: SchemaNode): boolean {
  return Object.keys(node).some((key) => insteadOf(key) !== undefined) || 'additionalProperties' in node;
}

/** The values of keywords that the strict form relies on. */
function checkValues(node: SchemaNode, path: string): void {
  const types = node['type'] === undefined ? [] : [node['type']].flat();
  if (types.length > 0 && !types.every((name) => TYPES.includes(name)))
    rejectArgument(`${path}.type`, node['type'], `one or more of ${TYPES.join(', ')}`);
  checkTextList(`${path}.required`, node['required']);
  if ('enum' in node && elementsOf(node['enum']).length === 0)
    rejectArgument(`${path}.enum`, node['enum'], 'an array of values');
}

function checkPossible(key: string, place: string): void {
  const instead = insteadOf(key);
  if (instead !== undefined) refuse(place, 'it cannot be said', instead);
}

function checkSpelling(key: string, place: string): void {
  const meant = fateOf(key) === 'unknown' ? meantBy(key) : undefined;
  if (meant !== undefined)
    throw new InvalidArgumentError(place, `${place}: unknown keyword; did you mean "${meant}"?`);
}
