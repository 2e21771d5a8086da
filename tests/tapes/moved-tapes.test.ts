/** Every tape on another machine: its program fits in another folder, and the server's lines have that folder then. */
import { expect, test } from 'vitest';
import { LineFit } from '../../src/testing/fit/line-fit.js';
import type { TapeMessage } from '../../src/testing/tapes/tape.js';
import { CWD } from './places.js';
import { tapedFlows } from './tapes.js';

const PLACES = ['/tmp/other/place', '/home/me', 'D:\\work\\bot'];

/** A message as a program in another folder would have it: every path in it is below that folder. */
function movedTo(place: string, message: TapeMessage): TapeMessage {
  return JSON.parse(JSON.stringify(message), (_, value: unknown) => {
    if (typeof value !== 'string' || !`${value}/`.startsWith(`${CWD}/`)) return value;
    const below = value.slice(CWD.length);
    return place + (place.includes('\\') ? below.replaceAll('/', '\\') : below);
  });
}

test.each(tapedFlows())('L23 $name fits in any folder', ({ tape }) => {
  for (const place of PLACES) {
    const fit = new LineFit([]);
    for (const line of tape.lines) {
      if (line.kind === 'sent') expect(fit.fit(line.message, movedTo(place, line.message))).toEqual([]);
      if (line.kind === 'received') expect(fit.translate(line.message)).toEqual(movedTo(place, line.message));
    }
  }
});
