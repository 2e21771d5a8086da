/**
 * The way back from an answer in strict form: a `null` at a key that may be left out, and may not be `null`, stands for a
 * key that was left out, and is taken away. It follows the schema along the value, through references and into the branch
 * of a choice that the value fits; where it fits none, that part stays as it is.
 */
import { isDeepStrictEqual } from 'node:util';
import { isPlainObject } from '../support/argument-checks.js';
import {
  branchesOf,
  elementsOf,
  hasType,
  membersOf,
  type SchemaNode,
  type SchemaTree,
  typeOf,
  valuesOf,
} from './schema-nodes.js';

/** A value without its added nulls. */
interface Restored {
  readonly value: unknown;
  /** The value fits the schema, as far as types, keys and listed values go: by this a branch is chosen. */
  readonly fits: boolean;
}

/** An answer in strict form as the schema itself has it; the answer is not changed. */
export function withoutAddedNulls(tree: SchemaTree, answer: unknown): unknown {
  return new WayBack(tree).restore(tree.root, answer).value;
}

class WayBack {
  readonly #tree: SchemaTree;
  /** What each part made of each value, so that a value is looked at once for each part, however they nest. */
  readonly #known = new Map<SchemaNode, Map<unknown, Restored>>();

  constructor(tree: SchemaTree) {
    this.#tree = tree;
  }

  restore(part: unknown, value: unknown): Restored {
    const node = this.#tree.target(part);
    if (node === undefined) return { value, fits: true };
    const known = this.#known.get(node) ?? new Map<unknown, Restored>();
    this.#known.set(node, known);
    const before = known.get(value);
    if (before !== undefined) return before;
    // A choice that leads back to itself without a step into the value fits nothing.
    known.set(value, { value, fits: false });
    const restored = this.#look(node, value);
    known.set(value, restored);
    return restored;
  }

  #look(node: SchemaNode, value: unknown): Restored {
    const branches = branchesOf(node);
    if (branches !== undefined) return this.#choose(branches, value);
    const values = valuesOf(node);
    const isListed = values === undefined || values.some((listed) => isDeepStrictEqual(listed, value));
    if (!isListed || !hasType(node, typeOf(value))) return { value, fits: false };
    if (isPlainObject(value) && isPlainObject(node['properties'])) return this.#object(node, value);
    if (Array.isArray(value) && 'items' in node) return this.#array(node['items'], value);
    return { value, fits: true };
  }

  #choose(branches: readonly unknown[], value: unknown): Restored {
    for (const branch of branches) {
      const restored = this.restore(branch, value);
      if (restored.fits) return restored;
    }
    return { value, fits: false };
  }

  #object(node: SchemaNode, value: Readonly<Record<string, unknown>>): Restored {
    const properties = new Map(membersOf(node['properties']));
    const required = elementsOf(node['required']);
    const entries: [string, unknown][] = [];
    let fits = required.every((name) => Object.hasOwn(value, String(name)));
    for (const [key, entry] of Object.entries(value)) {
      const property = properties.get(key);
      const isAdded = entry === null && property !== undefined && !required.includes(key);
      if (isAdded && !this.#tree.acceptsNull(property)) continue;
      const restored = property === undefined ? { value: entry, fits: false } : this.restore(property, entry);
      entries.push([key, restored.value]);
      fits &&= restored.fits;
    }
    return { value: Object.fromEntries(entries), fits };
  }

  #array(items: unknown, value: readonly unknown[]): Restored {
    const restored = value.map((entry) => this.restore(items, entry));
    return { value: restored.map((item) => item.value), fits: restored.every((item) => item.fits) };
  }
}
