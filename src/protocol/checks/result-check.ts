/**
 * Checks an answer to a server request: its keys, and the decision where the protocol has a list of them. The server takes
 * an answer that it cannot read for a refusal, and says so nowhere.
 */
import { isPlainObject, rejectArgument, rejectName } from '../../support/argument-checks.js';
import { resultChoicesOf } from './known-names.js';

/**
 * Passes every answer to a request that the types do not know.
 * @param argument - what the answer is called where the caller wrote it
 * @throws InvalidArgumentError when the protocol has no such answer to the request
 */
export function checkResult(argument: string, method: string, result: unknown): void {
  const choices = resultChoicesOf(method);
  // What is no JSON at all is refused where it is written.
  if (choices === undefined || result === undefined) return;
  const keys = Object.keys(choices);
  if (!isPlainObject(result) || Object.keys(result).length === 0)
    rejectArgument(argument, result, expectedAnswer(method, result, choices));
  if ('toJSON' in result) return;
  for (const key of Object.keys(result)) if (!keys.includes(key)) rejectName(argument, key, keys);
  for (const [key, value] of Object.entries(result))
    checkChoice(`${argument}.${key}`, value, choices[key] ?? []);
}

function checkChoice(argument: string, value: unknown, choices: readonly string[]): void {
  if (choices.length === 0 || value === undefined) return;
  if (typeof value === 'string' && choices.includes(value)) return;
  const key = isPlainObject(value) ? Object.keys(value) : [];
  if (key.length === 1 && choices.includes(`{${key[0]}}`)) return;
  rejectArgument(argument, value, `one of ${choices.map(shown).join(', ')}`);
}

function expectedAnswer(
  method: string,
  result: unknown,
  choices: Readonly<Record<string, readonly string[]>>,
): string {
  const [[first = '', values = []] = []] = Object.entries(choices);
  const isChoice = typeof result === 'string' && values.includes(result);
  const value = isChoice ? JSON.stringify(result) : values.length === 0 ? '...' : JSON.stringify(values[0]);
  return `an object that answers ${method}, such as { ${first}: ${value} }`;
}

/** A choice as it is written: a text in quotes, an object by its key. */
function shown(choice: string): string {
  return choice.startsWith('{') ? `{ ${choice.slice(1, -1)}: ... }` : JSON.stringify(choice);
}
