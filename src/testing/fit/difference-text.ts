/** Recorded and given values as lines of a diff, cut to what a reader needs: the place where they part, and some of each. */
import type { TapeMessage } from '../tapes/tape.js';
import type { Difference } from './line-comparison.js';

/** How much of a value is shown. */
const MAX_CHARS = 160;
/** How much of what two values have in common is shown before they part. */
const BEFORE_CHARS = 40;

/** A difference: its place, and both values below each other, aligned. */
export function differenceText({ path, recorded, given, reason }: Difference): string {
  const [before, after] = [jsonOf(recorded), jsonOf(given)];
  const isShort = Math.max(before.length, after.length) <= MAX_CHARS;
  const start = isShort ? 0 : Math.max(0, commonStart(before, after) - BEFORE_CHARS);
  const why = reason === undefined ? '' : `\n    ${reason}`;
  return `  ${path}\n  - ${excerpt(before, start)}\n  + ${excerpt(after, start)}${why}`;
}

/** What a message is, in a word or two. */
export function messageName({ id, method }: TapeMessage): string {
  if (typeof method === 'string') return method;
  return id === undefined ? 'a line that is no message' : `the answer to request ${JSON.stringify(id)}`;
}

/** A whole line: its method, and the start of what it holds. */
export function lineText(message: TapeMessage): string {
  const { id: _, method, params = {}, ...rest } = message;
  return typeof method === 'string' ? `${method} ${excerpt(jsonOf(params), 0)}` : excerpt(jsonOf(rest), 0);
}

function jsonOf(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}

function excerpt(text: string, start: number): string {
  const cut = text.slice(start, start + MAX_CHARS);
  return `${start > 0 ? '...' : ''}${cut}${start + cut.length < text.length ? '...' : ''}`;
}

/** How many signs two texts have in common before they part, or before the first of them ends. */
function commonStart(one: string, other: string): number {
  const most = Math.min(one.length, other.length);
  let length = 0;
  while (length < most && one[length] === other[length]) length += 1;
  return length;
}
