/**
 * Writes a `config` object as `-c key=TOML` arguments. Codex splits the part before `=` at every dot and does not know
 * quotes there, so tables are written as dotted keys only while their keys are bare, and as inline TOML tables
 * otherwise (`projects={"/a.b"={...}}`); it merges both into `config.toml` alike.
 *
 * Nothing leaves here that is not valid TOML 1.0: codex would take it for a string, without a word.
 */
import { describeValue, isPlainObject } from '../../support/argument-checks.js';
import { CONFIG_MAX_DEPTH } from '../../support/defaults.js';
import { InvalidArgumentError } from '../../support/errors.js';
import type { ConfigObject } from './server-options.js';

const BARE_KEY = /^[A-Za-z0-9_-]+$/;
const EXPECTED = 'a string, a finite number, true, false, an array or a plain object';

/**
 * The arguments for codex, in the order of the object's keys: `{ a: { b: 1 } }` becomes `['-c', 'a.b=1']`.
 *
 * @throws InvalidArgumentError when a key or value has no place in TOML; the error names its path.
 */
export function configToArgs(config: ConfigObject): string[] {
  if (!isPlainObject(config)) reject('options.config', config, 'a plain object');
  for (const key of Object.keys(config)) {
    if (BARE_KEY.test(key)) continue;
    const message = `options.config: the setting ${describeValue(key)} has no name codex knows; a setting's name holds letters, digits, "_" and "-", and nested settings are nested objects, for example {a: {b: 1}} for a.b`;
    throw new InvalidArgumentError('options.config', message);
  }
  return dottedOverrides(config, []).flatMap((override) => ['-c', override]);
}

function dottedOverrides(table: Readonly<Record<string, unknown>>, path: readonly string[]): string[] {
  return Object.entries(table).flatMap(([key, value]) => {
    const keys = [...path, key];
    if (isPlainObject(value) && keys.length < CONFIG_MAX_DEPTH && hasBareKeysOnly(value))
      return dottedOverrides(value, keys);
    return [`${keys.join('.')}=${tomlValue(value, ['options.config', ...keys].join('.'), keys.length)}`];
  });
}

/** An empty table has no dotted keys to stand for it, so it is written inline. */
function hasBareKeysOnly(table: Readonly<Record<string, unknown>>): boolean {
  const keys = Object.keys(table);
  return keys.length > 0 && keys.every((key) => BARE_KEY.test(key));
}

function tomlValue(value: unknown, path: string, depth: number): string {
  if (typeof value === 'string') return tomlString(value, path);
  if (typeof value === 'number') return tomlNumber(value, path);
  if (typeof value === 'boolean') return String(value);
  if (depth >= CONFIG_MAX_DEPTH && typeof value === 'object')
    reject(path, value, `at most ${CONFIG_MAX_DEPTH} levels of nesting (does the object contain itself?)`);
  if (Array.isArray(value)) return tomlArray(value, path, depth);
  if (isPlainObject(value)) return tomlTable(value, path, depth);
  return reject(path, value, EXPECTED);
}

function tomlArray(array: readonly unknown[], path: string, depth: number): string {
  // Array.from visits the holes of a sparse array too, which map() would skip.
  const entries = Array.from(array, (entry, index) => tomlValue(entry, `${path}[${index}]`, depth + 1));
  return `[${entries.join(', ')}]`;
}

function tomlTable(table: Readonly<Record<string, unknown>>, path: string, depth: number): string {
  const entries = Object.entries(table).map(([key, entry]) => {
    const entryPath = `${path}.${BARE_KEY.test(key) ? key : JSON.stringify(key)}`;
    return `${tomlKey(key, path)}=${tomlValue(entry, entryPath, depth + 1)}`;
  });
  return `{${entries.join(', ')}}`;
}

function tomlKey(key: string, path: string): string {
  return BARE_KEY.test(key) ? key : tomlString(key, `${path} (a key of it)`);
}

function tomlNumber(value: number, path: string): string {
  if (!Number.isFinite(value)) reject(path, value, EXPECTED);
  if (Number.isSafeInteger(value)) return String(value);
  const digits = String(value);
  // Beyond 64 bits an integer is no TOML: what JavaScript holds there is a float, so it is written as one.
  return /[.e]/.test(digits) ? digits : `${digits}.0`;
}

function tomlString(value: string, path: string): string {
  if (/\p{Surrogate}/u.test(value))
    throw new InvalidArgumentError(path, `${path}: expected well-formed text, got half of a surrogate pair`);
  // JSON's escapes are TOML's, but for DEL, which JSON leaves as it is and TOML forbids.
  return JSON.stringify(value).replaceAll('\u007f', '\\u007f');
}

function reject(path: string, value: unknown, expected: string): never {
  throw new InvalidArgumentError(path, `${path}: expected ${expected}, got ${describeConfigValue(value)}`);
}

/** Settings can be secrets: nothing of an object is shown but what it is. */
function describeConfigValue(value: unknown): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return describeValue(value);
  return isPlainObject(value) ? 'a nested object' : `an instance of ${value.constructor.name}`;
}
