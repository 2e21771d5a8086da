/**
 * Checks for options and parameters. Each check throws an `InvalidArgumentError` whose message names
 * the argument, the value that was given and what was expected. It never coerces, and it never shows
 * more than the start of a value, so that a long or secret text does not end up in a log.
 */
import { MAX_TIMEOUT_MS } from './defaults.js';
import { InvalidArgumentError } from './errors.js';
import { nearestName } from './near-names.js';

/** A short, safe picture of a value for an error message. */
export function describeValue(value: unknown): string {
  if (typeof value === 'string')
    return value.length > 60 ? `${JSON.stringify(value.slice(0, 60))}...` : JSON.stringify(value);
  if (typeof value === 'function') return 'a function';
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === 'object' && value !== null)
    return `an object with keys [${Object.keys(value).slice(0, 8).join(', ')}]`;
  return String(value);
}

/** Throws the error for `argument`. @throws InvalidArgumentError always. */
export function rejectArgument(argument: string, value: unknown, expected: string): never {
  throw new InvalidArgumentError(argument, `${argument}: expected ${expected}, got ${describeValue(value)}`);
}

/** A plain object: not null, not an array, not an instance of a class. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** A member of what may be an object, such as an answer of the server; undefined when it is none. */
export function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

/** @throws InvalidArgumentError when `value` is not an object, or has a key that is not in `known`. */
export function checkKnownKeys(argument: string, value: unknown, known: readonly string[]): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    rejectArgument(argument, value, 'an object');
  for (const key of Object.keys(value)) if (!known.includes(key)) rejectName(argument, key, known);
}

/** Throws the error for a key of `argument` that is none of the known ones. @throws InvalidArgumentError always. */
export function rejectName(argument: string, key: string, known: readonly string[]): never {
  const near = nearestName(key, known);
  const names = known.length === 0 ? 'it takes none' : `known names: ${known.join(', ')}`;
  const hint = near === undefined ? names : `did you mean "${near}"?`;
  throw new InvalidArgumentError(`${argument}.${key}`, `${argument}.${key}: unknown name; ${hint}`);
}

/** Limits for a number option. */
export interface NumberRange {
  readonly min: number;
  readonly max?: number;
  /** What the number means, for the message, for example `milliseconds`. */
  readonly unit: string;
}

/** @throws InvalidArgumentError when `value` is neither undefined nor a whole number in the range. */
export function checkWholeNumber(argument: string, value: unknown, range: NumberRange): void {
  if (value === undefined) return;
  const max = range.max ?? Number.MAX_SAFE_INTEGER;
  if (typeof value === 'number' && Number.isInteger(value) && value >= range.min && value <= max) return;
  const upTo = range.max === undefined ? `${range.min} or more` : `${range.min} to ${range.max}`;
  rejectArgument(argument, value, `a whole number of ${range.unit}, ${upTo}`);
}

/** @throws InvalidArgumentError when `value` is neither undefined nor milliseconds that a timer can hold. */
export function checkTimeLimit(argument: string, value: unknown): void {
  checkWholeNumber(argument, value, { min: 0, max: MAX_TIMEOUT_MS, unit: 'milliseconds' });
}

/** @throws InvalidArgumentError when `value` is neither undefined nor a non-empty string. */
export function checkText(argument: string, value: unknown): void {
  if (value === undefined || (typeof value === 'string' && value !== '')) return;
  rejectArgument(argument, value, 'a non-empty string');
}

/** @throws InvalidArgumentError when `value` is no non-empty string. */
export function checkRequiredText(argument: string, value: unknown): void {
  if (value === undefined) rejectArgument(argument, value, 'a non-empty string');
  checkText(argument, value);
}

/** @throws InvalidArgumentError when `value` is neither undefined nor a boolean. */
export function checkBoolean(argument: string, value: unknown): void {
  if (value === undefined || typeof value === 'boolean') return;
  rejectArgument(argument, value, 'true or false');
}

/** @throws InvalidArgumentError when `value` is neither undefined nor an array of strings. */
export function checkTextList(argument: string, value: unknown): void {
  if (value === undefined) return;
  if (Array.isArray(value) && value.every((entry) => typeof entry === 'string')) return;
  rejectArgument(argument, value, 'an array of strings');
}

/** @throws InvalidArgumentError when `value` is neither undefined nor an `AbortSignal`. */
export function checkSignal(argument: string, value: unknown): void {
  if (value === undefined || value instanceof AbortSignal) return;
  rejectArgument(argument, value, 'an AbortSignal');
}
