/**
 * The check of a value by a plain JSON Schema, as far as it goes without a library: types, required and unknown keys, listed
 * values, bounds of numbers and lengths, elements, and choices of which one has to fit. Whatever else a schema says (`pattern`,
 * `format`, `not`, `if`, ...) is passed over, so what is found here is wrong, and what is not found may be.
 */
import { isDeepStrictEqual } from 'node:util';
import { describeValue, isPlainObject } from '../support/argument-checks.js';
import type { SchemaIssue } from './output-schema.js';
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

/** The way from the root of the value. */
type Path = readonly (string | number)[];

/** Measures by keyword: what is measured of a value that has it, and whether it is within the bound. */
const MEASURES: Readonly<
  Record<string, readonly [Measured, (size: number, bound: number) => boolean, string]>
> = {
  minimum: ['number', (size, bound) => size >= bound, 'at least'],
  maximum: ['number', (size, bound) => size <= bound, 'at most'],
  exclusiveMinimum: ['number', (size, bound) => size > bound, 'more than'],
  exclusiveMaximum: ['number', (size, bound) => size < bound, 'less than'],
  minLength: ['characters', (size, bound) => size >= bound, 'at least'],
  maxLength: ['characters', (size, bound) => size <= bound, 'at most'],
  minItems: ['items', (size, bound) => size >= bound, 'at least'],
  maxItems: ['items', (size, bound) => size <= bound, 'at most'],
};

type Measured = 'number' | 'characters' | 'items';

/** What is wrong with a value; nothing when it fits, as far as is looked. */
export function plainIssues(schema: SchemaNode, value: unknown): SchemaIssue[] {
  return new PlainCheck(new SchemaTree(schema)).of(schema, value, []);
}

class PlainCheck {
  readonly #tree: SchemaTree;
  /**
   * What each part found wrong with each value, so that choices within choices do not look at it again and again; one that leads
   * back to itself adds nothing.
   */
  readonly #found = new Map<SchemaNode, Map<unknown, SchemaIssue[]>>();

  constructor(tree: SchemaTree) {
    this.#tree = tree;
  }

  of(part: unknown, value: unknown, path: Path): SchemaIssue[] {
    if (part === false) return [{ message: 'nothing is allowed here', path }];
    const node = this.#tree.target(part);
    if (node === undefined) return [];
    const found = this.#found.get(node) ?? new Map<unknown, SchemaIssue[]>();
    const known = found.get(value);
    if (known !== undefined) return known;
    this.#found.set(node, found.set(value, []));
    const issues = this.#look(node, value, path);
    // Of what is JSON, objects alone have but one place.
    if (typeof value === 'object' && value !== null) found.set(value, issues);
    else found.delete(value);
    return issues;
  }

  #look(node: SchemaNode, value: unknown, path: Path): SchemaIssue[] {
    const values = valuesOf(node);
    if (values !== undefined && !values.some((listed) => isDeepStrictEqual(listed, value))) {
      const listed = values.map((one) => JSON.stringify(one)).join(', ');
      return [
        { message: `expected ${values.length === 1 ? listed : `one of ${listed}`}, ${got(value)}`, path },
      ];
    }
    if (!hasType(node, typeOf(value))) {
      const types = [node['type']].flat().join(' or ');
      return [{ message: `expected ${types}, ${got(value)}`, path }];
    }
    return [
      ...measureIssues(node, value, path),
      ...this.#objectIssues(node, value, path),
      ...this.#arrayIssues(node, value, path),
      ...elementsOf(node['allOf']).flatMap((part) => this.of(part, value, path)),
      ...this.#choiceIssues(node, value, path),
    ];
  }

  #objectIssues(node: SchemaNode, value: unknown, path: Path): SchemaIssue[] {
    if (!isPlainObject(value)) return [];
    const properties = new Map(membersOf(node['properties']));
    const missing = elementsOf(node['required'])
      .map(String)
      .filter((name) => !Object.hasOwn(value, name))
      .map((name) => ({ message: 'is required, and missing', path: [...path, name] }));
    // Which other keys are allowed, patterns may say, which are not looked at.
    const others = 'patternProperties' in node ? undefined : node['additionalProperties'];
    const known = [...properties.keys()].join(', ');
    const found = Object.entries(value).flatMap(([key, member]) => {
      const at = [...path, key];
      if (properties.has(key)) return this.of(properties.get(key), member, at);
      if (others === false) return [{ message: `unknown key; known keys: ${known}`, path: at }];
      return this.of(others, member, at);
    });
    return [...missing, ...found];
  }

  #arrayIssues(node: SchemaNode, value: unknown, path: Path): SchemaIssue[] {
    // In the old dialect `items` may be a list itself: one part for each place.
    if (!Array.isArray(value) || !isPlainObject(node['items']) || 'prefixItems' in node) return [];
    return value.flatMap((entry, index) => this.of(node['items'], entry, [...path, index]));
  }

  #choiceIssues(node: SchemaNode, value: unknown, path: Path): SchemaIssue[] {
    const branches = branchesOf(node);
    if (branches === undefined) return [];
    const found = branches.map((branch) => this.of(branch, value, path));
    const nearest = found.sort((a, b) => a.length - b.length)[0] ?? [];
    if (nearest.length === 0 || found.length === 1) return nearest;
    return [{ message: `fits none of the ${found.length} choices; of the nearest:`, path }, ...nearest];
  }
}

function measureIssues(node: SchemaNode, value: unknown, path: Path): SchemaIssue[] {
  return Object.entries(MEASURES).flatMap(([keyword, [measured, isWithin, words]]) => {
    const bound = node[keyword];
    const size = sizeOf(measured, value);
    if (typeof bound !== 'number' || size === undefined || isWithin(size, bound)) return [];
    const unit = measured === 'number' ? '' : ` ${measured}`;
    return [{ message: `expected ${words} ${bound}${unit}, got ${size}`, path }];
  });
}

function sizeOf(measured: Measured, value: unknown): number | undefined {
  if (measured === 'number') return typeof value === 'number' ? value : undefined;
  if (measured === 'items') return Array.isArray(value) ? value.length : undefined;
  return typeof value === 'string' ? [...value].length : undefined;
}

function got(value: unknown): string {
  return `got ${describeValue(value)}`;
}
