/** What callers hand over, as JSON text, made and checked when the call is made: before anything is sent. */
import { describeValue, rejectArgument } from './argument-checks.js';
import { InvalidArgumentError } from './errors.js';

/**
 * The JSON text of request params: `{}` when none are given, because the server insists on the member.
 * @throws InvalidArgumentError when they are neither an object nor null, or cannot be JSON
 */
export function paramsText(argument: string, params: unknown): string {
  if (params === undefined) return '{}';
  if (typeof params !== 'object' || Array.isArray(params)) rejectArgument(argument, params, 'an object');
  const text = jsonText(argument, params);
  // An object can turn itself into something else: a Date is a text in JSON.
  if (text !== 'null' && !text.startsWith('{')) rejectArgument(argument, text, 'what is an object in JSON');
  return text;
}

/**
 * The JSON text of any value.
 * @throws InvalidArgumentError when the value cannot be JSON, or holds a number that JSON cannot carry
 */
export function jsonText(argument: string, value: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (cause) {
    const message = `${argument}: expected a value that JSON can hold, got ${describeValue(value)}: ${String(cause)}`;
    throw new InvalidArgumentError(argument, message, { cause });
  }
  if (text === undefined) rejectArgument(argument, value, 'a value that JSON can hold');
  // JSON.stringify writes NaN and Infinity as null, so only a text with a null is worth a second look.
  if (text.includes('null')) checkNumbers(argument, value);
  return text;
}

/** @throws InvalidArgumentError that names the place of a number which is not finite */
function checkNumbers(argument: string, value: unknown): void {
  const places = new Map<unknown, string>();
  JSON.stringify(value, function (this: unknown, key: string, entry: unknown): unknown {
    const holder = places.get(this);
    const place = holder === undefined ? argument : `${holder}${memberPlace(this, key)}`;
    const isNumber = typeof entry === 'number' || entry instanceof Number;
    if (isNumber && !Number.isFinite(Number(entry))) rejectArgument(place, Number(entry), 'a finite number');
    if (typeof entry === 'object' && entry !== null) places.set(entry, place);
    return entry;
  });
}

function memberPlace(holder: unknown, key: string): string {
  return Array.isArray(holder) ? `[${key}]` : `.${key}`;
}
