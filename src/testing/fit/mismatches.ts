/** The errors of a program that does not say what the tape has: what was expected, what came, and what to do. */
import { MASKED } from '../../support/secret-shapes.js';
import { maskMessage } from '../tapes/masking.js';
import type { TapeLine, TapeMessage } from '../tapes/tape.js';
import { isOfAccount } from '../tapes/tape-masking.js';
import { differenceText, lineText, messageName } from './difference-text.js';
import type { Difference } from './line-comparison.js';
import { TapeMismatchError } from './tape-mismatch-error.js';

/** The most places that a message shows. */
const MAX_SHOWN = 10;

/** What is known of the tape. */
interface TapePlace {
  /** The tape's file. */
  readonly path: string;
}

/**
 * The program sent a line that stands for none of the tape.
 * @param nearest - the recorded line that comes closest; undefined when all have come in
 */
export function strayLine(
  { path }: TapePlace,
  sent: TapeMessage,
  nearest: TapeLine | undefined,
  found: readonly Difference[],
): TapeMismatchError {
  const [line, recorded] = [nearest?.line, nearest?.message];
  const { given, differences } = withoutSecrets(sent, found);
  const text =
    recorded === undefined
      ? afterTheLast(path, given)
      : differences.length > 0 && recorded['method'] === given['method']
        ? anotherForm(`${path}:${line}`, recorded, differences)
        : anotherLine(`${path}:${line}`, recorded, given);
  return new TapeMismatchError(text, { path, line, recorded, given, differences });
}

/** The program did not send a line for which the replay waits. */
export function missingLine(
  { path }: TapePlace,
  { line, message: recorded }: TapeLine,
  stallMs: number,
): TapeMismatchError {
  const text = [
    `${path}:${line}: ${messageName(recorded)} was not sent within ${stallMs} ms, and what the server says next waits for it`,
    `- ${lineText(recorded)}`,
    'Send it, give it more time with stallMs, or record the tape anew.',
  ].join('\n');
  return new TapeMismatchError(text, { path, line, recorded, given: undefined, differences: [] });
}

/**
 * What a test prints ends up in logs: what was sent is masked as it would be on a tape. Whether a value is a secret may be told by
 * what stands around it, so a difference has it as the whole line does.
 */
function withoutSecrets(given: TapeMessage, differences: readonly Difference[]) {
  try {
    const masked = maskMessage(given, isOfAccount(String(given['method'])));
    return {
      given: masked,
      differences: differences.map((difference) => {
        if (difference.given === undefined) return difference;
        // What the tape has under another name is not found under that.
        const { value } = placeIn(masked, difference.path) ?? { value: MASKED };
        return { ...difference, given: value };
      }),
    };
  } catch {
    // Too deep to look through.
    return { given: { id: given['id'], method: given['method'] }, differences: [] };
  }
}

/** What stands at a dotted path, whose names may have dots themselves; undefined where nothing does. */
function placeIn(holder: unknown, path: string): { readonly value: unknown } | undefined {
  if (typeof holder !== 'object' || holder === null) return undefined;
  for (const [key, value] of Object.entries(holder)) {
    if (path === key) return { value };
    const found = path.startsWith(`${key}.`) ? placeIn(value, path.slice(key.length + 1)) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

function anotherForm(place: string, recorded: TapeMessage, differences: readonly Difference[]): string {
  const shown = differences.slice(0, MAX_SHOWN).map(differenceText);
  const more = differences.length - shown.length;
  return [
    `${place}: ${messageName(recorded)} was sent in another form than the tape has`,
    ...shown,
    ...(more > 0 ? [`and ${more} more`] : []),
    `Record the tape anew, or let a place differ: ignore: ['${differences[0]?.path ?? 'params'}'].`,
  ].join('\n');
}

function anotherLine(place: string, recorded: TapeMessage, given: TapeMessage): string {
  return [
    `${place}: ${messageName(given)} was sent, and the tape has ${messageName(recorded)} there`,
    `- ${lineText(recorded)}`,
    `+ ${lineText(given)}`,
    'Let the program send what it sent then, or record the tape anew.',
  ].join('\n');
}

function afterTheLast(path: string, given: TapeMessage): string {
  return [
    `${path}: ${messageName(given)} was sent, and all lines of the tape had come in`,
    `+ ${lineText(given)}`,
    'Let the program send what it sent then, or record the tape anew.',
  ].join('\n');
}
