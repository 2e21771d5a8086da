/**
 * What strict mode makes of each keyword of JSON Schema, as data. Codex sends every schema of an output to the model with
 * `strict: true`, and the model's API refuses a request with a keyword that it does not have.
 */
import { isPlainObject } from '../support/argument-checks.js';
import { nearestName } from '../support/near-names.js';

/** Keywords by which a text, a number or a list is measured; they go out as they are. */
const MEASURES = [
  'pattern',
  'minLength',
  'maxLength',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minItems',
  'maxItems',
];

/** Keywords that go out as they are. */
const KEPT = ['$schema', 'title', 'description', 'type', 'const', 'enum', ...MEASURES];

/** Keywords whose parts are schemas, or which have a strict form of their own. */
const REWRITTEN = [
  '$ref',
  '$defs',
  'definitions',
  'properties',
  'required',
  'additionalProperties',
  'items',
  'anyOf',
  'oneOf',
  'format',
];

/** Keywords that no value is measured by; they are left out. */
const ANNOTATIONS = [
  '$comment',
  'id',
  'default',
  'example',
  'examples',
  'deprecated',
  'readOnly',
  'writeOnly',
  'discriminator',
  'contentEncoding',
  'contentMediaType',
];

/** Keywords that strict mode does not have and that only narrow: whoever validates the answer can do without. */
const NARROWING = ['minProperties', 'maxProperties', 'uniqueItems', 'contains', 'minContains', 'maxContains'];

/** Keywords that cannot be said, and what to do instead. */
const IMPOSSIBLE: Readonly<Record<string, string>> = {
  allOf: 'write the parts as one schema',
  not: 'say what is allowed instead',
  if: 'use anyOf',
  then: 'use anyOf',
  else: 'use anyOf',
  dependencies: 'use anyOf',
  dependentRequired: 'use anyOf',
  dependentSchemas: 'use anyOf',
  patternProperties: 'use an array of objects with a key and a value',
  propertyNames: 'name the keys in properties, or use an array of objects with a key and a value',
  prefixItems: 'use an object with a property for each place',
  additionalItems: 'use an object with a property for each place',
  unevaluatedItems: 'use items',
  unevaluatedProperties: 'use additionalProperties: false',
  nullable: 'use type: ["string", "null"], or anyOf with { type: "null" }',
  $id: 'use references to #/$defs',
  $anchor: 'use references to #/$defs',
  $dynamicRef: 'use references to #/$defs',
  $dynamicAnchor: 'use references to #/$defs',
  $recursiveRef: 'use references to #/$defs',
  $recursiveAnchor: 'use references to #/$defs',
};

/** The formats of strings that strict mode has. */
const STRICT_FORMATS: readonly unknown[] = [
  'date-time',
  'time',
  'date',
  'duration',
  'email',
  'hostname',
  'ipv4',
  'ipv6',
  'uuid',
];

/** What the regular expressions of strict mode do not have: a look around, or back to a group. */
const LOOKS_AROUND = /\(\?<?[=!]|\\[1-9]|\\k</;

/** Keywords that may stand beside a reference or a choice; all others would have to hold as well. */
export const BESIDE_CHOICE: ReadonlySet<string> = new Set([
  '$schema',
  'title',
  'description',
  '$defs',
  'definitions',
]);

/** What becomes of a keyword. */
export type KeywordFate = 'kept' | 'rewritten' | 'left out' | 'narrowing' | 'unknown';

const FATES: ReadonlyMap<string, KeywordFate> = new Map<string, KeywordFate>([
  ...KEPT.map((name) => [name, 'kept'] as const),
  ...REWRITTEN.map((name) => [name, 'rewritten'] as const),
  ...ANNOTATIONS.map((name) => [name, 'left out'] as const),
  ...NARROWING.map((name) => [name, 'narrowing'] as const),
]);

const KNOWN_KEYWORDS = [...FATES.keys(), ...Object.keys(IMPOSSIBLE)];

/** Shorter names are near to too many keywords. */
const SHORTEST_MISSPELT = 5;

/** What becomes of a keyword; one that JSON Schema does not have is an annotation there. */
export function fateOf(keyword: string): KeywordFate {
  return FATES.get(keyword) ?? 'unknown';
}

/**
 * Strict mode cannot say this keyword with this value, and it does no more than narrow. Several patterns of one text are
 * such: libraries write them as `allOf`.
 */
export function narrows(keyword: string, value: unknown): boolean {
  if (keyword === 'format') return !STRICT_FORMATS.includes(value);
  if (keyword === 'pattern') return LOOKS_AROUND.test(String(value));
  if (keyword !== 'allOf' || !Array.isArray(value)) return fateOf(keyword) === 'narrowing';
  const keys = value.flatMap((part: unknown) => (isPlainObject(part) ? Object.keys(part) : ['none']));
  return keys.every((key) => key === 'format' || ['kept', 'narrowing'].includes(fateOf(key)));
}

/** The keyword does no more than narrow what another one lets through, wherever it stands. */
export function measures(keyword: string): boolean {
  return keyword === 'format' || MEASURES.includes(keyword) || fateOf(keyword) === 'narrowing';
}

/** The keyword that somebody may have meant by an unknown name. */
export function meantBy(name: string): string | undefined {
  return name.length < SHORTEST_MISSPELT ? undefined : nearestName(name, KNOWN_KEYWORDS);
}

/** What to do instead of a keyword that cannot be said; undefined for all others. */
export function insteadOf(keyword: string): string | undefined {
  return Object.hasOwn(IMPOSSIBLE, keyword) ? IMPOSSIBLE[keyword] : undefined;
}
