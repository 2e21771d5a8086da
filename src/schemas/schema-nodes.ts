/** Reading a JSON Schema: where its references lead, and what a part of it lets through. */
import { isDeepStrictEqual } from 'node:util';
import { isPlainObject } from '../support/argument-checks.js';

/** A part of a JSON Schema, as JSON. */
export type SchemaNode = Readonly<Record<string, unknown>>;

/** How deep two parts are compared; whatever is deeper may overlap. */
const COMPARED_DEPTH = 4;

/** The members of a part as schemas by name, such as its properties. */
export function membersOf(value: unknown): [string, unknown][] {
  return isPlainObject(value) ? Object.entries(value) : [];
}

/** The elements of a part, such as its branches. */
export function elementsOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The branches of a part, one of which a value has to fit; undefined where there is no choice. */
export function branchesOf(node: SchemaNode): readonly unknown[] | undefined {
  const branches = node['anyOf'] ?? node['oneOf'];
  return branches === undefined ? undefined : elementsOf(branches);
}

/** The names of types that a part lets through; undefined where it does not say. */
function typesOf(node: SchemaNode): readonly unknown[] | undefined {
  const { type } = node;
  if (type !== undefined) return Array.isArray(type) ? type : [type];
  return valuesOf(node)?.map(typeOf);
}

/** The only values that a part lets through; undefined where it does not list them. */
export function valuesOf(node: SchemaNode): readonly unknown[] | undefined {
  if ('const' in node) return [node['const']];
  return Array.isArray(node['enum']) ? node['enum'] : undefined;
}

/** The name that JSON Schema has for the type of a value. */
export function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

/** The part lets values of this type through, as far as its own keywords say. */
export function hasType(node: SchemaNode, name: string): boolean {
  const types = typesOf(node);
  return types === undefined || types.includes(name) || (name === 'integer' && types.includes('number'));
}

/** One schema with its references. */
export class SchemaTree {
  readonly root: SchemaNode;

  constructor(root: SchemaNode) {
    this.root = root;
  }

  /**
   * What a part stands for: itself, or where its reference leads in the end. Undefined when it leads nowhere, in a
   * circle, or elsewhere than to the root and its definitions.
   */
  target(node: unknown): SchemaNode | undefined {
    const seen = new Set<unknown>();
    let found = node;
    while (isPlainObject(found) && typeof found['$ref'] === 'string' && !seen.has(found)) {
      seen.add(found);
      found = this.#at(found['$ref']);
    }
    return isPlainObject(found) && !('$ref' in found) ? found : undefined;
  }

  /** A part lets `null` through. */
  acceptsNull(node: unknown, seen: ReadonlySet<unknown> = new Set()): boolean {
    const target = this.target(node);
    if (target === undefined || seen.has(target)) return false;
    const values = valuesOf(target);
    if (values !== undefined && !values.includes(null)) return false;
    if (target['type'] !== undefined && !hasType(target, 'null')) return false;
    const branches = branchesOf(target);
    const within = new Set(seen).add(target);
    return branches === undefined || branches.some((branch) => this.acceptsNull(branch, within));
  }

  /** No value fits both parts: they differ in type, in the values they list, or in a property that tells them apart. */
  areDisjoint(one: unknown, other: unknown, depth = 0): boolean {
    const [a, b] = [this.target(one), this.target(other)];
    if (a === undefined || b === undefined || depth > COMPARED_DEPTH) return false;
    for (const [node, against] of [
      [a, b],
      [b, a],
    ] as const) {
      const branches = branchesOf(node);
      if (branches?.every((branch) => this.areDisjoint(branch, against, depth + 1))) return true;
    }
    return haveNoTypeInCommon(a, b) || haveNoValueInCommon(a, b) || this.#areToldApart(a, b, depth);
  }

  #areToldApart(a: SchemaNode, b: SchemaNode, depth: number): boolean {
    if (a['type'] !== 'object' || b['type'] !== 'object') return false;
    const required = elementsOf(b['required']);
    const names = elementsOf(a['required']).filter((name) => required.includes(name));
    const [ofA, ofB] = [Object(a['properties']), Object(b['properties'])];
    return names.some((name) => this.areDisjoint(ofA[String(name)], ofB[String(name)], depth + 1));
  }

  #at(reference: string): unknown {
    if (reference === '#') return this.root;
    const [, folder, name, ...rest] = reference.split('/').map(unescaped);
    const isKnown = reference.startsWith('#/') && (folder === '$defs' || folder === 'definitions');
    if (!isKnown || name === undefined || rest.length > 0) return undefined;
    return Object.hasOwn(Object(this.root[folder]), name) ? Object(this.root[folder])[name] : undefined;
  }
}

/** A step of a JSON pointer in the fragment of a URI. */
function unescaped(step: string): string {
  return decoded(step).replaceAll('~1', '/').replaceAll('~0', '~');
}

function decoded(step: string): string {
  try {
    return decodeURIComponent(step);
  } catch {
    return step;
  }
}

function haveNoTypeInCommon(a: SchemaNode, b: SchemaNode): boolean {
  const [types, others] = [typesOf(a), typesOf(b)];
  if (types === undefined || others === undefined) return false;
  return !types.some((name) => hasType(b, String(name))) && !others.some((name) => hasType(a, String(name)));
}

function haveNoValueInCommon(a: SchemaNode, b: SchemaNode): boolean {
  const [values, others] = [valuesOf(a), valuesOf(b)];
  if (values === undefined || others === undefined) return false;
  return !values.some((value) => others.some((other) => isDeepStrictEqual(value, other)));
}
