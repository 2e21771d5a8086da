/** Bytes of a log as lines: at any chunking, and cut between characters where a line is too long. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LogLineSplitter } from '../../../src/app-server/stderr/log-line-splitter.js';

describe('splitting', () => {
  it('any bytes in any chunks give the lines of the whole text', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'é', '😀', '\n', '\r\n', '\u2028', '\u001b') });
    fc.assert(
      fc.property(text, fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1 }), (whole, sizes) => {
        const bytes = Buffer.from(whole);
        const splitter = new LogLineSplitter(1_000_000);
        const lines: string[] = [];
        for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
          const size = sizes[turn % sizes.length] ?? 1;
          splitter.push(bytes.subarray(at, at + size), (line) => lines.push(line));
          at += size;
        }
        const rest = splitter.takeRest();
        const expected = whole.split(/\r?\n/);
        const last = expected.pop();
        expect(lines).toEqual(expected);
        expect(rest ?? '').toBe(last);
      }),
    );
  });

  it('cuts a line between characters, not inside one', () => {
    const splitter = new LogLineSplitter(5);
    const lines: string[] = [];
    splitter.push(Buffer.from('aé€😀\nabcde\n'), (line) => lines.push(line));
    expect(lines).toEqual(['aé... [5 more bytes]', 'abcde']);
  });
});
