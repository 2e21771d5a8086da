/** Texts in which a recording has masked a part. */
import { MASKED } from '../../support/secret-shapes.js';

/** Whether a text is the recorded one, with anything where that is masked. One walk, from the front. */
export function fitsMasked(recorded: string, given: string): boolean {
  const [head = '', ...pieces] = recorded.split(MASKED);
  const tail = pieces.pop();
  if (tail === undefined) return recorded === given;
  if (!given.startsWith(head)) return false;
  let end = head.length;
  for (const piece of pieces) {
    const start = given.indexOf(piece, end);
    if (start === -1) return false;
    end = start + piece.length;
  }
  return given.length - tail.length >= end && given.endsWith(tail);
}
